import type { ApiEvent, ApiParams } from '../../../contract/api.ts';
import { HeirloomError } from '../../../contract/errors.ts';
import type { ExportReport } from '../../../contract/library.ts';
import type { LibraryContext } from '../library-context.ts';
import { exportPhotos } from './export-photos.ts';

interface Running {
  cancel: AbortController;
  done: Promise<ExportReport>;
}

/** The exports in work, by the key that the interface gave each. */
export class Exports {
  readonly #context: LibraryContext;
  readonly #emit: (event: ApiEvent) => void;
  readonly #running = new Map<string, Running>();

  constructor(context: LibraryContext, emit: (event: ApiEvent) => void) {
    this.#context = context;
    this.#emit = emit;
  }

  /** Throws `argument/invalid` for a key in use, and what `exportPhotos` throws. */
  async run({ key, ...params }: ApiParams<'export.run'>): Promise<ExportReport> {
    if (this.#running.has(key))
      throw new HeirloomError('argument/invalid', `An export ${key} is in work already`);
    const cancel = new AbortController();
    const total = params.photoIds.length;
    const done = exportPhotos(this.#context, params, {
      signal: cancel.signal,
      onProgress: (done) => this.#emit({ kind: 'export', key, done, total }),
    });
    this.#running.set(key, { cancel, done });
    try {
      return await done;
    } finally {
      this.#running.delete(key);
    }
  }

  /** What is written stays; one that has ended is left as it is. */
  cancel(key: string): void {
    this.#running.get(key)?.cancel.abort();
  }

  /** Ends what is in work and waits for the file that is being written. */
  async close(): Promise<void> {
    const running = [...this.#running.values()];
    for (const { cancel } of running) cancel.abort();
    await Promise.allSettled(running.map(({ done }) => done));
  }
}
