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
  await relink(context, row, file, 'photos.locate');
}

function otherFile(path: string, { name }: PhotoRow): HeirloomError {
  return new HeirloomError('library/other-file', say('other_file', { path, name }), { path });
}

/** A photo that the library had a copy of gets one again; one in place is where `file` is from now on. */
async function relink(context: LibraryContext, row: PhotoRow, file: string, undoAs: UndoAs): Promise<void> {
  const { db, folder } = context;
  const { storage, path } = row.storage === 'in-place' ? { ...row, path: file } : row;
  if (storage === 'in-place' || file === folder.absolute(path)) {
    db.write(undoAs, () => setLocation(db, row.id, { storage, path }));
    return;
  }
  const copy = temporaryFile(folder);
  try {
    if ((await copyAndHash(file, copy)).sha256 !== row.sha256) throw otherFile(file, row);
    await clearPlace(context, path, row.sha256);
    placeWithRow(context, undoAs, (place) => {
      setLocation(db, row.id, { storage, path });
      place(copy, path);
    });
  } finally {
    await rm(copy, { force: true });
  }
}

/**
 * Looks through a folder for every original that is missing by now: files of the right size are hashed. What fails for one photo stops
 * no other, and another copy of it further on is tried. One undo takes all of it back. Throws `input/not-found`.
 */
export async function findMissing(
  context: LibraryContext,
  { folder }: ApiParams<'photos.findMissing'>,
): Promise<ApiResult<'photos.findMissing'>> {
  const { db } = context;
  await stat(folder).catch((error: unknown) => {
    throw readError(folder, error);
  });
  await sweepOriginals(context);
  const wanted = new Map(missingPhotos(db).map((row) => [row.sha256, row]));
  const failed = new Map<number, ApiResult<'photos.findMissing'>['failed'][number]>();
  let found = 0;
  const group = db.openGroup();
  try {
    for await (const file of findFiles([folder], { accepts: () => true })) {
      if (wanted.size === 0) break;
      if ('error' in file) continue;
      const row = await matchOf(file.path, wanted);
      if (!row) continue;
      try {
        await relink(context, row, file.path, { group });
        wanted.delete(row.sha256);
        failed.delete(row.id);
        found++;
      } catch (error) {
        const { code, message } = toErrorEnvelope(error);
        failed.set(row.id, { name: row.name, code, message });
      }
    }
  } finally {
    db.closeGroup(group, 'photos.findMissing');
  }
  return { found, stillMissing: missingPhotos(db).length, failed: [...failed.values()] };
}

async function matchOf(path: string, wanted: ReadonlyMap<string, PhotoRow>): Promise<PhotoRow | undefined> {
  const size = (await stat(path).catch(() => undefined))?.size;
  if (![...wanted.values()].some((row) => row.bytes === size)) return undefined;
  const hashed = await hashFile(path).catch(() => undefined);
  return hashed && wanted.get(hashed.sha256);
}
