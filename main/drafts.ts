import type { ApiEvent, ApiHandlers, ApiParams, ApiResult, Draft } from '../contract/api.ts';
import type { DraftResult, EngineEvent, KnownFace } from '../contract/engine.ts';
import { HeirloomError } from '../contract/errors.ts';
import type { Engine } from './engines.ts';
import type { Models } from './jobs/restore-job.ts';

/** What drafts need of the library. */
export interface DraftLibrary {
  originalFile(photoId: number): Promise<string>;
  /** `index`: place in the photo's reading order, from 0. Throws `library/not-found`. */
  faceForDraft(faceId: number): { photoId: number; index: number; known: KnownFace };
  /** The engine of the drafts also looks for faces in the background: that stands still until the answer is called. */
  holdDetection(): () => void;
}

export interface DraftTools {
  library: DraftLibrary;
  engine: Engine;
  models: () => Promise<Models>;
  emit: (event: ApiEvent) => void;
  /** No more pictures of a draft. */
  endDraft: (subject: { key: string }) => void;
}

type Variation = ApiParams<'draft.vary'>;

function dataUrl(bytes: Uint8Array, type: 'jpeg' | 'png'): string {
  return `data:image/${type};base64,${Buffer.from(bytes).toString('base64')}`;
}

function asDraft({ before, after, guidanceMap, ...result }: DraftResult): Draft {
  return {
    ...result,
    before: dataUrl(before, 'jpeg'),
    after: dataUrl(after, 'jpeg'),
    ...(guidanceMap && { guidanceMap: dataUrl(guidanceMap, 'png') }),
  };
}

/** Drafts of single faces: nothing is saved. Of each key only the newest is worked on. */
export class Drafts {
  readonly #tools: DraftTools;
  readonly #inWork = new Map<string, AbortController>();

  constructor(tools: DraftTools) {
    this.#tools = tools;
  }

  /** Rejects with `job/cancelled` when a newer draft of its key takes its place. */
  async make({ key, faceId, settings }: ApiParams<'draft.make'>): Promise<Draft> {
    return this.#asNewest(key, async (signal) => {
      const params = await this.#params(faceId, settings);
      const onEvent = (event: EngineEvent) => this.#hear(key, signal, event);
      return asDraft(await this.#tools.engine.call('draftFace', params, { signal, onEvent }));
    });
  }

  async vary({ key, faceId, settings, seeds }: Variation): Promise<ApiResult<'draft.vary'>> {
    return this.#asNewest(key, async (signal) => {
      const params = { ...(await this.#params(faceId, settings)), seeds };
      const onEvent = (event: EngineEvent) => this.#hear(key, signal, event);
      const { drafts, invented } = await this.#tools.engine.call('varyFace', params, { signal, onEvent });
      return { drafts: drafts.map(asDraft), invented: invented && dataUrl(invented, 'png') };
    });
  }

  cancel(key: string): void {
    this.#inWork.get(key)?.abort();
  }

  async #asNewest<T>(key: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    this.cancel(key);
    const controller = new AbortController();
    const { signal } = controller;
    this.#inWork.set(key, controller);
    const release = this.#tools.library.holdDetection();
    try {
      return await Promise.race([work(signal), cancelled(signal)]);
    } finally {
      release();
      if (this.#inWork.get(key) === controller) {
        this.#inWork.delete(key);
        this.#tools.endDraft({ key });
      }
    }
  }

  async #params(faceId: number, settings: Variation['settings']) {
    const { library, models } = this.#tools;
    const { photoId, index, known } = library.faceForDraft(faceId);
    const input = await library.originalFile(photoId);
    return { input, face: known, index, settings, models: await models() };
  }

  #hear(key: string, signal: AbortSignal, event: EngineEvent): void {
    if (signal.aborted) return;
    if (event.kind === 'drafted') this.#tools.emit({ kind: 'drafted', key, draft: asDraft(event.draft) });
    if (event.kind !== 'draft') return;
    const { seed, step, steps, picture } = event;
    this.#tools.emit({ kind: 'draft', key, seed, step, steps, picture: dataUrl(picture, 'jpeg') });
  }
}

/** Rejects at once: the interface need not wait until the engine has heard of it. */
function cancelled(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const stop = () => reject(new HeirloomError('job/cancelled', 'A newer draft took its place'));
    signal.addEventListener('abort', stop, { once: true });
  });
}

/** The calls of the API about drafts. */
export function draftHandlers(
  drafts: Drafts,
): Pick<ApiHandlers, Extract<keyof ApiHandlers, `draft.${string}`>> {
  return {
    'draft.make': (params) => drafts.make(params),
    'draft.vary': (params) => drafts.vary(params),
    'draft.cancel': ({ key }) => {
      drafts.cancel(key);
      return null;
    },
  };
}
