import { rm, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { EngineResult } from '../../../contract/engine.ts';
import { HeirloomError, throwIfCancelled } from '../../../contract/errors.ts';
import { isCalendarDate } from '../../../contract/photo-date.ts';
import { photoOfExport } from '../database/exported-rows.ts';
import type { UndoAs } from '../database/library-database.ts';
import {
  hasPhotoOfSize,
  insertPhoto,
  photoBySha256,
  photoInPlace,
  setBinned,
  setLocation,
  type PhotoRow,
} from '../database/photo-rows.ts';
import { clearPlace } from '../clear-place.ts';
import { cleanText } from '../database/rows.ts';
import { survivingDeath } from '../engine.ts';
import { copyAndHash, hashFile, readError, temporaryFile, type HashedFile } from '../files.ts';
import type { LibraryContext } from '../library-context.ts';
import { noticeMissing } from '../originals.ts';
import { placeWithRow } from '../place-with-row.ts';
import { thumbnailsOf } from '../thumbnails.ts';

export type ImportMode = 'copy' | 'in-place';

/**
 * Twice what the largest picture that is read takes without compression. A file of holes may claim a terabyte, which
 * would be copied for hours.
 */
const MAX_FILE_BYTES = 2 * 1024 ** 3;

/** What became of a file. */
export type ImportOutcome =
  /** New, or out of the bin again. */
  | { kind: 'imported'; photoId: number }
  | { kind: 'already-there'; photoId: number; photoName: string }
  /** Written by an export of this photo, and left out. */
  | { kind: 'own-export'; photoId: number; photoName: string }
  /** The photo was there, its original was missing. */
  | { kind: 'found'; photoId: number };

export interface ImportRequest {
  path: string;
  mode: ImportMode;
  /** Nobody chose this very file: one that an export wrote is no new photo. */
  leavesOwnExport?: boolean;
  undoAs: UndoAs;
  signal: AbortSignal;
  /** When the file before it is done: photos come in the order of their files, while the next ones are read. */
  turn?: Promise<void>;
}

/** A file with its hash; `copy` is its copy in the library's `tmp`, null where there is none (yet). */
interface Prepared extends HashedFile {
  /** Time of the file before it was read, milliseconds since 1970. */
  ms: number;
  copy: string | null;
}

/** Hashes by which files are on their way into a library: the second one of the same bytes waits for the first. */
export class Arrivals {
  readonly #running = new Map<string, Promise<unknown>>();

  async alone<T>(sha256: string, work: () => Promise<T>): Promise<T> {
    while (this.#running.has(sha256)) await this.#running.get(sha256)!.catch(() => undefined);
    const running = work();
    this.#running.set(sha256, running);
    try {
      return await running;
    } finally {
      this.#running.delete(sha256);
    }
  }
}

/**
 * Takes one file into the library: hashed and copied in one reading, described and thumbnailed by the engine, inserted
 * in one transaction. Throws `input/*`, `output/unwritable`, `job/cancelled`, and leaves nothing behind then.
 */
export async function importPhoto(
  context: LibraryContext,
  arrivals: Arrivals,
  request: ImportRequest,
): Promise<ImportOutcome> {
  const prepared = await prepare(context, request);
  try {
    await request.turn;
    throwIfCancelled(request.signal);
    return await arrivals.alone(prepared.sha256, async () => {
      const known = photoBySha256(context.db, prepared.sha256);
      if (known) return meetAgain(context, known, prepared, request);
      const exported = request.leavesOwnExport === true && photoOfExport(context.db, prepared.sha256);
      if (exported) return { kind: 'own-export', photoId: exported.id, photoName: exported.name };
      const changed = request.mode === 'in-place' && photoInPlace(context.db, request.path);
      return changed ? meetChanged(context, changed) : addNew(context, prepared, request);
    });
  } finally {
    if (prepared.copy !== null) await rm(prepared.copy, { force: true });
  }
}

/** A file that may well be there already is hashed before it is copied. */
async function prepare(context: LibraryContext, { path, mode, signal }: ImportRequest): Promise<Prepared> {
  const { size, mtimeMs } = await stat(path).catch((error: unknown) => {
    throw readError(path, error);
  });
  if (size === 0) throw new HeirloomError('input/empty', `${path} is empty`, { path });
  if (size > MAX_FILE_BYTES)
    throw new HeirloomError('input/too-large', `${path} has more than ${MAX_FILE_BYTES} bytes`, { path });
  const ms = Math.floor(mtimeMs);
  if (mode === 'in-place') return { ...(await hashFile(path, signal)), ms, copy: null };
  if (hasPhotoOfSize(context.db, size)) {
    const hashed = await hashFile(path, signal);
    if (photoBySha256(context.db, hashed.sha256)) return { ...hashed, ms, copy: null };
  }
  const copy = temporaryFile(context.folder);
  return { ...(await copyAndHash(path, copy, signal)), ms, copy };
}

async function addNew(
  context: LibraryContext,
  prepared: Prepared,
  request: ImportRequest,
): Promise<ImportOutcome> {
  const { path, undoAs } = request;
  const { sha256, bytes, ms } = prepared;
  await copyWhereWanted(context, prepared, request);
  const description = await describe(context, prepared, path);
  const photoId = placeWithRow(context, undoAs, (place) => {
    const { copy, ...location } = locationFor(context, prepared, path);
    const id = insertPhoto(context.db, {
      ...{ name: cleanText(basename(path)), sha256, bytes, ...location },
      ...{ format: description.format, width: description.width, height: description.height },
      ...{ depth: description.depth, notes: JSON.stringify(description.notes) },
      imported_at: context.now().toISOString(),
      taken_at: plausibleDate(description.takenAt),
      // The time of a copy is another one.
      seen_ms: location.storage === 'in-place' ? ms : null,
    });
    if (copy !== null) place(copy, location.path);
    return id;
  });
  return { kind: 'imported', photoId };
}

async function describe(
  { engines, folder }: LibraryContext,
  { sha256, copy }: Prepared,
  path: string,
): Promise<EngineResult<'describePhoto'>> {
  const thumbnails = thumbnailsOf(folder, sha256);
  const input = copy ?? path;
  try {
    return await survivingDeath(() => engines.imaging.call('describePhoto', { input, thumbnails }));
  } catch (error) {
    throw copy === null ? error : namingOriginal(error, copy, path);
  }
}

/** The copy's name means nothing to a person. */
function namingOriginal(error: unknown, copy: string, path: string): unknown {
  if (!(error instanceof HeirloomError)) return error;
  return new HeirloomError(error.code, error.message.replaceAll(copy, path), { path }, { cause: error });
}

/** Where the original will be; `copy` is what has to come there. */
function locationFor(
  { folder }: LibraryContext,
  { sha256, copy }: Prepared,
  path: string,
): Pick<PhotoRow, 'storage' | 'path'> & Pick<Prepared, 'copy'> {
  if (copy === null) return { storage: 'in-place', path, copy };
  return { storage: 'copied', path: folder.originalPath(sha256, path), copy };
}

/** The library has these bytes: it may miss their original, or have them in the bin. */
async function meetAgain(
  context: LibraryContext,
  row: PhotoRow,
  prepared: Prepared,
  request: ImportRequest,
): Promise<ImportOutcome> {
  const { missing } = await noticeMissing(context, row);
  if (missing) await bringBack(context, row, prepared, request);
  if (row.binned_at !== null) context.db.write(request.undoAs, () => setBinned(context.db, [row.id], null));
  if (row.binned_at === null && !missing) return alreadyThere(row);
  return { kind: row.binned_at !== null ? 'imported' : 'found', photoId: row.id };
}

/** The file of a photo in place holds something else now: no second photo, but the person is asked about the first. */
async function meetChanged(context: LibraryContext, row: PhotoRow): Promise<ImportOutcome> {
  await noticeMissing(context, row);
  return alreadyThere(row);
}

function alreadyThere({ id, name }: PhotoRow): ImportOutcome {
  return { kind: 'already-there', photoId: id, photoName: name };
}

async function bringBack(
  context: LibraryContext,
  row: PhotoRow,
  prepared: Prepared,
  request: ImportRequest,
): Promise<void> {
  await copyWhereWanted(context, prepared, request);
  const { copy, ...location } = locationFor(context, prepared, request.path);
  if (copy !== null) await clearPlace(context, location.path, row.sha256);
  placeWithRow(context, request.undoAs, (place) => {
    setLocation(context.db, row.id, location);
    if (copy !== null) place(copy, location.path);
  });
}

/** What the library had, or seemed to have, was not copied at first. */
async function copyWhereWanted(
  context: LibraryContext,
  prepared: Prepared,
  { path, mode, signal }: ImportRequest,
): Promise<void> {
  if (mode === 'in-place' || prepared.copy !== null) return;
  const copy = temporaryFile(context.folder);
  Object.assign(prepared, await copyAndHash(path, copy, signal), { copy });
}

/** Cameras without a clock write dates of no year and no day. */
function plausibleDate(date: string | null): string | null {
  return date !== null && isCalendarDate(date) ? date : null;
}
