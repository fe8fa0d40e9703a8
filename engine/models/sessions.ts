import { availableParallelism } from 'node:os';
import path from 'node:path';
import { HeirloomError } from '../../contract/errors.ts';
import type { Provider } from '../../contract/restore.ts';
import { say } from '../../contract/sentences.ts';
import { MAX_GUIDES } from '../method/guidance.ts';
import { GRID_SIZE } from '../method/regions.ts';
import type { GuidedInput, GuidedOutput, Networks, Restored } from '../method/types.ts';
import type { Pack } from './manifest.ts';
import { env, InferenceSession, listSupportedBackends, Tensor } from './onnxruntime.ts';
import { restoreThrough, type Restorer } from './restorer.ts';

/** The networks of an open pack. Each graph is loaded at its first call, once; a failed load is forgotten. */
export interface PackSessions extends Networks {
  readonly provider: Provider;
  /** Frees every loaded graph; calls after it load again. */
  release(): Promise<void>;
}

export interface SessionOptions {
  provider: Provider;
  /** CPU threads; absent: every core. */
  threads?: number;
}

type Graph = 'restoration' | 'estimator' | 'denoiser' | 'denoiserGuided' | 'dgsa';
type Shape = readonly number[];
interface Signature {
  inputs: Record<string, Shape>;
  outputs: Record<string, Shape>;
  /** Inputs and outputs that a graph may lack. */
  optional?: Record<string, Shape>;
}

/** Names and shapes of every graph at size S; RM's are its own where it is another maker's. */
function signatures({ resolution: size, restorer, stdKnots }: Pack['manifest']): Record<Graph, Signature> {
  const picture = [1, 3, size, size];
  const guides = { y: [MAX_GUIDES, 3, size, size], h: [MAX_GUIDES, size], w: [MAX_GUIDES] };
  return {
    restoration: restorer
      ? restorerSignature(restorer)
      : { ...restorerSignature({ ...OWN_RESTORER, size }), optional: { disagreement: picture } },
    estimator: {
      inputs: { y: picture },
      outputs: { std: [1], tm: picture },
      optional: {
        restored: picture,
        disagreement: picture,
        grid: [1, GRID_SIZE, GRID_SIZE],
        error: [1],
        ...(stdKnots && { curve: [1, stdKnots.length] }),
      },
    },
    denoiser: { inputs: { x_t: picture, t: [1] }, outputs: { x0_hat: picture } },
    denoiserGuided: {
      inputs: { x_t: picture, t: [1], abar: [1], ...guides },
      outputs: { x0_hat: picture, grad: picture, loss: [1] },
    },
    dgsa: { inputs: { y1: picture, x0_hat: picture, t: [1] }, outputs: { a: picture } },
  };
}

/** RM of a pack that was trained with the rest. */
const OWN_RESTORER = { input: 'y', output: 'x', range: 'unit' } as const;

function restorerSignature({ input, output, size }: Restorer): Signature {
  const picture = [1, 3, size, size];
  return { inputs: { [input]: picture }, outputs: { [output]: picture } };
}

/** Version of onnxruntime, for reports and remembered choices. */
export const RUNTIME_VERSION = env.versions.node ?? env.versions.common;

/** The providers that this build of onnxruntime knows, CPU first. */
export function supportedProviders(): Provider[] {
  const names = new Set(listSupportedBackends().map(({ name }) => name));
  return (['cpu', 'webgpu', 'cuda', 'dml', 'coreml'] as const).filter((provider) => names.has(provider));
}

/**
 * Opens a pack's networks on a provider. Nothing is loaded yet.
 * Throws `provider/unavailable` for a provider that onnxruntime does not have here. The calls throw
 * `provider/unavailable` (another provider than the CPU failed at loading or running, see `isProviderFailure`),
 * `pack/invalid` (not a graph, or another S) and `face/failed` (the run itself failed on the CPU).
 * @example const sessions = openPackSessions(pack, { provider: 'cpu' }); const x = await sessions.restoration(y);
 */
