import { rm, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { ApiParams, ApiResult } from '../../contract/api.ts';
import { HeirloomError, toErrorEnvelope } from '../../contract/errors.ts';
import { say } from '../../contract/sentences.ts';
import { clearPlace } from './clear-place.ts';
import type { UndoAs } from './database/library-database.ts';
import { missingPhotos, photoRow, setLocation, type PhotoRow } from './database/photo-rows.ts';
import { copyAndHash, hashFile, readError, temporaryFile } from './files.ts';
import { findFiles } from './find-files.ts';
import type { LibraryContext } from './library-context.ts';
import { sweepOriginals } from './originals.ts';
import { placeWithRow } from './place-with-row.ts';

/** Points a photo at a file of its bytes. Throws `library/other-file`, `input/*`, `output/unwritable`. */
export async function locatePhoto(
  context: LibraryContext,
  { id, path }: ApiParams<'photos.locate'>,
): Promise<void> {
  const row = photoRow(context.db, id);
  const file = resolve(path);
  const { size } = await stat(file).catch((error: unknown) => {
    throw readError(file, error);
  });
  if (size !== row.bytes || (await hashFile(file)).sha256 !== row.sha256) throw otherFile(file, row);
  await relink(context, row, file, { undoAs: 'photos.locate' });
}

function otherFile(path: string, { name }: PhotoRow): HeirloomError {
  return new HeirloomError('library/other-file', say('other_file', { path, name }), { path });
}

/** A photo that the library had a copy of gets one again; one in place is where `file` is from now on. */
async function relink(
  context: LibraryContext,
  row: PhotoRow,
  file: string,
  { undoAs, signal }: { undoAs: UndoAs; signal?: AbortSignal },
): Promise<void> {
  const { db, folder } = context;
  const { storage, path } = row.storage === 'in-place' ? { ...row, path: file } : row;
  if (storage === 'in-place' || file === folder.absolute(path)) {
    db.write(undoAs, () => setLocation(db, row.id, { storage, path }));
    return;
  }
  const copy = temporaryFile(folder);
  try {
    if ((await copyAndHash(file, copy, signal)).sha256 !== row.sha256) throw otherFile(file, row);
    await clearPlace(context, path, row.sha256);
    placeWithRow(context, undoAs, (place) => {
      setLocation(db, row.id, { storage, path });
      place(copy, path);
    });
  } finally {
    await rm(copy, { force: true });
  }
}

type Answer = ApiResult<'photos.findMissing'>;

export interface SearchWork {
  signal: AbortSignal;
  onProgress: (progress: { looked: number; found: number; missing: number }) => void;
}

/**
 * Looks through a folder for every original that is missing by now: files of the right size are hashed. What fails for
 * one photo stops no other, and another copy of it further on is tried. One undo takes all of it back, also of a search
 * that was cancelled. Throws `input/not-found`.
 */
export async function findMissing(
  context: LibraryContext,
  folder: string,
  { signal, onProgress }: SearchWork,
): Promise<Answer> {
  const { db } = context;
  await stat(folder).catch((error: unknown) => {
    throw readError(folder, error);
  });
  await sweepOriginals(context, signal);
  const wanted = new Map(missingPhotos(db).map((row) => [row.sha256, row]));
  const missing = wanted.size;
  const failed = new Map<number, Answer['failed'][number]>();
  let looked = 0;
  const group = db.openGroup();
  try {
    for await (const file of findFiles([folder], { accepts: () => true })) {
      if (wanted.size === 0 || signal.aborted) break;
      const row = 'error' in file ? undefined : await matchOf(file.path, wanted, signal);
      if (row) {
        try {
          await relink(context, row, file.path, { undoAs: { group }, signal });
          wanted.delete(row.sha256);
          failed.delete(row.id);
        } catch (error) {
          if (signal.aborted) break;
          const { code, message } = toErrorEnvelope(error);
          failed.set(row.id, { name: row.name, code, message });
        }
      }
      onProgress({ looked: ++looked, found: missing - wanted.size, missing });
    }
  } finally {
    db.closeGroup(group, 'photos.findMissing');
  }
  return {
    found: missing - wanted.size,
    stillMissing: missingPhotos(db).length,
    failed: [...failed.values()],
    cancelled: signal.aborted && wanted.size > 0,
  };
}

async function matchOf(
  path: string,
  wanted: ReadonlyMap<string, PhotoRow>,
  signal: AbortSignal,
): Promise<PhotoRow | undefined> {
  const size = (await stat(path).catch(() => undefined))?.size;
  if (![...wanted.values()].some((row) => row.bytes === size)) return undefined;
  const hashed = await hashFile(path, signal).catch(() => undefined);
  return hashed && wanted.get(hashed.sha256);
}
