import { renameSync } from 'node:fs';
import type { UndoAs } from './database/library-database.ts';
import { moveInto } from './files.ts';
import type { LibraryContext } from './library-context.ts';

/** Moves a file to `path`, below the library's folder with slashes. */
export type Place = (source: string, path: string) => void;

/**
 * [Note: A file and its row] A file comes to its place inside the transaction that writes its row, as the last thing
 * before the commit: a row never stands without its file. What a crash leaves between the two is a file without a row,
 * which the next open finds (`sweepOrphans`). Where the commit itself fails, the file goes back to where it was.
 */
export function placeWithRow<T>(
  { db, folder }: LibraryContext,
  undoAs: UndoAs,
  change: (place: Place) => T,
): T {
  const moved: { source: string; target: string }[] = [];
  const place: Place = (source, path) => {
    const target = folder.absolute(path);
    moveInto(source, target);
    moved.push({ source, target });
  };
  try {
    return db.write(undoAs, () => change(place));
  } catch (error) {
    for (const { source, target } of moved) moveBack(target, source);
    throw error;
  }
}

function moveBack(target: string, source: string): void {
  try {
    renameSync(target, source);
  } catch {
    // It stays where it is, and the next open finds it.
  }
}
