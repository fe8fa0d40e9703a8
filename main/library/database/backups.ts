import {
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import Sqlite, { type Database } from 'better-sqlite3';

const KEPT = 10;
const NAME = /^library-(\d{4}-\d{2}-\d{2}T\d{6})(?:-(\d+))?\.sqlite$/;
const HALF_WRITTEN = /^library-.*\.sqlite\.tmp(-journal|-wal|-shm)?$/;
/** A day. */
const INTERVAL_MS = 24 * 60 * 60_000;

/** A backup's name in parts: what was made later has a later stamp, or a greater number. */
interface Named {
  name: string;
  /** `2026-11-21T154500`. */
  stamp: string;
  number: number;
}

/** Newest first; absolute paths. */
export function listBackups(folder: string): string[] {
  return namedBackups(folder).map(({ name }) => join(folder, name));
}

function namedBackups(folder: string): Named[] {
  const names = namesIn(folder).map((name) => ({ name, match: NAME.exec(name) }));
  return names
    .filter(({ match }) => match !== null)
    .map(({ name, match }) => ({ name, stamp: match![1]!, number: Number(match![2] ?? 1) }))
    .sort((a, b) => (a.stamp === b.stamp ? b.number - a.number : a.stamp < b.stamp ? 1 : -1));
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** The newest backup that SQLite finds no fault with; null: there is none. */
export function newestGoodBackup(folder: string): string | null {
  return listBackups(folder).find(isGood) ?? null;
}

function isGood(path: string): boolean {
  try {
    const database = new Sqlite(path, { readonly: true });
    try {
      const version = database.pragma('user_version', { simple: true }) as number;
      return version > 0 && database.pragma('integrity_check(1)', { simple: true }) === 'ok';
    } finally {
      database.close();
    }
  } catch {
    return false;
  }
}

/** Writes a whole copy of the database as `library-2026-11-21T154500.sqlite` and lets the oldest ones go. */
export function makeBackup(database: Database, folder: string, now: Date): string {
  const { path, temporary } = prepare(folder, now);
  database.prepare('VACUUM INTO ?').run(temporary);
  return finish(path, temporary);
}

/** The same page by page, so that nobody waits for it; null where the newest backup is of today. */
export async function makeBackupIfDue(database: Database, folder: string, now: Date): Promise<string | null> {
  const [newest] = namedBackups(folder);
  if (newest && Math.abs(now.getTime() - dateOf(newest).getTime()) < INTERVAL_MS) return null;
  const { path, temporary } = prepare(folder, now);
  await database.backup(temporary);
  return finish(path, temporary);
}

function prepare(folder: string, now: Date): { path: string; temporary: string } {
  mkdirSync(folder, { recursive: true });
  for (const name of namesIn(folder).filter((one) => HALF_WRITTEN.test(one))) rmSync(join(folder, name));
  const path = join(folder, freeName(folder, now));
  return { path, temporary: `${path}.tmp` };
}

function finish(path: string, temporary: string): string {
  const folder = dirname(path);
  sync(temporary);
  renameSync(temporary, path);
  syncFolder(folder);
  for (const old of listBackups(folder).slice(KEPT)) rmSync(old, { force: true });
  return path;
}

/** Later than every other one's, also where the clock was moved back since. */
function freeName(folder: string, now: Date): string {
  const stamp = stampOf(now);
  const [newest] = namedBackups(folder);
  if (!newest || newest.stamp < stamp) return `library-${stamp}.sqlite`;
  return `library-${newest.stamp}-${newest.number + 1}.sqlite`;
}

function stampOf(date: Date): string {
  return date.toISOString().slice(0, 19).replaceAll(':', '');
}

function dateOf({ stamp }: Named): Date {
  const [day, time = ''] = stamp.split('T');
  return new Date(`${day}T${time.slice(0, 2)}:${time.slice(2, 4)}:${time.slice(4, 6)}Z`);
}

/**
 * Puts a backup in the database's place. The database itself is kept beside it, with its log, as
 * `library-damaged-2026-11-21T154500.sqlite`, which is answered; a crash in between leaves it where it was.
 */
export function bringBack(backup: string, file: string, now: Date): string {
  const aside = freeAside(dirname(file), now);
  const temporary = `${file}.tmp`;
  copyFileSync(backup, temporary);
  sync(temporary);
  copyFileSync(file, aside);
  sync(aside);
  for (const suffix of ['-wal', '-shm'])
    if (existsSync(file + suffix)) renameSync(file + suffix, aside + suffix);
  renameSync(temporary, file);
  syncFolder(dirname(file));
  return aside;
}

function freeAside(folder: string, now: Date): string {
  const stem = join(folder, `library-damaged-${stampOf(now)}`);
  let path = `${stem}.sqlite`;
  for (let n = 2; existsSync(path); n++) path = `${stem}-${n}.sqlite`;
  return path;
}

function sync(path: string): void {
  const file = openSync(path, 'r+');
  fsyncSync(file);
  closeSync(file);
}

/** Windows writes names by itself, and lets nobody open a folder. */
function syncFolder(path: string): void {
  if (process.platform === 'win32') return;
  const folder = openSync(path, 'r');
  fsyncSync(folder);
  closeSync(folder);
}
