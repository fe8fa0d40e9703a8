import { basename } from 'node:path';
import { HeirloomError } from '../../contract/errors.ts';
import { say } from '../../contract/sentences.ts';
import { clearPlace } from './clear-place.ts';
import { photoRow, setLocation } from './database/photo-rows.ts';
import { hashFile } from './files.ts';
import type { LibraryContext } from './library-context.ts';
import { placeWithRow } from './place-with-row.ts';

/**
 * A file that was sent becomes the library's own copy of a photo's missing original. The file is moved; it stays where
 * it is when it is refused: `library/other-file` where its bytes are not the photo's.
 */
export async function takeOriginal(context: LibraryContext, photoId: number, file: string): Promise<void> {
  const row = photoRow(context.db, photoId);
  if ((await hashFile(file)).sha256 !== row.sha256) {
    const name = basename(file);
    throw new HeirloomError('library/other-file', say('other_file', { path: name, name: row.name }), {
      name,
    });
  }
  const path = row.storage === 'copied' ? row.path : context.folder.originalPath(row.sha256, row.name);
  await clearPlace(context, path, row.sha256);
  placeWithRow(context, 'photos.locate', (place) => {
    setLocation(context.db, photoId, { storage: 'copied', path });
    place(file, path);
  });
}