export function openPackSessions(pack: Pack, { provider, threads }: SessionOptions): PackSessions {
  expectSupported(provider);
  const size = pack.manifest.resolution;
  const graphs = new GraphLoader(pack, {
    executionProviders: [provider],
    intraOpNumThreads: threads ?? availableParallelism(),
    logSeverityLevel: 3,
  });
  const picture = (data: Float32Array) => new Tensor('float32', data, [1, 3, size, size]);
  return {
    provider,
    restoration: restorationOf(graphs, pack.manifest),
    estimator: async (y, restored) => {
      // SE knows the pictures of its own RM; of another's it was taught to see y, and no disagreement.
      const seen: Restored = pack.manifest.restorer ? { picture: y } : restored;
      const feeds = {
        y: picture(y),
        restored: picture(seen.picture),
        disagreement: picture(seen.disagreement ?? new Float32Array(y.length)),
      };
      const { std, tm, grid, error, curve } = await graphs.run('estimator', feeds);
      // What SE expects of its own RM says nothing of another's.
      const knots = pack.manifest.restorer ? undefined : pack.manifest.stdKnots;
      return {
        std: std![0]!,
        tm: tm!,
        grid,
        error: error?.[0],
        ...(knots && curve && { curve: { knots, log10: curve } }),
      };
    },
    denoiser: async (xt, t) => (await graphs.run('denoiser', { x_t: picture(xt), t: scalar(t) })).x0_hat!,
    guided: async (input) => toGuidedOutput(await graphs.run('denoiserGuided', guidedFeeds(input, size))),
    dgsa: async (y1, x0Hat, t) =>
      (await graphs.run('dgsa', { y1: picture(y1), x0_hat: picture(x0Hat), t: scalar(t) })).a!,
    release: () => graphs.release(),
  };
}

function restorationOf(graphs: GraphLoader, { restorer, resolution }: Pack['manifest']) {
  const { input, output, size, range } = restorer ?? { ...OWN_RESTORER, size: resolution };
  const run = (picture: Float32Array) =>
    graphs.run('restoration', { [input]: new Tensor('float32', picture, [1, 3, size, size]) });
  if (restorer) {
    const picture = async (input: Float32Array) => (await run(input))[output]!;
    return async (y: Float32Array): Promise<Restored> => ({
      picture: await restoreThrough({ size, range }, y, picture),
    });
  }
  return async (y: Float32Array): Promise<Restored> => {
    const { [output]: picture, disagreement } = await run(y);
    return { picture: picture!, disagreement };
  };
}

function expectSupported(provider: Provider): void {
  const supported = supportedProviders();
  if (supported.includes(provider)) return;
  throw new HeirloomError(
    'provider/unavailable',
    `${provider} is not in this onnxruntime, which has ${supported.join(', ')}`,
  );
}

function scalar(value: number): Tensor {
  return new Tensor('float32', [value], [1]);
}

/** Guides are padded to the graph's four with zeros of weight 0. */
function guidedFeeds({ xt, t, alphaBar, guides }: GuidedInput, size: number): Record<string, Tensor> {
  const y = new Float32Array(MAX_GUIDES * xt.length);
  const h = new Float32Array(MAX_GUIDES * size);
  const w = new Float32Array(MAX_GUIDES);
  for (const [i, { image, transfer, weight }] of guides.entries()) {
    y.set(image, i * xt.length);
    h.set(transfer, i * size);
    w[i] = weight;
  }
  return {
    x_t: new Tensor('float32', xt, [1, 3, size, size]),
    t: scalar(t),
    abar: scalar(alphaBar),
    y: new Tensor('float32', y, [MAX_GUIDES, 3, size, size]),
    h: new Tensor('float32', h, [MAX_GUIDES, size]),
    w: new Tensor('float32', w, [MAX_GUIDES]),
  };
}

function toGuidedOutput({ x0_hat, grad, loss }: Record<string, Float32Array>): GuidedOutput {
  return { x0Hat: x0_hat!, gradient: grad!, loss: loss![0]! };
}

/** Loads each graph of a pack at most once, checks it, and runs it. */
class GraphLoader {
  readonly #pack: Pack;
  readonly #options: InferenceSession.SessionOptions;
  readonly #signatures: Record<Graph, Signature>;
  readonly #loads = new Map<Graph, Promise<InferenceSession>>();

