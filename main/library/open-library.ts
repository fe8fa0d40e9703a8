import type { ApiEvent } from '../../contract/api.ts';
import type { PhotoReport } from '../../contract/engine.ts';
import { toErrorEnvelope } from '../../contract/errors.ts';
import type { ImportReport, Version } from '../../contract/library.ts';
import type { PictureAddress } from '../../contract/pictures.ts';
import { writeError } from '../../contract/write-error.ts';
import { makeFolder } from '../../engine/make-folder.ts';
import { JobStore } from './database/job-store.ts';
import { LibraryDatabase } from './database/library-database.ts';
import { setProblem } from './database/photo-rows.ts';
import { expectAll } from './database/rows.ts';
import { refuseNewerLibrary } from './database/open-database.ts';
import { BackgroundDetection } from './detect-in-background.ts';
import type { Engines, Models } from './engine.ts';
import { faceForDraft, knownFaces, type FaceToRestore } from './faces.ts';
import type { ImportMode } from './import/import-photo.ts';
import { Exports } from './export/exports.ts';
import { Imports } from './import/imports.ts';
import type { LibraryContext } from './library-context.ts';
import { LibraryEvents } from './library-events.ts';
import { LibraryFolder } from './library-folder.ts';
import { LibrarySettings } from './library-settings.ts';
import { takeLock } from './lock.ts';
import { originalFile, sweepOriginals } from './originals.ts';
import { sweepOrphans } from './orphans.ts';
import { Pictures, type PictureFile } from './pictures.ts';
import { Searches } from './searches.ts';
import { sweepDiscarded, sweepHalfWritten, sweepTemporary, sweepVersions } from './sweep.ts';
import { addVersion, versionOutput } from './versions.ts';
import { WatchedFolders } from './watch-folders.ts';

export interface LibraryOptions {
  /** Made where it is not there yet. */
  folder: string;
  engines: Engines;
  emit: (event: ApiEvent) => void;
  now?: () => Date;
  /** Pack and provider that measure the blur of faces; absent or failing: faces are found without it. */
  models?: () => Promise<Models>;
  /** Where the database is damaged: the newest good backup takes its place. */
  fromBackup?: boolean;
}

/**
 * Opens a library, or makes an empty one. Throws `library/too-new` (nothing was changed), `library/damaged`,
 * `library/locked`.
 *
 * @example
 * const library = await openLibrary({ folder: '/home/anna/Pictures/Heirloom', engines, emit: console.log });
 * const { id } = library.importPaths(['/media/camera'], 'copy');
 * (await library.importDone(id)).imported; // 214
 * await library.close();
 */
export async function openLibrary(options: LibraryOptions): Promise<Library> {
  const folder = new LibraryFolder(options.folder);
  refuseNewerLibrary(folder.database);
  await createFolder(folder);
  const unlock = takeLock(folder.lock, folder.tmp);
  try {
    const library = new Library(options, folder, unlock);
    await library.tidy();
    return library;
  } catch (error) {
    unlock();
    throw error;
  }
}

async function createFolder(folder: LibraryFolder): Promise<void> {
  await makeFolder(folder.root);
  try {
    folder.create();
  } catch (error) {
    throw writeError(folder.root, error);
  }
}

/** An open library: its parts, and what the rest of the application asks of it. */
export class Library {
  readonly context: LibraryContext;
  readonly jobs: JobStore;
  readonly imports: Imports;
  readonly exports: Exports;
  readonly searches: Searches;
  readonly folders: WatchedFolders;
  readonly #events: LibraryEvents;
  readonly #emit: (event: ApiEvent) => void;
  readonly #pictures: Pictures;
  readonly #detection: BackgroundDetection;
  readonly #closing = new AbortController();
  readonly #unlock: () => void;
  #sweeping: Promise<void> = Promise.resolve();
  #closed: Promise<void> | undefined;

  constructor(options: LibraryOptions, folder: LibraryFolder, unlock: () => void) {
    const { engines, emit, now = () => new Date() } = options;
    const { fromBackup = false } = options;
    const db = new LibraryDatabase({ file: folder.database, backupsFolder: folder.backups, now, fromBackup });
    const settings = new LibrarySettings(db);
    this.context = { db, folder, engines, settings, now, models: optionalModels(options) };
    this.#emit = emit;
    this.#unlock = unlock;
    this.#events = new LibraryEvents(emit, () => settings.get());
    this.#pictures = new Pictures(this.context);
    this.#detection = new BackgroundDetection(this.context, emit);
    this.jobs = new JobStore(db, now);
    this.imports = new Imports(this.context, { emit, onImported: () => this.#detection.wake() });
    this.exports = new Exports(this.context, emit);
    this.searches = new Searches(this.context, emit);
    this.folders = new WatchedFolders(this.context, {
      imports: this.imports,
      onChange: () => emit({ kind: 'folders' }),
    });
    this.#listen();
  }

  #listen(): void {
    const { db } = this.context;
    db.onUndoState = (state) => this.#events.undoState(state);
    db.onChange = (changes) => {
      this.#events.changed(changes);
      if (changes.folders) void this.folders.sync();
      if (changes.settings) this.#settingsChanged();
    };
  }

  #settingsChanged(): void {
    this.#detection.wake();
    void this.#pictures.cache.trim();
  }

