import type { PhotoState, Turn } from '../../../contract/library.ts';
import type { LibraryDatabase } from './library-database.ts';
import { cleanText, expectAll, idList, notFound } from './rows.ts';

export interface PhotoRow {
  id: number;
  name: string;
  sha256: string;
  bytes: number;
  format: string;
  width: number;
  height: number;
  depth: 8 | 16;
  storage: 'copied' | 'in-place';
  path: string;
  imported_at: string;
  taken_at: string | null;
  turn: Turn;
  caption: string;
  /** JSON. */
  notes: string;
  binned_at: string | null;
  /** Also where other bytes lie in its place: `changed`. */
  missing: 0 | 1;
  changed: 0 | 1;
  /** Of the original's file when its bytes were last compared; null: not yet. */
  seen_bytes: number | null;
  seen_ms: number | null;
  current_version_id: number | null;
  detector: string | null;
  problem_code: string | null;
  problem_message: string | null;
  revision: number;
  face_count: number;
  version_count: number;
  state: PhotoState;
}

export type NewPhoto = Pick<
  PhotoRow,
  | 'name'
  | 'sha256'
  | 'bytes'
  | 'format'
  | 'width'
  | 'height'
  | 'depth'
  | 'storage'
  | 'path'
  | 'imported_at'
  | 'taken_at'
  | 'notes'
  | 'seen_ms'
>;

