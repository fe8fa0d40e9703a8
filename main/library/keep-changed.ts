import { rm } from 'node:fs/promises';
import type { ApiParams } from '../../contract/api.ts';
import { HeirloomError } from '../../contract/errors.ts';
import { say } from '../../contract/sentences.ts';
import { photoBySha256, photoRow, setContent, type PhotoRow } from './database/photo-rows.ts';
import { survivingDeath } from './engine.ts';
import { detectFaces } from './faces.ts';
import { copyAndHash, hashFile, readError, temporaryFile, type HashedFile } from './files.ts';
import type { LibraryContext } from './library-context.ts';
import { locationOf, noticeMissing, seeFile } from './originals.ts';
import { placeWithRow } from './place-with-row.ts';
import { thumbnailsOf } from './thumbnails.ts';

/** A changed file; `copy` is its copy in the library's `tmp`, where the library keeps the original. */
interface Changed extends HashedFile {
  ms: number;
  copy: string | null;
}

/**
 * What an original's file holds now is the photo's original from now on: thumbnails are made, faces looked for again
 * where they had been; those that a person drew, named or switched off stay. Versions stay too. One undo takes it back.
 * Throws `library/not-found`, `library/other-file` where another photo has these bytes, `input/*`.
 */
export async function keepChanged(
  context: LibraryContext,
  { id }: ApiParams<'photos.keepChanged'>,
): Promise<void> {
  const { db } = context;
  const row = photoRow(db, id);
  const changed = await readChanged(context, row);
  try {
    if (changed.sha256 === row.sha256) return void (await noticeMissing(context, row, { sure: true }));
    refuseKnown(context, row, changed);
    const group = db.openGroup();
    await takeOver(context, row, changed, group);
    if (row.detector !== null) await detectFaces(context, id, { group }).catch(leaveToBackground);
    db.closeGroup(group, 'photos.keepChanged');
  } finally {
    if (changed.copy !== null) await rm(changed.copy, { force: true });
  }
}

/** The photo counts as one that nobody looked at; whoever needs its faces hears why there are none. */
function leaveToBackground(): undefined {
  return undefined;
}

async function readChanged(context: LibraryContext, row: PhotoRow): Promise<Changed> {
  const path = locationOf(context, row);
  const seen = await seeFile(path);
  if (!seen) throw readError(path, Object.assign(new Error('no such file'), { code: 'ENOENT' }));
  const copy = row.storage === 'copied' ? temporaryFile(context.folder) : null;
  const hashed = copy === null ? await hashFile(path) : await copyAndHash(path, copy);
  return { ...hashed, ms: seen.ms, copy };
}

function refuseKnown({ db }: LibraryContext, { name }: PhotoRow, { sha256 }: Changed): void {
  const other = photoBySha256(db, sha256);
  if (!other) return;
  throw new HeirloomError('library/other-file', say('same_as_other', { name, other: other.name }), {
    photoId: other.id,
  });
}

async function takeOver(
  context: LibraryContext,
  row: PhotoRow,
  changed: Changed,
  group: number,
): Promise<void> {
  const { engines, folder, db } = context;
  const { sha256, bytes, ms, copy } = changed;
  const thumbnails = thumbnailsOf(folder, sha256);
  const input = copy ?? locationOf(context, row);
  const { format, width, height, depth, notes } = await survivingDeath(() =>
    engines.imaging.call('describePhoto', { input, thumbnails }),
  );
  const path = copy === null ? row.path : folder.originalPath(sha256, row.name);
  placeWithRow(context, { group }, (place) => {
    setContent(db, row.id, {
      ...{ sha256, bytes, format, width, height, depth, path, notes: JSON.stringify(notes) },
      // The time of a copy is another one.
      seen_ms: copy === null ? ms : null,
    });
    if (copy !== null) place(copy, path);
  });
}
