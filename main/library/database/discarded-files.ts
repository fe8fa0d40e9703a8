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

export function forgetDiscarded(db: LibraryDatabase): void {
  db.run('DELETE FROM discarded_files');
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