  constructor(pack: Pack, options: InferenceSession.SessionOptions) {
    this.#pack = pack;
    this.#options = options;
    this.#signatures = signatures(pack.manifest);
  }

  async run(graph: Graph, feeds: Record<string, Tensor>): Promise<Record<string, Float32Array>> {
    const session = await this.#load(graph);
    const known = Object.entries(feeds).filter(([name]) => session.inputNames.includes(name));
    const outputs = await session.run(Object.fromEntries(known)).catch((cause: unknown) => {
      if (this.#provider !== 'cpu') throw providerFailure(this.#provider, this.#file(graph), cause);
      throw new HeirloomError(
        'face/failed',
        say('network_failed', { graph: this.#file(graph), reason: reason(cause) }),
        {},
        { cause },
      );
    });
    return Object.fromEntries(
      Object.entries(outputs).map(([name, { data }]) => [name, data as Float32Array]),
    );
  }

  async release(): Promise<void> {
    const loads = [...this.#loads.values()];
    this.#loads.clear();
    for (const load of await Promise.allSettled(loads)) {
      if (load.status === 'fulfilled') await load.value.release();
    }
  }

  get #provider(): Provider {
    return (this.#options.executionProviders as [Provider])[0];
  }

  #file(graph: Graph): string {
    return this.#pack.manifest.files[graph].name;
  }

  #load(graph: Graph): Promise<InferenceSession> {
    const known = this.#loads.get(graph);
    if (known) return known;
    const load = this.#create(graph);
    this.#loads.set(graph, load);
    load.catch(() => this.#loads.delete(graph));
    return load;
  }

  async #create(graph: Graph): Promise<InferenceSession> {
    const file = path.join(this.#pack.dir, this.#file(graph));
    const session = await InferenceSession.create(file, this.#options).catch((cause: unknown) => {
      const provider = this.#provider;
      if (provider !== 'cpu') throw providerFailure(provider, `loading ${file}`, cause);
      const message = say('provider_cannot_load', { provider, path: file, reason: reason(cause) });
      throw new HeirloomError('pack/invalid', message, {}, { cause });
    });
    expectSignature(session, this.#signatures[graph], file);
    return session;
  }
}

/** What another provider may still do. */
function providerFailure(provider: Provider, what: string, cause: unknown): HeirloomError {
  const message = say('provider_failed', { provider, what, reason: reason(cause) });
  return new HeirloomError('provider/unavailable', message, { failed: provider }, { cause });
}

/** Whether a provider that worked at first failed in the middle: a driver's reset, no memory left on the card. */
export function isProviderFailure(error: unknown): error is HeirloomError {
  return error instanceof HeirloomError && error.details['failed'] !== undefined;
}

/** Compares a loaded graph with what the pack's size asks for; a symbolic dimension fits any number. */
function expectSignature(
  session: InferenceSession,
  { inputs, outputs, optional = {} }: Signature,
  file: string,
): void {
  const of = (names: readonly string[]) =>
    Object.fromEntries(Object.entries(optional).filter(([name]) => names.includes(name)));
  expectTensors(session.inputMetadata, { ...inputs, ...of(session.inputNames) }, `${file}: input`);
  expectTensors(session.outputMetadata, { ...outputs, ...of(session.outputNames) }, `${file}: output`);
}

function expectTensors(
  metadata: readonly InferenceSession.ValueMetadata[],
  expected: Record<string, Shape>,
  where: string,
): void {
  for (const [name, shape] of Object.entries(expected)) {
    const found = metadata.find((value) => value.name === name);
    if (!found?.isTensor) throw new HeirloomError('pack/invalid', `${where} ${name} is missing`);
    if (found.type !== 'float32' || !fits(found.shape, shape)) {
      const actual = `${found.type} ${found.shape.join(' x ')}`;
      throw new HeirloomError(
        'pack/invalid',
        `${where} ${name}: expected float32 ${shape.join(' x ')} but found ${actual}`,
      );
    }
  }
}

function fits(found: readonly (number | string)[], shape: Shape): boolean {
  return found.length === shape.length && found.every((n, i) => typeof n === 'string' || n === shape[i]);
}

function reason(cause: unknown): string {
  return (cause instanceof Error ? cause.message : String(cause)).trim();
}