  /** What a crash or a removal left goes at once; looking at every file, and for faces, goes on in the background. */
  async tidy(): Promise<void> {
    await sweepTemporary(this.context);
    await sweepDiscarded(this.context).catch(this.#notice);
    this.#sweeping = this.#sweep().catch(this.#notice);
    this.#detection.wake();
  }

  readonly #notice = (error: unknown): void => {
    const { code, message } = toErrorEnvelope(error);
    this.#emit({ kind: 'notice', code, message });
  };

  async #sweep(): Promise<void> {
    const { signal } = this.#closing;
    await this.folders.sync();
    await sweepVersions(this.context, this.#emit, signal);
    await sweepOrphans(this.context, { imports: this.imports, emit: this.#emit, signal });
    await sweepOriginals(this.context, signal);
    await sweepHalfWritten(this.context, signal);
    if (!signal.aborted) await this.context.db.backUpIfDue();
    if (!signal.aborted) await this.#pictures.cache.trim();
  }

  get settings(): LibrarySettings {
    return this.context.settings;
  }

  /**
   * Absolute path; `sure`: its bytes are the imported ones, whatever its size and time say. Throws `library/not-found`,
   * `library/missing-original`, `library/changed-original`.
   */
  originalFile(photoId: number, options: { sure?: boolean } = {}): Promise<string> {
    return originalFile(this.context, photoId, options);
  }

  /** In reading order; looks for them first where nobody did. */
  knownFaces(photoId: number): Promise<FaceToRestore[]> {
    return knownFaces(this.context, photoId);
  }

  faceForDraft(faceId: number): ReturnType<typeof faceForDraft> {
    return faceForDraft(this.context, faceId);
  }

  versionOutput(photoId: number): { stem: string; checkpoint: string } {
    return versionOutput(this.context, photoId);
  }

  addVersion(
    photoId: number,
    report: PhotoReport,
    faceIds: readonly number[],
    done?: { jobId: number; notes: string[] },
  ): Promise<Version> {
    return addVersion(this.context, photoId, report, faceIds, done);
  }

  /** Why the last attempt failed; null: it did not. Throws `library/not-found`. */
  markProblem(photoId: number, error: { code: string; message: string } | null): void {
    const { db } = this.context;
    db.write(null, () => {
      expectAll(db, 'photos', [photoId]);
      setProblem(db, photoId, error);
    });
  }

  /** Throws `library/not-found`, `library/missing-original`, `input/*`. */
  pictureFile(address: PictureAddress): Promise<PictureFile> {
    return this.#pictures.file(address);
  }

  importPaths(paths: readonly string[], mode: ImportMode): ImportReport {
    return this.imports.start(paths, mode);
  }

  importDone(id: number): Promise<ImportReport> {
    return this.imports.done(id);
  }

  /** A person waits for the interactive engine: looking for faces in the background stands still until the answer is called. */
  holdDetection(): () => void {
    return this.#detection.hold();
  }

  /** Resolves when no background work is left. */
  async settled(): Promise<void> {
    await this.#sweeping;
    await this.#detection.idle();
  }

  /** Waits for the files in work; then undo is forgotten and what was removed is deleted. */
  close(): Promise<void> {
    return (this.#closed ??= this.#close());
  }

  async #close(): Promise<void> {
    this.#closing.abort();
    await this.folders.close();
    await this.imports.close();
    await this.exports.close();
    await this.searches.close();
    await this.#pictures.cache.close();
    await this.#detection.close();
    await this.#sweeping;
    // A full disk, or one that is gone, must not keep the rest from ending.
    await sweepDiscarded(this.context).catch(console.error);
    this.#events.close();
    try {
      this.context.db.close();
    } finally {
      this.#unlock();
    }
  }
}

function optionalModels({ models }: LibraryOptions): () => Promise<Models | null> {
  return async () => (models ? models().catch(() => null) : null);
}
