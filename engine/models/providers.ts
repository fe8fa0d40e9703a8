import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { arch, cpus, hostname, platform, release } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { HeirloomError } from '../../contract/errors.ts';
import { providerSchema } from '../../contract/restore.ts';
import type { Provider, ProviderChoice } from '../../contract/restore.ts';
import { say } from '../../contract/sentences.ts';
import type { Pack } from './manifest.ts';
import { largestDifference, probeProvider } from './probe.ts';
import type { ProbeResult } from './probe.ts';
import { RUNTIME_VERSION, supportedProviders } from './sessions.ts';

/** Largest difference from the golden output, and from the CPU's x0_hat, that a provider may have. */
const TOLERANCE = 1e-2;
const DEFAULT_PROBE_LIMIT = 30_000;

const concreteProviderSchema = providerSchema.exclude(['auto']);

const reportSchema = z.object({
  chosen: concreteProviderSchema,
  reasons: z.array(
    z.object({
      provider: concreteProviderSchema,
      /** It works here and agrees with the golden output. */
      ok: z.boolean(),
      /** One call of the denoiser. */
      milliseconds: z.number().optional(),
      maxDifference: z.number().optional(),
      /** Why it was taken or not, for a person. */
      reason: z.string(),
    }),
  ),
});

/** Which provider was taken, and for each why or why not. */
export type ProviderReport = z.infer<typeof reportSchema>;
type ProviderReason = ProviderReport['reasons'][number];

export interface ProviderOptions {
  /** Folder where choices are remembered for this machine; it is made where missing. */
  cacheDir: string;
  /** Time that one provider's probe may take, in milliseconds. */
  probeLimit?: number;
}

/**
 * Chooses the provider for a pack. `auto` probes every provider with the pack's golden input, each in its own
 * process, and takes the fastest that agrees within 1e-2; a named one is probed alone. The report is remembered for
 * this pack and its folder, onnxruntime and machine.
 * Throws `provider/unavailable` where the named provider does not work here, and `pack/invalid` where not even the
 * CPU gives the golden output.
 * @example (await chooseProvider(pack, 'auto', { cacheDir })).chosen; // 'cpu'
 */
export async function chooseProvider(
  pack: Pack,
  choice: ProviderChoice,
  { cacheDir, probeLimit = DEFAULT_PROBE_LIMIT }: ProviderOptions,
): Promise<ProviderReport> {
  const file = path.join(cacheDir, `provider-${memoryKey(pack, choice)}.json`);
  const remembered = await recall(file);
  if (remembered) return remembered;
  const report =
    choice === 'auto' ? await probeAll(pack, probeLimit) : await probeOne(pack, choice, probeLimit);
  await remember(file, report);
  return report;
}

async function probeOne(pack: Pack, provider: Provider, limit: number): Promise<ProviderReport> {
  const supported = supportedProviders();
  if (!supported.includes(provider)) {
    throw unavailable(provider, say('runtime_has', { providers: supported.join(', ') }));
  }
  const result = judge(provider, await probeProvider({ pack, provider }, limit));
  if (!result.ok) throw unavailable(provider, result.reason);
  return {
    chosen: provider,
    reasons: [{ ...result, reason: say('provider_asked', { reason: result.reason }) }],
  };
}

function unavailable(provider: Provider, why: string): HeirloomError {
  return new HeirloomError('provider/unavailable', say('provider_unusable', { provider, reason: why }));
}

async function probeAll(pack: Pack, limit: number): Promise<ProviderReport> {
  const cpu = await probeProvider({ pack, provider: 'cpu' }, Math.max(limit, DEFAULT_PROBE_LIMIT));
  const cpuReason = judge('cpu', cpu);
  if (!cpu.ok || !cpuReason.ok) {
    throw new HeirloomError(
      'pack/invalid',
      say('pack_fails', { id: pack.manifest.id, reason: cpuReason.reason }),
    );
  }
  const reasons = [cpuReason];
  for (const provider of concreteProviderSchema.options.filter((name) => name !== 'cpu')) {
    reasons.push(await probeAgainst(cpu.measurement.x0Hat, pack, provider, limit));
  }
  return compare(reasons);
}

async function probeAgainst(
  x0Hat: Float32Array,
  pack: Pack,
  provider: Provider,
  limit: number,
): Promise<ProviderReason> {
  if (!supportedProviders().includes(provider)) return { provider, ok: false, reason: say('runtime_lacks') };
  return judge(provider, await probeProvider({ pack, provider }, limit), x0Hat);
}

/** Turns a probe's result into a reason; with the CPU's x0_hat, the denoiser has to agree too. */
function judge(provider: Provider, result: ProbeResult, x0Hat?: Float32Array): ProviderReason {
  if (!result.ok) return { provider, ok: false, reason: result.reason };
  const { milliseconds, ...measured } = result.measurement;
  const fromCpu = x0Hat ? largestDifference(measured.x0Hat, x0Hat) : 0;
  const maxDifference = Math.max(measured.maxDifference, fromCpu);
  const ok = maxDifference <= TOLERANCE;
  const speed = say('provider_speed', { milliseconds: milliseconds.toFixed(1) });
  const difference = say('provider_differs', {
    difference: maxDifference.toPrecision(2),
    allowed: TOLERANCE,
  });
  return { provider, ok, milliseconds, maxDifference, reason: ok ? speed : difference };
}

function compare(reasons: ProviderReason[]): ProviderReport {
  const usable = reasons.filter(({ ok }) => ok);
  const fastest = usable.reduce((best, reason) =>
    reason.milliseconds! < best.milliseconds! ? reason : best,
  );
  return { chosen: fastest.provider, reasons: reasons.map((reason) => explain(reason, fastest)) };
}

function explain(reason: ProviderReason, fastest: ProviderReason): ProviderReason {
  if (!reason.ok) return reason;
  if (reason === fastest) return { ...reason, reason: say('provider_fastest', { reason: reason.reason }) };
  const slower = say('provider_slower', { provider: fastest.provider, reason: reason.reason });
  return { ...reason, reason: slower };
}

function memoryKey(pack: Pack, choice: ProviderChoice): string {
  const machine = [hostname(), platform(), release(), arch(), cpus().length, cpus()[0]?.model];
  const driver = process.env.VK_ICD_FILENAMES;
  // The reasons may name files of the pack: another installation's would mislead.
  const what = JSON.stringify([
    ...[pack.manifest.id, pack.hash, pack.dir],
    ...[RUNTIME_VERSION, machine, driver, choice],
  ]);
  return createHash('sha256').update(what).digest('hex').slice(0, 16);
}

/** A remembered report, or undefined where there is none or the file is not one. */
async function recall(file: string): Promise<ProviderReport | undefined> {
  try {
    return reportSchema.safeParse(JSON.parse(await readFile(file, 'utf8'))).data;
  } catch {
    return undefined;
  }
}

/** A cache that cannot be written costs the next start a probe, and nothing else. */
async function remember(file: string, report: ProviderReport): Promise<void> {
  const temporary = `${file}.${process.pid}`;
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(temporary, JSON.stringify(report, null, 2));
    await rename(temporary, file);
  } catch {
    return;
  }
}
