import type { LibraryDatabase } from './library-database.ts';
import type { PhotoRow } from './photo-rows.ts';

export function noteExported(db: LibraryDatabase, sha256: string, photoId: number): void {
  db.run(
    'INSERT INTO exported_files VALUES (?, ?) ON CONFLICT DO UPDATE SET photo_id = excluded.photo_id',
    ...[sha256, photoId],
  );
}

/** The photo that was exported into a file of these bytes; undefined where the library has it no longer. */
export function photoOfExport(
  db: LibraryDatabase,
  sha256: string,
): Pick<PhotoRow, 'id' | 'name'> | undefined {
  return db.get(
    'SELECT id, name FROM photos WHERE id = (SELECT photo_id FROM exported_files WHERE sha256 = ?)',
    sha256,
  );
}

/** Once no undo can bring their photos back. */
export function forgetExportsOfGone(db: LibraryDatabase): void {
  db.run('DELETE FROM exported_files WHERE photo_id NOT IN (SELECT id FROM photos)');
}
