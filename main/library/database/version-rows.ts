import type { FaceResult, Recipe, Version } from '../../../contract/library.ts';
import type { LibraryDatabase } from './library-database.ts';
import { notFound } from './rows.ts';

export interface VersionRow {
  id: number;
  photo_id: number;
  number: number;
  created_at: string;
  /** Below the library's folder, with slashes. */
  path: string;
  format: string;
  width: number;
  height: number;
  bytes: number;
  sha256: string;
  recipe: string;
  faces: string;
  notes: string;
  seconds: number;
}

export interface NewVersion {
  photoId: number;
  createdAt: string;
  format: string;
  width: number;
  height: number;
  bytes: number;
  sha256: string;
  recipe: Recipe;
  faces: FaceResult[];
  notes: string[];
  seconds: number;
}

/** Where the file of a version goes depends on its id: `pathOf` is asked once that is known. */
export function insertVersion(
  db: LibraryDatabase,
  version: NewVersion,
  pathOf: (id: number) => string,
): { id: number; path: string } {
  const number = db.value<number>(
    'UPDATE photos SET next_version = next_version + 1 WHERE id = ? RETURNING next_version - 1',
    version.photoId,
  );
  if (number === undefined) throw notFound('photos', version.photoId);
  const { photoId, createdAt, format, width, height, bytes, sha256, seconds } = version;
  const json = [version.recipe, version.faces, version.notes].map((value) => JSON.stringify(value));
  const { id } = db.run(
    `INSERT INTO versions (photo_id, number, created_at, path, format, width, height, bytes, sha256, seconds,
       recipe, faces, notes) VALUES (?, ?, ?, '', ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ...[photoId, number, createdAt, format, width, height, bytes, sha256, seconds, ...json],
  );
  const path = pathOf(id);
  db.run('UPDATE versions SET path = ? WHERE id = ?', path, id);
  return { id, path };
}

/** Throws `library/not-found`. */
export function versionRow(db: LibraryDatabase, id: number): VersionRow {
  const row = db.get<VersionRow>('SELECT * FROM versions WHERE id = ?', id);
  if (!row) throw notFound('versions', id);
  return row;
}

/** Oldest first. */
export function versionsOfPhoto(db: LibraryDatabase, photoId: number): Version[] {
  const faceIds = new Set(db.column<number>('SELECT id FROM faces WHERE photo_id = ?', photoId));
  const rows = db.all<VersionRow>('SELECT * FROM versions WHERE photo_id = ? ORDER BY number, id', photoId);
  return rows.map((row) => toVersion(row, faceIds));
}

export function allVersions(db: LibraryDatabase): Pick<VersionRow, 'id' | 'photo_id' | 'path'>[] {
  return db.all('SELECT id, photo_id, path FROM versions ORDER BY id');
}

/** The photo shows its newest other version where this one stood for it, and its original where there is none. */
export function deleteVersion(
  db: LibraryDatabase,
  { id, photo_id }: Pick<VersionRow, 'id' | 'photo_id'>,
): void {
  db.run(
    `UPDATE photos SET revision = revision + 1, current_version_id =
       (SELECT id FROM versions WHERE photo_id = ? AND id <> ? ORDER BY number DESC LIMIT 1)
     WHERE id = ? AND current_version_id = ?`,
    ...[photo_id, id, photo_id, id],
  );
  db.run('DELETE FROM versions WHERE id = ?', id);
}

function toVersion(row: VersionRow, faceIds: ReadonlySet<number>): Version {
  const faces = JSON.parse(row.faces) as FaceResult[];
  return {
    id: row.id,
    photoId: row.photo_id,
    number: row.number,
    createdAt: row.created_at,
    width: row.width,
    height: row.height,
    bytes: row.bytes,
    sha256: row.sha256,
    recipe: JSON.parse(row.recipe) as Recipe,
    faces: faces.map((face) => ({
      ...face,
      faceId: face.faceId !== null && faceIds.has(face.faceId) ? face.faceId : null,
    })),
    notes: JSON.parse(row.notes) as string[],
    seconds: row.seconds,
  };
}
