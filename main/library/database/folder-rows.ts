import type { LibraryDatabase } from './library-database.ts';
import { expectAll } from './rows.ts';

export interface FolderRow {
  id: number;
  path: string;
  mode: 'copy' | 'in-place';
}

export function listFolders(db: LibraryDatabase): FolderRow[] {
  return db.all<FolderRow>('SELECT id, path, mode FROM watched_folders ORDER BY path');
}

/** A folder that is watched already gets the new mode. */
export function upsertFolder(db: LibraryDatabase, path: string, mode: FolderRow['mode']): number {
  const known = db.value<number>('SELECT id FROM watched_folders WHERE path = ?', path);
  if (known === undefined)
    return db.run('INSERT INTO watched_folders (path, mode) VALUES (?, ?)', path, mode).id;
  db.run('UPDATE watched_folders SET mode = ? WHERE id = ?', mode, known);
  return known;
}

export function deleteFolder(db: LibraryDatabase, id: number): void {
  expectAll(db, 'watched_folders', [id]);
  db.run('DELETE FROM watched_folders WHERE id = ?', id);
}

export interface SeenFile {
  path: string;
  bytes: number;
  modifiedMs: number;
}

/** True where the same file was looked at before. */
export function wasSeen(db: LibraryDatabase, { path, bytes, modifiedMs }: SeenFile): boolean {
  return (
    db.value(
      'SELECT 1 FROM seen_files WHERE path = ? AND bytes = ? AND modified_ms = ?',
      ...[path, bytes, modifiedMs],
    ) !== undefined
  );
}

export function markSeen(db: LibraryDatabase, { path, bytes, modifiedMs }: SeenFile): void {
  db.run(
    'INSERT INTO seen_files VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET bytes = excluded.bytes, modified_ms = excluded.modified_ms',
    ...[path, bytes, modifiedMs],
  );
}
