import type { ApiEvent, ApiParams } from '../../../contract/api.ts';
import type { ExportReport } from '../../../contract/library.ts';
import { KeyedRuns } from '../keyed-runs.ts';
import type { LibraryContext } from '../library-context.ts';
import { exportPhotos } from './export-photos.ts';

/** The exports in work. */
export class Exports extends KeyedRuns {
  readonly #context: LibraryContext;
  readonly #emit: (event: ApiEvent) => void;

  constructor(context: LibraryContext, emit: (event: ApiEvent) => void) {
    super('An export');
    this.#context = context;
    this.#emit = emit;
  }

  /** Throws `argument/invalid` for a key in use, and what `exportPhotos` throws. */
  run({ key, ...params }: ApiParams<'export.run'>): Promise<ExportReport> {
    const total = params.photoIds.length;
    return this.runAs(key, (signal) =>
      exportPhotos(this.#context, params, {
        signal,
        onProgress: (done) => this.#emit({ kind: 'export', key, done, total }),
      }),
    );
  }
}
