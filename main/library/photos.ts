import type { ApiParams } from '../../contract/api.ts';
import { HeirloomError } from '../../contract/errors.ts';
import type { PhotoDetail } from '../../contract/library.ts';
import { isCalendarDate } from '../../contract/photo-date.ts';
import { albumsOfPhoto } from './database/album-rows.ts';
import { forgetExportsOfGone } from './database/exported-rows.ts';
import { facesOfPhoto } from './database/face-rows.ts';
import {
  deleteBinned,
  photoRow,
  setBinned,
  setCaption,
  setCurrentVersion,
  setTakenAt,
  turnBy,
} from './database/photo-rows.ts';
import { summaryOf } from './database/timeline.ts';
import { versionRow, versionsOfPhoto } from './database/version-rows.ts';
import type { LibraryContext } from './library-context.ts';
import { locationOf, noticeMissing } from './originals.ts';
import { sweepDiscarded } from './sweep.ts';

/** Everything about a photo; looks on the way whether its original is there. Throws `library/not-found`. */
export async function photoDetail(context: LibraryContext, id: number): Promise<PhotoDetail> {
  await noticeMissing(context, photoRow(context.db, id));
  const row = photoRow(context.db, id);
  const { problem_code: code, problem_message: message } = row;
  return {
    ...summaryOf(context.db, id)!,
    ...{ importedAt: row.imported_at, caption: row.caption, format: row.format, depth: row.depth },
    ...{ bytes: row.bytes, sha256: row.sha256, storage: row.storage, location: locationOf(context, row) },
    binnedAt: row.binned_at,
    notes: JSON.parse(row.notes) as string[],
    faces: facesOfPhoto(context.db, id),
    versions: versionsOfPhoto(context.db, id),
    currentVersionId: row.current_version_id,
    albumIds: albumsOfPhoto(context.db, id),
    problem: code === null ? null : { code, message: message ?? '' },
  };
}

export function rotatePhotos({ db }: LibraryContext, { ids, by }: ApiParams<'photos.rotate'>): void {
  db.write('photos.rotate', () => turnBy(db, ids, by));
}

/** Throws `argument/invalid` for a date that no calendar has. */
export function datePhotos({ db }: LibraryContext, { ids, takenAt }: ApiParams<'photos.setDate'>): void {
  if (takenAt !== null && !isCalendarDate(takenAt))
    throw new HeirloomError('argument/invalid', `There is no date ${takenAt}`);
  db.write('photos.setDate', () => setTakenAt(db, ids, takenAt));
}

export function captionPhoto({ db }: LibraryContext, { id, caption }: ApiParams<'photos.setCaption'>): void {
  db.write('photos.setCaption', () => setCaption(db, id, caption));
}

/** Throws `library/not-found`, also for a version of another photo. */
export function showVersion(
  { db }: LibraryContext,
  { id, versionId }: ApiParams<'photos.setCurrentVersion'>,
): void {
  const { name, current_version_id } = photoRow(db, id);
  if (versionId !== null && versionRow(db, versionId).photo_id !== id)
    throw new HeirloomError('library/not-found', `${name} has no version ${versionId}`);
  if (current_version_id === versionId) return;
  db.write('photos.setCurrentVersion', () => setCurrentVersion(db, id, versionId));
}

export function binPhotos({ db, now }: LibraryContext, { ids }: ApiParams<'photos.bin'>): void {
  db.write('photos.bin', () => setBinned(db, ids, now().toISOString()));
}

export function unbinPhotos({ db }: LibraryContext, { ids }: ApiParams<'photos.restoreFromBin'>): void {
  db.write('photos.restoreFromBin', () => setBinned(db, ids, null));
}

/** For good: what was done before cannot be undone any more either. */
export async function emptyBin(context: LibraryContext): Promise<{ removed: number }> {
  const { db } = context;
  const removed = db.write(null, () => {
    const count = deleteBinned(db);
    if (count > 0) forgetExportsOfGone(db);
    return count;
  });
  if (removed > 0) {
    db.forgetUndo();
    await sweepDiscarded(context);
  }
  return { removed };
}
