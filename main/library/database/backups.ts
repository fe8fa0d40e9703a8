import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Database } from 'better-sqlite3';

const KEPT = 10;
const NAME = /^library-\d{4}-\d{2}-\d{2}T\d{6}(-\d+)?\.sqlite$/;

/** Newest first; absolute paths. */
export function listBackups(folder: string): string[] {
  try {
    const names = readdirSync(folder).filter((name) => NAME.test(name));
    return names
      .sort()
      .reverse()
      .map((name) => join(folder, name));
  } catch {
    return [];
  }
}

/** Writes a whole copy of the database as `library-2026-11-21T154500.sqlite` and lets the oldest ones go. */
export function makeBackup(database: Database, folder: string, now: Date): string {
  mkdirSync(folder, { recursive: true });
  const path = freeName(folder, now);
  const temporary = `${path}.tmp`;
  rmSync(temporary, { force: true });
  database.prepare('VACUUM INTO ?').run(temporary);
  syncFile(temporary);
  renameSync(temporary, path);
  for (const old of listBackups(folder).slice(KEPT)) rmSync(old, { force: true });
  return path;
}

function freeName(folder: string, now: Date): string {
  const stem = `library-${now.toISOString().slice(0, 19).replaceAll(':', '')}`;
  const taken = new Set(listBackups(folder));
  let path = join(folder, `${stem}.sqlite`);
  for (let n = 2; taken.has(path); n++) path = join(folder, `${stem}-${n}.sqlite`);
  return path;
}

function syncFile(path: string): void {
  const file = openSync(path, 'r+');
  fsyncSync(file);
  closeSync(file);
}
