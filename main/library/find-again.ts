import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { ApiParams, ApiResult } from '../../contract/api.ts';
import { HeirloomError } from '../../contract/errors.ts';
import { say } from '../../contract/sentences.ts';
import { missingPhotos, photoRow, setLocation, type PhotoRow } from './database/photo-rows.ts';
import { copyAndHash, hashFile, moveInto, readError, temporaryFile } from './files.ts';
import { findFiles } from './find-files.ts';
import type { LibraryContext } from './library-context.ts';

type Place = Pick<PhotoRow, 'storage' | 'path'>;

/** Points a photo at a file of its bytes. Throws `library/other-file`, `input/*`. */
export async function locatePhoto(
  context: LibraryContext,
  { id, path }: ApiParams<'photos.locate'>,
): Promise<void> {
  const row = photoRow(context.db, id);
  const file = resolve(path);
  const { size } = await stat(file).catch((error: unknown) => {
    throw readError(file, error);
  });
  if (size !== row.bytes || (await hashFile(file)).sha256 !== row.sha256)
    throw new HeirloomError('library/other-file', say('other_file', { path: file, name: row.name }), {
      path: file,
    });
  const place = await placeFor(context, row, file);
  context.db.write('photos.locate', () => setLocation(context.db, id, place));
}

/** A photo that the library had a copy of gets one again. */
async function placeFor(context: LibraryContext, row: PhotoRow, file: string): Promise<Place> {
  if (row.storage === 'in-place' || context.folder.contains(file)) return { storage: 'in-place', path: file };
  const copy = temporaryFile(context.folder);
  await copyAndHash(file, copy);
  moveInto(copy, context.folder.absolute(row.path));
  return { storage: 'copied', path: row.path };
}

/** Looks through a folder for every missing original: files of the right size are hashed. Throws `input/not-found`. */
export async function findMissing(
  context: LibraryContext,
  { folder }: ApiParams<'photos.findMissing'>,
): Promise<ApiResult<'photos.findMissing'>> {
  await stat(folder).catch((error: unknown) => {
    throw readError(folder, error);
  });
  const wanted = new Map(missingPhotos(context.db).map((row) => [row.sha256, row]));
  const found = new Map<number, Place>();
  for await (const file of findFiles([folder], { accepts: () => true })) {
    if (wanted.size === found.size) break;
    if ('error' in file) continue;
    const row = await matchOf(file.path, wanted);
    if (row && !found.has(row.id)) found.set(row.id, await placeFor(context, row, file.path));
  }
  context.db.write('photos.findMissing', () => {
    for (const [id, place] of found) setLocation(context.db, id, place);
  });
  return { found: found.size, stillMissing: missingPhotos(context.db).length };
}

async function matchOf(path: string, wanted: ReadonlyMap<string, PhotoRow>): Promise<PhotoRow | undefined> {
  const size = (await stat(path).catch(() => undefined))?.size;
  if (![...wanted.values()].some((row) => row.bytes === size)) return undefined;
  const hashed = await hashFile(path).catch(() => undefined);
  return hashed && wanted.get(hashed.sha256);
}
