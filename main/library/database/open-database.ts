import { closeSync, openSync, readSync, statSync } from 'node:fs';
import Sqlite, { type Database } from 'better-sqlite3';
import { HeirloomError } from '../../../contract/errors.ts';
import { say } from '../../../contract/sentences.ts';
import { bringBack, makeBackup, newestGoodBackup } from './backups.ts';
import { addFoldLetters } from './fold-letters.ts';
import { MIGRATIONS } from './migrations/index.ts';

export interface OpenDatabaseOptions {
  /** Path of `library.sqlite`. */
  file: string;
  backupsFolder: string;
  now: () => Date;
  /** Others only in tests. */
  migrations?: readonly string[];
  /** A damaged database is put aside, and the newest good backup takes its place. */
  fromBackup?: boolean;
}

/** Where SQLite keeps `user_version`: big endian in the file's header. */
const VERSION_OFFSET = 60;
const HEADER_BYTES = 100;
/** Of SQLite's codes: the disk is full, gone, or not ours. */
const UNWRITABLE = /^SQLITE_(FULL|IOERR|READONLY|CANTOPEN)/;
/** After some seconds of waiting. */
const BUSY = /^SQLITE_(BUSY|LOCKED)/;
const MAGIC = 'SQLite format 3\0';

/**
 * The library's database, checked and brought to the newest version; a copy is made before that.
 * Throws `library/too-new` (the file stays as it is), `library/damaged` (with the newest good backup's path),
 * `library/locked` and `output/unwritable`.
 */
export function openDatabase(options: OpenDatabaseOptions): Database {
  try {
    return openOrThrow(options);
  } catch (error) {
    const backup = options.fromBackup === true && isDamage(error) && newestGoodBackup(options.backupsFolder);
    if (backup) return openBackup(backup, options);
    throw asLibraryError(error, options);
  }
}

function openOrThrow(options: OpenDatabaseOptions): Database {
  const { file, migrations = MIGRATIONS } = options;
  refuseNewerLibrary(file, migrations.length);
  return openChecked(options, migrations);
}

function openBackup(backup: string, options: OpenDatabaseOptions): Database {
  try {
    bringBack(backup, options.file, options.now());
    return openOrThrow(options);
  } catch (error) {
    throw asLibraryError(error, options);
  }
}

function openChecked({ file, backupsFolder, now }: OpenDatabaseOptions, migrations: readonly string[]) {
  const database = new Sqlite(file);
  try {
    database.pragma('journal_mode = WAL');
    // What a person was told is done stays done when the power fails.
    database.pragma('synchronous = FULL');
    database.pragma('temp_store = MEMORY');
    // Triggers and views of a library from somebody else call no function that could reach out of it.
    database.pragma('trusted_schema = OFF');
    addFoldLetters(database);
    checkPages(database);
    const version = database.pragma('user_version', { simple: true }) as number;
    // Once more: a log that was not written back yet may hold a newer version than the header.
    refuseTooNew(file, version, migrations.length);
    if (version > 0 && version < migrations.length) makeBackup(database, backupsFolder, now());
    migrate(database, version, migrations);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Each in a transaction of its own, so that what stops in the middle goes on at the next open. */
function migrate(database: Database, from: number, migrations: readonly string[]): void {
  database.pragma('foreign_keys = OFF');
  for (const [index, sql] of migrations.entries()) {
    if (index < from) continue;
    database.transaction(() => {
      database.exec(sql);
      expectSoundKeys(database, index + 1);
      database.pragma(`user_version = ${index + 1}`);
    })();
  }
  database.pragma('foreign_keys = ON');
}

function expectSoundKeys(database: Database, version: number): void {
  const broken = database.pragma('foreign_key_check') as { table: string; rowid: number }[];
  const [first] = broken;
  if (first)
    throw new Error(
      `Migration ${version} leaves ${broken.length} broken references, first ${first.table} ${first.rowid}`,
    );
}

/** Table by table, without what the words of the search mean: that is most of the work, and can be made again. */
function checkPages(database: Database): void {
  const tables = database
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL TABLE%'")
    .pluck()
    .all() as string[];
  for (const table of tables) {
    const answer = database.pragma(`quick_check(${table})`, { simple: true }) as string;
    if (answer !== 'ok') throw new DamageFound(answer);
  }
}

class DamageFound extends Error {}

/** What SQLite says of a damaged file or a full disk, with a code; any other error as it is. */
export function asLibraryError(
  error: unknown,
  { file, backupsFolder }: Pick<OpenDatabaseOptions, 'file' | 'backupsFolder'>,
): unknown {
  if (isDamage(error)) return damaged(file, backupsFolder, error);
  if (!(error instanceof Sqlite.SqliteError)) return error;
  if (BUSY.test(error.code)) return heldByAnother(file, error);
  if (!UNWRITABLE.test(error.code)) return error;
  const details = { file, reason: error.code };
  return new HeirloomError('output/unwritable', `${file}: ${error.message}`, details, { cause: error });
}

/** Not Heirloom, which takes the library's lock first. */
function heldByAnother(file: string, cause: Error): HeirloomError {
  const message = say('database_held', { path: file, reason: cause.message });
  return new HeirloomError('library/locked', message, { file }, { cause });
}

function isDamage(error: unknown): error is Error {
  if (error instanceof DamageFound) return true;
  if (!(error instanceof Sqlite.SqliteError)) return false;
  return error.code.startsWith('SQLITE_CORRUPT') || error.code === 'SQLITE_NOTADB';
}

function damaged(file: string, backupsFolder: string, cause: Error): HeirloomError {
  const backup = newestGoodBackup(backupsFolder);
  const help = backup ? `The newest good backup is ${backup}` : 'There is no good backup';
  return new HeirloomError(
    'library/damaged',
    `${file}: ${cause.message}. ${help}`,
    { file, backup },
    { cause },
  );
}

/** Before anything is made in a library's folder. Throws `library/too-new`. */
export function refuseNewerLibrary(file: string, newest: number = MIGRATIONS.length): void {
  refuseTooNew(file, storedVersion(file), newest);
}

function refuseTooNew(file: string, version: number, newest: number): void {
  if (version <= newest) return;
  const message = `${file} has version ${version}; this Heirloom knows versions up to ${newest}`;
  throw new HeirloomError('library/too-new', message, { file, version, newest });
}

/** Read without SQLite, which would write beside the file; 0 where there is none yet. */
function storedVersion(file: string): number {
  const header = readHeader(file);
  if (header.length === 0) return 0;
  // What is no database at all is for SQLite to say.
  const isDatabase = header.length === HEADER_BYTES && header.toString('latin1', 0, MAGIC.length) === MAGIC;
  return isDatabase ? header.readUInt32BE(VERSION_OFFSET) : 0;
}

function readHeader(path: string): Buffer {
  if (statSync(path, { throwIfNoEntry: false }) === undefined) return Buffer.alloc(0);
  const file = openSync(path, 'r');
  try {
    const header = Buffer.alloc(HEADER_BYTES);
    return header.subarray(0, readSync(file, header, 0, HEADER_BYTES, 0));
  } finally {
    closeSync(file);
  }
}
