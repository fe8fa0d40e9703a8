import type { ApiEvent, ApiParams } from '../../../contract/api.ts';
import type { ImportReport } from '../../../contract/library.ts';
import type { LibraryContext } from '../library-context.ts';
import { Arrivals, type ImportMode } from './import-photo.ts';
import { ImportRun, noImport, type ImportOptions } from './import-run.ts';

/** Undo knows an import by the call that starts one. */
const LABEL = 'import.start';

export interface ImportsOptions {
  emit: (event: ApiEvent) => void;
  /** An import has come to its end and brought photos. */
  onImported: () => void;
}

/** The imports of this session, until a person has seen their reports. */
export class Imports {
  readonly #context: LibraryContext;
  readonly #options: ImportsOptions;
  readonly #runs = new Map<number, ImportRun>();
  readonly #arrivals = new Arrivals();
  #nextId = 1;

  constructor(context: LibraryContext, options: ImportsOptions) {
    this.#context = context;
    this.#options = options;
  }

  /**
   * Goes on in the background. One undo takes back all of it once it is done. `handpicked`: a person chose the files
   * among `paths` one by one.
   */
  start(paths: readonly string[], mode: ImportMode, { handpicked = true } = {}): ImportReport {
    const group = this.#context.db.openGroup();
    const onEnd = () => this.#context.db.closeGroup(group, LABEL);
    return this.#begin({ paths, mode, handpicked, undoAs: { group } }, onEnd).report;
  }

  /**
   * What no person asked for is not undone: the samples, and a watched folder, which would bring it again. The report
   * stays only if something failed or came. `handpicked`: Heirloom's own exports come too.
   */
  async takeIn(
    paths: readonly string[],
    mode: ImportMode,
    { handpicked = false } = {},
  ): Promise<ImportReport> {
    const run = this.#begin({ paths, mode, handpicked, undoAs: null }, () => undefined);
    const report = await run.done;
    if (report.imported + report.found + report.failedCount === 0) this.#runs.delete(report.id);
    return report;
  }

  /** The same, and nobody is told of it afterwards. */
  async takeInQuietly(paths: readonly string[], mode: ImportMode): Promise<ImportReport> {
    const report = await this.takeIn(paths, mode, { handpicked: true });
    this.#runs.delete(report.id);
    return report;
  }

  #begin(
    what: Pick<ImportOptions, 'paths' | 'mode' | 'handpicked' | 'undoAs'>,
    onEnd: () => void,
  ): ImportRun {
    const run = new ImportRun(this.#context, {
      ...{ id: this.#nextId++, arrivals: this.#arrivals, ...what },
      onProgress: (report) => this.#options.emit({ kind: 'import', report }),
    });
    this.#runs.set(run.report.id, run);
    void run.done.then(({ imported, found }) => {
      onEnd();
      if (imported + found > 0) this.#options.onImported();
    });
    return run;
  }

  list(): ImportReport[] {
    return [...this.#runs.values()].map((run) => run.report);
  }

  /** Throws `library/not-found`. */
  done(id: number): Promise<ImportReport> {
    return this.#run(id).done;
  }

  /** What makes no sense (any more) is left undone. Throws `library/not-found`. */
  control({ id, action }: ApiParams<'import.control'>): void {
    const run = this.#run(id);
    if (action === 'pause') run.pause();
    else if (action === 'resume') run.resume();
    else if (action === 'cancel') run.cancel();
    else if (run.report.state === 'done' || run.report.state === 'cancelled') this.#runs.delete(id);
  }

  /** Ends what runs and waits for the files in work. */
  async close(): Promise<void> {
    for (const run of this.#runs.values()) run.cancel();
    await Promise.allSettled([...this.#runs.values()].map((run) => run.done));
  }

  #run(id: number): ImportRun {
    const run = this.#runs.get(id);
    if (!run) throw noImport(id);
    return run;
  }
}