export function insertPhoto(db: LibraryDatabase, photo: NewPhoto): number {
  const { id } = db.run(
    `INSERT INTO photos
       (name, sha256, bytes, format, width, height, depth, storage, path, imported_at, taken_at, month, notes,
        seen_bytes, seen_ms)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ...[photo.name, photo.sha256, photo.bytes, photo.format, photo.width, photo.height, photo.depth],
    ...[photo.storage, photo.path, photo.imported_at, photo.taken_at, monthOf(photo.taken_at), photo.notes],
    ...[photo.seen_ms === null ? null : photo.bytes, photo.seen_ms],
  );
  return id;
}

export function findPhoto(db: LibraryDatabase, id: number): PhotoRow | undefined {
  return db.get<PhotoRow>('SELECT * FROM photos WHERE id = ?', id);
}

/** Throws `library/not-found`. */
export function photoRow(db: LibraryDatabase, id: number): PhotoRow {
  const row = findPhoto(db, id);
  if (!row) throw notFound('photos', id);
  return row;
}

export function photoBySha256(db: LibraryDatabase, sha256: string): PhotoRow | undefined {
  return db.get<PhotoRow>('SELECT * FROM photos WHERE sha256 = ?', sha256);
}

/** A file of another size cannot be a photo that the library has. */
export function hasPhotoOfSize(db: LibraryDatabase, bytes: number): boolean {
  return db.value('SELECT 1 FROM photos WHERE bytes = ? LIMIT 1', bytes) !== undefined;
}

export function photosOfSize(db: LibraryDatabase, bytes: number): PhotoRow[] {
  return db.all<PhotoRow>('SELECT * FROM photos WHERE bytes = ?', bytes);
}

/** The photo whose original is this file, outside of the bin. */
export function photoInPlace(db: LibraryDatabase, path: string): PhotoRow | undefined {
  return db.get<PhotoRow>(
    "SELECT * FROM photos WHERE path = ? AND storage = 'in-place' AND binned_at IS NULL LIMIT 1",
    path,
  );
}

/** Where the originals lie that the library has no copy of, also of photos in the bin. */
export function originalsInPlace(db: LibraryDatabase): Pick<PhotoRow, 'name' | 'path'>[] {
  return db.all("SELECT name, path FROM photos WHERE storage = 'in-place'");
}

export function missingPhotos(db: LibraryDatabase): PhotoRow[] {
  return db.all<PhotoRow>('SELECT * FROM photos WHERE missing = 1');
}

export function photoIds(db: LibraryDatabase): number[] {
  return db.column<number>('SELECT id FROM photos ORDER BY id');
}

/** Oldest import first, those behind `after`. */
export function undetectedPhotos(db: LibraryDatabase, after: number, limit: number): number[] {
  return db.column<number>(
    `SELECT id FROM photos WHERE detector IS NULL AND binned_at IS NULL AND missing = 0 AND problem_code IS NULL
       AND id > ? ORDER BY id LIMIT ?`,
    ...[after, limit],
  );
}

/** How many `undetectedPhotos` there are. */
export function undetectedCount(db: LibraryDatabase, after: number): number {
  return (
    db.value<number>(
      `SELECT count(*) FROM photos WHERE detector IS NULL AND binned_at IS NULL AND missing = 0
         AND problem_code IS NULL AND id > ?`,
      after,
    ) ?? 0
  );
}

/** Sets one column of several photos; those that have the value already are not touched. */
function setColumn(db: LibraryDatabase, ids: readonly number[], column: string, value: unknown): void {
  expectAll(db, 'photos', ids);
  db.run(
    `UPDATE photos SET ${column} = ? WHERE id IN (SELECT value FROM json_each(?)) AND ${column} IS NOT ?`,
    ...[value, idList(ids), value],
  );
}

/** Each from where it stands, clockwise. */
export function turnBy(db: LibraryDatabase, ids: readonly number[], by: Turn): void {
  expectAll(db, 'photos', ids);
  if (by === 0) return;
  db.run(
    'UPDATE photos SET turn = (turn + ?) % 360 WHERE id IN (SELECT value FROM json_each(?))',
    ...[by, idList(ids)],
  );
}

export function setTakenAt(db: LibraryDatabase, ids: readonly number[], takenAt: string | null): void {
  expectAll(db, 'photos', ids);
  db.run(
    `UPDATE photos SET taken_at = ?, month = ? WHERE id IN (SELECT value FROM json_each(?)) AND taken_at IS NOT ?`,
    ...[takenAt, monthOf(takenAt), idList(ids), takenAt],
  );
}

/** The timeline's month of a date, the year where that is all it says, '' where there is none. */
function monthOf(takenAt: string | null): string {
  return takenAt?.slice(0, 7) ?? '';
}

export function setCaption(db: LibraryDatabase, id: number, caption: string): void {
  setColumn(db, [id], 'caption', cleanText(caption));
}

/** `changed`: missing, since other bytes lie in its place. */
export function setMissing(
  db: LibraryDatabase,
  id: number,
  { missing, changed }: { missing: boolean; changed: boolean },
): void {
  db.run(
    'UPDATE photos SET missing = ?, changed = ? WHERE id = ?',
    ...[missing ? 1 : 0, changed ? 1 : 0, id],
  );
  if (!missing) clearProblemOfOriginal(db, id);
}

/** The original is back: that the last attempt failed for want of it says nothing any more. */
function clearProblemOfOriginal(db: LibraryDatabase, id: number): void {
  db.run(
    `UPDATE photos SET problem_code = NULL, problem_message = NULL
     WHERE id = ? AND problem_code IN ('library/missing-original', 'library/changed-original')`,
    id,
  );
}

export function setSeen(db: LibraryDatabase, id: number, { bytes, ms }: { bytes: number; ms: number }): void {
  db.run('UPDATE photos SET seen_bytes = ?, seen_ms = ? WHERE id = ?', bytes, ms, id);
}

export type Content = Pick<
  PhotoRow,
  'sha256' | 'bytes' | 'format' | 'width' | 'height' | 'depth' | 'notes' | 'path' | 'seen_ms'
>;

/** Other bytes are the photo's original from now on; faces are to be looked for again. */
export function setContent(db: LibraryDatabase, id: number, content: Content): void {
  const { sha256, bytes, format, width, height, depth, notes, path, seen_ms } = content;
  db.run(
    `UPDATE photos SET sha256 = ?, bytes = ?, format = ?, width = ?, height = ?, depth = ?, notes = ?, path = ?,
       seen_bytes = ?, seen_ms = ?, missing = 0, changed = 0, detector = NULL, problem_code = NULL,
       problem_message = NULL WHERE id = ?`,
    ...[sha256, bytes, format, width, height, depth, notes, path, bytes, seen_ms, id],
  );
}

/** What is in the bin already keeps its date. */
export function setBinned(db: LibraryDatabase, ids: readonly number[], binnedAt: string | null): void {
  expectAll(db, 'photos', ids);
  db.run(
    `UPDATE photos SET binned_at = ? WHERE id IN (SELECT value FROM json_each(?))
       AND (binned_at IS NULL) = ?`,
    ...[binnedAt, idList(ids), binnedAt === null ? 0 : 1],
  );
}

/** Points a photo at a file that holds its bytes. */
export function setLocation(
  db: LibraryDatabase,
  id: number,
  { storage, path }: Pick<PhotoRow, 'storage' | 'path'>,
): void {
  db.run(
    `UPDATE photos SET storage = ?, path = ?, missing = 0, changed = 0, seen_bytes = NULL, seen_ms = NULL
     WHERE id = ?`,
    ...[storage, path, id],
  );
  clearProblemOfOriginal(db, id);
}

export function setCurrentVersion(db: LibraryDatabase, id: number, versionId: number | null): void {
  db.run('UPDATE photos SET current_version_id = ?, revision = revision + 1 WHERE id = ?', versionId, id);
}

export function setDetector(db: LibraryDatabase, id: number, detector: string): void {
  db.run('UPDATE photos SET detector = ? WHERE id = ?', detector, id);
}

export function setProblem(
  db: LibraryDatabase,
  id: number,
  problem: { code: string; message: string } | null,
): void {
  db.run(
    'UPDATE photos SET problem_code = ?, problem_message = ? WHERE id = ?',
    ...[problem?.code ?? null, problem?.message ?? null, id],
  );
}

/** Rows only; their files go with the next sweep. */
export function deleteBinned(db: LibraryDatabase): number {
  return db.run('DELETE FROM photos WHERE binned_at IS NOT NULL').changes;
}
