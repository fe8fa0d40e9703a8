import { HeirloomError } from '../../../contract/errors.ts';
import type { LibraryDatabase } from './library-database.ts';

/** Ids as one bound value: `IN (SELECT value FROM json_each(?))`. */
export function idList(ids: readonly number[]): string {
  return JSON.stringify(ids);
}

type Table = 'photos' | 'faces' | 'people' | 'versions' | 'albums' | 'watched_folders' | 'jobs';

const NOUNS: Record<Table, string> = {
  photos: 'photo',
  faces: 'face',
  people: 'person',
  versions: 'version',
  albums: 'album',
  watched_folders: 'watched folder',
  jobs: 'job',
};

export function notFound(table: Table, id: number): HeirloomError {
  return new HeirloomError('library/not-found', `There is no ${NOUNS[table]} ${id} in the library`, { id });
}

/** Throws `library/not-found` for the first id that the table does not hold. */
export function expectAll(db: LibraryDatabase, table: Table, ids: readonly number[]): void {
  const missing = db.value<number>(
    `SELECT value FROM json_each(?) WHERE value NOT IN (SELECT id FROM ${table}) LIMIT 1`,
    idList(ids),
  );
  if (missing !== undefined) throw notFound(table, missing);
}

/**
 * Text as it is stored: composed Unicode, no control characters but line breaks and tabs, and no marks that turn the
 * direction of what follows (`photo\u202egpj.exe` shows as `photoexe.jpg`); an Arabic name needs none of them.
 */
export function cleanText(text: string): string {
  return text.normalize('NFC').replace(/[\u0000-\u0008\u000b-\u001f\u007f\u202a-\u202e\u2066-\u2069]/g, '');
}

/** The same for a name. Throws `argument/invalid` where nothing of it can be seen. */
export function cleanName(name: string): string {
  const clean = cleanText(name).trim();
  if (clean === '')
    throw new HeirloomError('argument/invalid', `Expected a name but received ${JSON.stringify(name)}`);
  return clean;
}
