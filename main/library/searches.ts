import type { ApiEvent, ApiParams, ApiResult } from '../../contract/api.ts';
import { HeirloomError } from '../../contract/errors.ts';
import { findMissing } from './find-again.ts';
import type { LibraryContext } from './library-context.ts';

interface Running {
  cancel: AbortController;
  done: Promise<ApiResult<'photos.findMissing'>>;
}

/** The searches for missing originals in work, by the key that the interface gave each. */
export class Searches {
  readonly #context: LibraryContext;
  readonly #emit: (event: ApiEvent) => void;
  readonly #running = new Map<string, Running>();

  constructor(context: LibraryContext, emit: (event: ApiEvent) => void) {
    this.#context = context;
    this.#emit = emit;
  }

  /** Throws `argument/invalid` for a key in use, and what `findMissing` throws. */
  async run({ key, folder }: ApiParams<'photos.findMissing'>): Promise<ApiResult<'photos.findMissing'>> {
    if (this.#running.has(key))
      throw new HeirloomError('argument/invalid', `A search ${key} is in work already`);
    const cancel = new AbortController();
    const done = findMissing(this.#context, folder, {
      signal: cancel.signal,
      onProgress: (progress) => this.#emit({ kind: 'find-missing', key, ...progress }),
    });
    this.#running.set(key, { cancel, done });
    try {
      return await done;
    } finally {
      this.#running.delete(key);
    }
  }

  /** What is found stays; one that has ended is left as it is. */
  cancel(key: string): void {
    this.#running.get(key)?.cancel.abort();
  }

  /** Ends what is in work and waits for the original that is being taken in. */
  async close(): Promise<void> {
    const running = [...this.#running.values()];
    for (const { cancel } of running) cancel.abort();
    await Promise.allSettled(running.map(({ done }) => done));
  }
}
