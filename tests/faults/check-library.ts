import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite, { type Database } from 'better-sqlite3';

/** Of files that must never change: path and SHA-256. */
export type Hashes = ReadonlyMap<string, string>;

export function hashOf(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

export function hashesOf(paths: readonly string[]): Hashes {
  return new Map(paths.map((path) => [path, hashOf(path)]));
}

interface VersionRow {
  id: number;
  photo_id: number;
  path: string;
  bytes: number;
  sha256: string;
}

interface PhotoRow {
  id: number;
  path: string;
  sha256: string;
}

/** What a library holds, read beside the program that has it open or after it is gone. */
export interface LibraryState {
  photos: PhotoRow[];
  versions: VersionRow[];
  /** Of its jobs. */
  states: Record<string, number>;
  problems: string[];
  /** Photos or versions that are not whole. */
  lost: number;
}

export interface CheckOptions {
  /** Also for files that belong to no row, which the next open looks after. */
  settled: boolean;
  /** A program has the library open. */
  live?: boolean;
}

/** Looks at every row and every file. */
export function checkLibrary(folder: string, { settled, live = false }: CheckOptions): LibraryState {
  const state = live ? readRows(join(folder, 'library.sqlite'), folder) : readCopy(folder);
  if (settled) state.problems.push(...strayFiles(folder, state));
  return state;
}

/** The last one who closes a database writes its log back; the next start is to find it as the crash left it. */
function readCopy(folder: string): LibraryState {
  const copy = mkdtempSync(`${folder}-check-`);
  try {
    for (const name of ['library.sqlite', 'library.sqlite-wal'])
      if (existsSync(join(folder, name))) copyFileSync(join(folder, name), join(copy, name));
    return readRows(join(copy, 'library.sqlite'), folder);
  } finally {
    rmSync(copy, { recursive: true });
  }
}

function readRows(file: string, folder: string): LibraryState {
  const database = new Sqlite(file);
  try {
    return database.transaction(() => readState(database, folder))();
  } finally {
    database.close();
  }
}

function readState(database: Database, folder: string): LibraryState {
  const integrity = database.pragma('integrity_check', { simple: true }) as string;
  const broken = database.pragma('foreign_key_check') as unknown[];
  const photos = database
    .prepare("SELECT id, path, sha256 FROM photos WHERE storage = 'copied'")
    .all() as PhotoRow[];
  const versions = database
    .prepare('SELECT id, photo_id, path, bytes, sha256 FROM versions')
    .all() as VersionRow[];
  const jobs = database.prepare('SELECT state, count(*) AS count FROM jobs GROUP BY state').all() as {
    state: string;
    count: number;
  }[];
  const wrong = [...photos, ...versions].filter(({ path, sha256 }) => !isWhole(join(folder, path), sha256));
  return {
    ...{ photos, versions, states: Object.fromEntries(jobs.map(({ state, count }) => [state, count])) },
    lost: wrong.length,
    problems: [
      ...(integrity === 'ok' ? [] : [`integrity check: ${integrity}`]),
      ...(broken.length === 0 ? [] : [`${broken.length} broken references`]),
      ...wrong.map(({ path }) => `${path} is missing or not what its row says`),
    ],
  };
}

function isWhole(path: string, sha256: string): boolean {
  return existsSync(path) && hashOf(path) === sha256;
}

function strayFiles(folder: string, { photos, versions }: LibraryState): string[] {
  const named = new Set([...photos, ...versions].map(({ path }) => path));
  const stray = ['originals', 'versions']
    .flatMap((kind) => filesIn(folder, kind))
    .filter((path) => !named.has(path));
  const half = ['thumbnails', 'cache']
    .flatMap((kind) => filesIn(folder, kind))
    .filter((path) => /\.tmp(\/|$)/.test(path));
  return [...stray.map((path) => `${path} has no row`), ...half.map((path) => `${path} is left over`)];
}

/** Files at any depth, relative to the library's folder, with slashes. */
function filesIn(folder: string, kind: string): string[] {
  const path = join(folder, kind);
  if (!existsSync(path)) return [];
  return readdirSync(path, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesIn(folder, `${kind}/${entry.name}`) : [`${kind}/${entry.name}`],
  );
}

/** Files that changed or went. */
export function changedFiles(hashes: Hashes): string[] {
  return [...hashes]
    .filter(([path, hash]) => !existsSync(path) || hashOf(path) !== hash)
    .map(([path]) => path);
}
