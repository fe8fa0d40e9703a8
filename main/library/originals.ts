import { stat } from 'node:fs/promises';
import { setTimeout as rest } from 'node:timers/promises';
import { HeirloomError } from '../../contract/errors.ts';
import { findPhoto, photoIds, photoRow, setMissing, type PhotoRow } from './database/photo-rows.ts';
import type { LibraryContext } from './library-context.ts';

type Located = Pick<PhotoRow, 'storage' | 'path'>;

/** Absolute path of where a photo's original is, or was. */
export function locationOf({ folder }: Pick<LibraryContext, 'folder'>, { storage, path }: Located): string {
  return storage === 'copied' ? folder.absolute(path) : path;
}

/** A file of another size under the original's name is not the original any more. */
async function isThere(context: LibraryContext, row: PhotoRow): Promise<boolean> {
  const info = await stat(locationOf(context, row)).catch(() => undefined);
  return info?.isFile() === true && info.size === row.bytes;
}

/** Looks whether the original is where it should be, and keeps what was seen. */
export async function noticeMissing(context: LibraryContext, row: PhotoRow): Promise<boolean> {
  const missing = !(await isThere(context, row));
  if (missing !== (row.missing === 1)) context.db.write(null, () => setMissing(context.db, row.id, missing));
  return missing;
}

/** Absolute path of the original. Throws `library/not-found` and `library/missing-original`. */
export async function originalFile(context: LibraryContext, photoId: number): Promise<string> {
  const row = photoRow(context.db, photoId);
  const path = locationOf(context, row);
  if (await noticeMissing(context, row))
    throw new HeirloomError('library/missing-original', `${row.name}: the original is not at ${path}`, {
      photoId,
      path,
    });
  return path;
}

/** Originals looked at between two rests. */
const SWEEP_BATCH = 200;
const SWEEP_REST_MS = 20;

/** Looks at every original, with rests, so that nobody waits for it; stops at `signal`. */
export async function sweepOriginals(context: LibraryContext, signal: AbortSignal): Promise<void> {
  for (const [index, id] of photoIds(context.db).entries()) {
    if (index % SWEEP_BATCH === SWEEP_BATCH - 1) await rest(SWEEP_REST_MS);
    if (signal.aborted) return;
    const row = findPhoto(context.db, id);
    if (row) await noticeMissing(context, row);
  }
}
