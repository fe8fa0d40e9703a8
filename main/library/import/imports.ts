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

/** When a person hears of an import; of one that nobody asked for once something came or failed. */
type Telling = 'always' | 'with-news' | 'never';

interface Run {
  run: ImportRun;
  telling: Telling;
}

/** The imports of this session, until a person has seen their reports. */
export class Imports {
  readonly #context: LibraryContext;
  readonly #options: ImportsOptions;
  readonly #runs = new Map<number, Run>();
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
    return this.#begin({ paths, mode, handpicked, undoAs: { group } }, 'always', onEnd).report;
  }

  /**
   * The new files of a watched folder, which would bring them again: this is not undone, Heirloom's own exports stay
   * out, and there is a report only if something failed or came.
   */
  async takeIn(paths: readonly string[], mode: ImportMode): Promise<ImportReport> {
    const report = await this.#begin({ paths, mode, handpicked: false, undoAs: null }, 'with-news').done;
    if (!hasNews(report)) this.#runs.delete(report.id);
    return report;
  }

  /** The samples, and what belongs into the library: not undone, and nobody is told of it. */
  async takeInQuietly(paths: readonly string[], mode: ImportMode): Promise<ImportReport> {
    const report = await this.#begin({ paths, mode, handpicked: true, undoAs: null }, 'never').done;
    this.#runs.delete(report.id);
    return report;
  }

  #begin(
    what: Pick<ImportOptions, 'paths' | 'mode' | 'handpicked' | 'undoAs'>,
    telling: Telling,
    onEnd: () => void = () => undefined,
  ): ImportRun {
    const run = new ImportRun(this.#context, {
      ...{ id: this.#nextId++, arrivals: this.#arrivals, ...what },
      onProgress: (report) => {
        if (isTold(telling, report)) this.#options.emit({ kind: 'import', report });
      },
    });
    this.#runs.set(run.report.id, { run, telling });
    void run.done.then(({ imported, found }) => {
      onEnd();
      if (imported + found > 0) this.#options.onImported();
    });
    return run;
  }

  list(): ImportReport[] {
    return [...this.#runs.values()]
      .map(({ run, telling }) => ({ report: run.report, telling }))
      .filter(({ report, telling }) => isTold(telling, report))
      .map(({ report }) => report);
  }

  /** Throws `library/not-found`. */
  done(id: number): Promise<ImportReport> {
    return this.#run(id).done;
  }

  /** What makes no sense (any more) is left undone; another window may have dismissed it. Throws `library/not-found`. */
  control({ id, action }: ApiParams<'import.control'>): void {
    if (action === 'dismiss' && !this.#runs.has(id)) return;
    const run = this.#run(id);
    if (action === 'pause') run.pause();
    else if (action === 'resume') run.resume();
    else if (action === 'cancel') run.cancel();
    else if (run.report.state === 'done' || run.report.state === 'cancelled') this.#runs.delete(id);
  }

  /** Ends what runs and waits for the files in work. */
  async close(): Promise<void> {
    const runs = [...this.#runs.values()].map(({ run }) => run);
    for (const run of runs) run.cancel();
    await Promise.allSettled(runs.map((run) => run.done));
  }

  #run(id: number): ImportRun {
    const known = this.#runs.get(id);
    if (!known) throw noImport(id);
    return known.run;
  }
}

function isTold(telling: Telling, report: ImportReport): boolean {
  return telling === 'always' || (telling === 'with-news' && hasNews(report));
}

function hasNews({ imported, found, failedCount }: ImportReport): boolean {
  return imported + found + failedCount > 0;
}
