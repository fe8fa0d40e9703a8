import type { ApiEvent, ApiParams, ApiResult } from '../../contract/api.ts';
import { findMissing } from './find-again.ts';
import { KeyedRuns } from './keyed-runs.ts';
import type { LibraryContext } from './library-context.ts';

/** The searches for missing originals in work. */
export class Searches extends KeyedRuns {
  readonly #context: LibraryContext;
  readonly #emit: (event: ApiEvent) => void;

  constructor(context: LibraryContext, emit: (event: ApiEvent) => void) {
    super('A search');
    this.#context = context;
    this.#emit = emit;
  }

  /** Throws `argument/invalid` for a key in use, and what `findMissing` throws. */
  run({ key, folder }: ApiParams<'photos.findMissing'>): Promise<ApiResult<'photos.findMissing'>> {
    return this.runAs(key, (signal) =>
      findMissing(this.#context, folder, {
        signal,
        onProgress: (progress) => this.#emit({ kind: 'find-missing', key, ...progress }),
      }),
    );
  }
}
