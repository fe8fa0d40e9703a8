import type { LibraryDatabase } from './library-database.ts';

export interface DiscardedFile {
  /** Below the library's folder, with slashes. */
  path: string;
  sha256: string;
}

/** Files of rows that went; some may have come back by undo. */
export function discardedFiles(db: LibraryDatabase): DiscardedFile[] {
  return db.all<DiscardedFile>('SELECT path, sha256 FROM discarded_files');
}

/** A path holds the id of its version or the hash of its photo. */
export function fileIsUsed(db: LibraryDatabase, path: string): boolean {
  return (
    db.value(
      'SELECT 1 FROM photos WHERE path = ? UNION ALL SELECT 1 FROM versions WHERE path = ? LIMIT 1',
      ...[path, path],
    ) !== undefined
  );
}

export function forgetDiscarded(db: LibraryDatabase, paths: readonly string[]): void {
  db.run('DELETE FROM discarded_files WHERE path IN (SELECT value FROM json_each(?))', JSON.stringify(paths));
}

/** Paths of every file that a row names, or named until undo forgets it. */
export function knownFiles(db: LibraryDatabase): Set<string> {
  const paths = db.column<string>(
    `SELECT path FROM photos WHERE storage = 'copied' UNION ALL SELECT path FROM versions
     UNION ALL SELECT path FROM discarded_files`,
  );
  return new Set(paths);
}

export function fileIsKnown(db: LibraryDatabase, path: string): boolean {
  return fileIsUsed(db, path) || db.value('SELECT 1 FROM discarded_files WHERE path = ?', path) !== undefined;
}

/** Thumbnails and views are named by content: another row may show the same. */
export function contentIsUsed(db: LibraryDatabase, sha256: string): boolean {
  return (
    db.value(
      'SELECT 1 FROM photos WHERE sha256 = ? UNION ALL SELECT 1 FROM versions WHERE sha256 = ? LIMIT 1',
      ...[sha256, sha256],
    ) !== undefined
  );
}
