import type { LibraryDatabase } from './library-database.ts';

/**
 * [Note: Search hits] What the last search met is kept in a temporary table: the months, each page and the ids of a
 * search would look for it again, and a word of two letters meets nearly every photo. `ChangeLog` forgets it when any
 * photo's words change.
 */
export const SEARCH_TABLES = `
CREATE TEMP TABLE search_for (words TEXT NOT NULL, dense INTEGER NOT NULL);
CREATE TEMP TABLE search_hits (id INTEGER PRIMARY KEY);
`;
export const FORGET_SEARCH = 'DELETE FROM search_for;';

/** Where more than one photo in so many is met, all are walked through instead of the ones that are met. */
const DENSE = 10;

/** A condition on `photos` that the words meet; they are what `searchWords` made. */
export function searchCondition(db: LibraryDatabase, words: string): string {
  const known = db.get<{ words: string; dense: 0 | 1 }>('SELECT words, dense FROM search_for');
  const dense = known?.words === words ? known.dense === 1 : keepHits(db, words);
  // The plus keeps SQLite from taking the photos one by one by their ids.
  return `${dense ? '+' : ''}id IN search_hits`;
}

/** Answers whether they are dense. */
function keepHits(db: LibraryDatabase, words: string): boolean {
  db.scratch(FORGET_SEARCH);
  db.scratch('DELETE FROM search_hits');
  const { changes } = db.scratch(
    'INSERT INTO search_hits SELECT rowid FROM photo_search WHERE photo_search MATCH ?',
    words,
  );
  const newest = db.value<number>('SELECT max(id) FROM photos') ?? 0;
  const dense = changes * DENSE > newest;
  db.scratch('INSERT INTO search_for VALUES (?, ?)', words, dense ? 1 : 0);
  return dense;
}
