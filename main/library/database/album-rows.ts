import type { Album } from '../../../contract/library.ts';
import type { LibraryDatabase } from './library-database.ts';
import { cleanName, expectAll, idList, notFound } from './rows.ts';

const SELECT = `
  SELECT albums.id AS id, albums.name AS name,
    (SELECT count(*) FROM album_photos JOIN photos ON photos.id = album_photos.photo_id
      WHERE album_photos.album_id = albums.id AND photos.binned_at IS NULL) AS photoCount,
    cover.id AS coverPhotoId, coalesce(cover.revision, 0) AS coverRevision
  FROM albums LEFT JOIN photos AS cover ON cover.id =
    (SELECT photos.id FROM album_photos JOIN photos ON photos.id = album_photos.photo_id
      WHERE album_photos.album_id = albums.id AND photos.binned_at IS NULL
      ORDER BY photos.taken_at DESC, photos.id DESC LIMIT 1)`;

/** By name. */
export function listAlbums(db: LibraryDatabase): Album[] {
  return db.all<Album>(`${SELECT} ORDER BY albums.name COLLATE NOCASE, albums.id`);
}

/** Throws `library/not-found`. */
export function albumById(db: LibraryDatabase, id: number): Album {
  const album = db.get<Album>(`${SELECT} WHERE albums.id = ?`, id);
  if (!album) throw notFound('albums', id);
  return album;
}

export function albumsOfPhoto(db: LibraryDatabase, photoId: number): number[] {
  return db.column<number>('SELECT album_id FROM album_photos WHERE photo_id = ? ORDER BY album_id', photoId);
}

export function insertAlbum(db: LibraryDatabase, name: string): number {
  return db.run('INSERT INTO albums (name) VALUES (?)', cleanName(name)).id;
}

export function renameAlbum(db: LibraryDatabase, id: number, name: string): void {
  expectAll(db, 'albums', [id]);
  db.run('UPDATE albums SET name = ? WHERE id = ?', cleanName(name), id);
}

/** The photos stay. */
export function deleteAlbum(db: LibraryDatabase, id: number): void {
  expectAll(db, 'albums', [id]);
  db.run('DELETE FROM albums WHERE id = ?', id);
}

export function addToAlbum(db: LibraryDatabase, id: number, photoIds: readonly number[]): void {
  expectAll(db, 'albums', [id]);
  expectAll(db, 'photos', photoIds);
  db.run(
    `INSERT INTO album_photos (album_id, photo_id)
     SELECT ?, value FROM json_each(?) WHERE true ON CONFLICT DO NOTHING`,
    ...[id, idList(photoIds)],
  );
}

export function removeFromAlbum(db: LibraryDatabase, id: number, photoIds: readonly number[]): void {
  expectAll(db, 'albums', [id]);
  db.run(
    'DELETE FROM album_photos WHERE album_id = ? AND photo_id IN (SELECT value FROM json_each(?))',
    ...[id, idList(photoIds)],
  );
}
