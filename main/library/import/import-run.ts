import { basename, resolve } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { HeirloomError, toErrorEnvelope } from '../../../contract/errors.ts';
import type { ImportReport } from '../../../contract/library.ts';
import type { UndoAs } from '../database/library-database.ts';
import { cleanText } from '../database/rows.ts';
import { findFiles, type FoundFile } from '../find-files.ts';
import type { LibraryContext } from '../library-context.ts';
import { importPhoto, type Arrivals, type ImportMode, type ImportOutcome } from './import-photo.ts';

/** While the engine describes one file, the next ones are hashed and copied. */
const FILES_AT_ONCE = 3;
const PROGRESS_INTERVAL_MS = 100;
/** Failed files that a report lists, files that were there already, and own exports. */
const MAX_LISTED = 200;
/** Ids that an event carries while the import runs; the last report has all of them. */
const MAX_IDS_IN_PROGRESS = 500;

export interface ImportOptions {
  id: number;
  paths: readonly string[];
  mode: ImportMode;
  /** A person chose the files among `paths` one by one: Heirloom's own exports are left out of folders only. */
  handpicked: boolean;
  undoAs: UndoAs;
  arrivals: Arrivals;
  onProgress: (report: ImportReport) => void;
}

/** One import from its first file to its report. A file that fails never stops the rest. */
export class ImportRun {
  readonly #context: LibraryContext;
  readonly #options: ImportOptions;
  readonly #report: ImportReport;
  readonly #cancel = new AbortController();
  readonly #handpicked: ReadonlySet<string>;
  #gate: { opened: Promise<void>; open: () => void } | undefined;
  #lastTaken: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  /** When everything is done that will be. */
  readonly done: Promise<ImportReport>;

  constructor(context: LibraryContext, options: ImportOptions) {
    this.#context = context;
    this.#options = options;
    this.#handpicked = new Set(options.handpicked ? options.paths.map((path) => resolve(path)) : []);
    this.#report = {
      ...{ id: options.id, state: 'running', done: 0, total: 0, counted: false },
      ...{ imported: 0, alreadyThere: 0, duplicates: [], ownExports: 0, exports: [], found: 0 },
      ...{ failed: [], failedCount: 0, photoIds: [] },
    };
    this.done = this.#run();
  }

  get report(): ImportReport {
    return structuredClone(this.#report);
  }

  pause(): void {
    if (this.#report.state !== 'running') return;
    this.#report.state = 'paused';
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#gate = { opened: promise, open: resolve };
    this.#tell();
  }

  resume(): void {
    if (this.#report.state !== 'paused') return;
    this.#report.state = 'running';
    this.#openGate();
    this.#tell();
  }

  /** What is in the library stays there. */
  cancel(): void {
    this.#cancel.abort();
    this.#openGate();
  }

  #openGate(): void {
    this.#gate?.open();
    this.#gate = undefined;
  }

  async #run(): Promise<ImportReport> {
    // Whoever started it has its id before the first event.
    await breathe();
    try {
      const next = (await this.#collect())[Symbol.iterator]();
      await Promise.all(Array.from({ length: FILES_AT_ONCE }, () => this.#work(next)));
    } catch (error) {
      // Nothing of a single file: those are counted one by one.
      this.#fail(this.#options.paths[0] ?? '', error);
    }
    this.#report.state = this.#cancel.signal.aborted ? 'cancelled' : 'done';
    clearTimeout(this.#timer);
    this.#options.onProgress(this.report);
    return this.report;
  }

  /** Reading folders is quick beside what follows, and the total is known from the start. */
  async #collect(): Promise<FoundFile[]> {
    const files: FoundFile[] = [];
    const skips = (path: string) => this.#context.folder.contains(path);
    for await (const file of findFiles(this.#options.paths, { skips })) {
      if (this.#cancel.signal.aborted) break;
      files.push(file);
      this.#report.total = files.length;
      this.#tellSoon();
    }
    this.#report.counted = true;
    return files;
  }

  async #work(files: Iterator<FoundFile>): Promise<void> {
    for (;;) {
      await this.#gate?.opened;
      if (this.#cancel.signal.aborted) return;
      const next = files.next();
      if (next.done) return;
      await this.#take(next.value);
      this.#tellSoon();
    }
  }

  async #take(file: FoundFile): Promise<void> {
    const turn = this.#lastTaken;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#lastTaken = promise;
    try {
      if ('error' in file) throw file.error;
      this.#count(file.path, await this.#import(file.path, turn));
      this.#report.done++;
    } catch (error) {
      if (this.#cancel.signal.aborted) return;
      this.#fail(file.path, error);
      this.#report.done++;
    } finally {
      // A file that failed early still waits, so that the next one does not come before the one in front.
      void turn.then(resolve);
    }
  }

  #import(path: string, turn: Promise<void>): Promise<ImportOutcome> {
    const { mode, undoAs, arrivals } = this.#options;
    const leavesOwnExport = !this.#handpicked.has(path);
    const request = { path, mode, leavesOwnExport, undoAs, signal: this.#cancel.signal, turn };
    return importPhoto(this.#context, arrivals, request);
  }

  #count(path: string, outcome: ImportOutcome): void {
    if (outcome.kind === 'already-there') return this.#meet(path, outcome.photoName);
    if (outcome.kind === 'own-export') return this.#leave(path, outcome.photoName);
    if (outcome.kind === 'imported') this.#report.imported++;
    else this.#report.found++;
    this.#report.photoIds.push(outcome.photoId);
  }

  #meet(path: string, photoName: string): void {
    this.#report.alreadyThere++;
    if (this.#report.duplicates.length < MAX_LISTED)
      this.#report.duplicates.push({ name: cleanText(basename(path)), photoName });
  }

  #leave(path: string, photoName: string): void {
    this.#report.ownExports++;
    if (this.#report.exports.length < MAX_LISTED)
      this.#report.exports.push({ name: cleanText(basename(path)), photoName });
  }

  #fail(path: string, error: unknown): void {
    this.#report.failedCount++;
    if (this.#report.failed.length >= MAX_LISTED) return;
    const { code, message } = toErrorEnvelope(error);
    this.#report.failed.push({ name: cleanText(basename(path)), code, message: cleanText(message) });
  }

  #tellSoon(): void {
    this.#timer ??= setTimeout(() => this.#tell(), PROGRESS_INTERVAL_MS);
  }

  #tell(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const photoIds = this.#report.photoIds.slice(0, MAX_IDS_IN_PROGRESS);
    const { failed, duplicates, exports } = this.#report;
    this.#options.onProgress({
      ...this.#report,
      ...{ failed: [...failed], duplicates: [...duplicates], exports: [...exports], photoIds },
    });
  }
}

/** Throws `library/not-found`. */
export function noImport(id: number): HeirloomError {
  return new HeirloomError('library/not-found', `There is no import ${id}`, { id });
}
