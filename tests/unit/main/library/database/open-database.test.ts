import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  listBackups,
  makeBackup,
  makeBackupIfDue,
  newestGoodBackup,
} from '../../../../../main/library/database/backups.ts';
import { addFoldLetters } from '../../../../../main/library/database/fold-letters.ts';
import { MIGRATIONS } from '../../../../../main/library/database/migrations/index.ts';
import { openDatabase } from '../../../../../main/library/database/open-database.ts';

let folder: string;
let file: string;
const now = () => new Date('2026-11-21T15:45:30Z');
const open = (migrations?: readonly string[]) =>
  openDatabase({ file, backupsFolder: join(folder, 'backups'), now, ...(migrations && { migrations }) });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'heirloom-test-'));
  file = join(folder, 'library.sqlite');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function schemaOf(database: Sqlite.Database): unknown[] {
  return database.prepare('SELECT type, name, sql FROM sqlite_schema ORDER BY type, name').all();
}

/** A photo with what each version of the schema can hold of it. */
function putPhoto(database: Sqlite.Database, version: number): void {
  database.exec(
    `INSERT INTO photos (name, sha256, bytes, format, width, height, depth, storage, path, imported_at, taken_at, month)
     VALUES ('Grüße.jpg', 'a1', 10, 'jpeg', 4, 3, 8, 'copied', 'originals/a1/a1.jpg', '2026-01-01T00:00:00.000Z',
       '1953-06-02', '1953-06');
     INSERT INTO people (name, name_key) VALUES ('Anna Skłodowska', 'anna skłodowska');
     INSERT INTO faces (photo_id, x, y, width, height, landmarks, turn, source, size_px, person_id)
       VALUES (1, 0, 0, 1, 1, '[]', 0, 'person', 50, 1);
     INSERT INTO albums (name) VALUES ('Attic');
     INSERT INTO album_photos VALUES (1, 1);`,
  );
  if (version >= 2)
    database.exec(
      `INSERT INTO jobs (batch_id, photo_id, state, settings, position, created_at)
       VALUES (1, 1, 'waiting', '{}', 1, '2026-01-01T00:00:00.000Z')`,
    );
  if (version >= 3) database.exec("INSERT INTO watched_folders (path, mode) VALUES ('/scans', 'copy')");
  const word = (column: string) => (version >= 9 ? `fold_letters(${column})` : column);
  if (version >= 4)
    database.exec(
      `INSERT INTO photo_search (rowid, name, caption, people, albums, date)
       SELECT id, ${['name', 'caption', 'people', 'albums'].map(word).join(', ')}, date FROM photo_words`,
    );
  if (version >= 5) database.exec("INSERT INTO cleared_jobs VALUES (1, 'done', 2)");
}

describe('openDatabase', () => {
  it('makes a new library of the newest version, without a backup', () => {
    const database = open();
    expect(database.pragma('user_version', { simple: true })).toBe(MIGRATIONS.length);
    expect(database.pragma('journal_mode', { simple: true })).toBe('wal');
    expect(database.pragma('foreign_keys', { simple: true })).toBe(1);
    database.close();
    expect(listBackups(join(folder, 'backups'))).toEqual([]);
  });

  it('has strict tables only', () => {
    const database = open();
    const loose = database
      .prepare(
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND strict = 0 AND name NOT LIKE 'sqlite_%'",
      )
      .all();
    expect(loose).toEqual([]);
    database.close();
  });

  for (let version = 1; version < MIGRATIONS.length; version++)
    it(`brings version ${version} to the newest, rows and all, with a backup`, () => {
      const old = open(MIGRATIONS.slice(0, version));
      putPhoto(old, version);
      old.close();
      const database = open();
      expect(database.pragma('user_version', { simple: true })).toBe(MIGRATIONS.length);
      expect(database.prepare('SELECT name, month FROM photos').all()).toEqual([
        { name: 'Grüße.jpg', month: '1953-06' },
      ]);
      const find = database.prepare('SELECT rowid FROM photo_search WHERE photo_search MATCH ?').pluck();
      for (const word of ['grusse', 'anna', 'sklodowska', 'attic', '1953'])
        expect(find.all(`"${word}"*`)).toEqual([1]);
      const fresh = new Sqlite(':memory:');
      addFoldLetters(fresh);
      for (const sql of MIGRATIONS) fresh.exec(sql);
      expect(schemaOf(database)).toEqual(schemaOf(fresh));
      database.close();
      const [backup = ''] = listBackups(join(folder, 'backups'));
      expect(backup).toBe(join(folder, 'backups', 'library-2026-11-21T154530.sqlite'));
      const copy = new Sqlite(backup, { readonly: true });
      expect(copy.pragma('user_version', { simple: true })).toBe(version);
      expect(copy.prepare('SELECT count(*) FROM photos').pluck().get()).toBe(1);
      copy.close();
    });

  it('refuses a library from the future and leaves every byte', () => {
    open([...MIGRATIONS, 'CREATE TABLE holograms (id INTEGER PRIMARY KEY) STRICT']).close();
    const before = readFileSync(file);
    expect(() => open()).toThrow(
      expect.objectContaining({
        code: 'library/too-new',
        message: expect.stringContaining(`version ${MIGRATIONS.length + 1}`) as string,
      }),
    );
    expect(readFileSync(file).equals(before)).toBe(true);
    expect(readdirSync(folder)).toEqual(['library.sqlite']);
  });

  it('refuses a future version that stands in the log only', () => {
    open().close();
    const newer = new Sqlite(file);
    newer.pragma(`user_version = ${MIGRATIONS.length + 1}`);
    const before = readFileSync(file);
    expect(() => open()).toThrow(expect.objectContaining({ code: 'library/too-new' }));
    newer.close();
    expect(before.readUInt32BE(60)).toBe(MIGRATIONS.length);
  });

  it('stays at the version before a migration that fails, and goes on from there', () => {
    const broken = [
      ...MIGRATIONS.slice(0, 2),
      'CREATE TABLE half (id INTEGER) STRICT; SELECT nonsense FROM nowhere',
    ];
    expect(() => open(broken)).toThrow('nowhere');
    const raw = new Sqlite(file);
    expect(raw.pragma('user_version', { simple: true })).toBe(2);
    expect(raw.prepare("SELECT name FROM sqlite_schema WHERE name = 'half'").all()).toEqual([]);
    raw.close();
    const database = open();
    expect(database.pragma('user_version', { simple: true })).toBe(MIGRATIONS.length);
    database.close();
  });

  it('names the newest backup of a damaged library', () => {
    const old = open(MIGRATIONS.slice(0, 1));
    putPhoto(old, 1);
    old.close();
    open().close();
    const bytes = readFileSync(file);
    // Every page but the first: the header still says what it is.
    bytes.fill(0x5a, 4096);
    writeFileSync(file, bytes);
    expect(() => open()).toThrow(
      expect.objectContaining({
        code: 'library/damaged',
        message: expect.stringContaining('library-2026-11-21T154530.sqlite') as string,
      }),
    );
  });

  it('notices one damaged page', () => {
    const database = open();
    putPhoto(database, 3);
    const root = database
      .prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'photos'")
      .pluck()
      .get() as number;
    database.close();
    const bytes = readFileSync(file);
    bytes.fill(0xee, 4096 * (root - 1), 4096 * (root - 1) + 64);
    writeFileSync(file, bytes);
    expect(() => open()).toThrow(
      expect.objectContaining({
        code: 'library/damaged',
        message: expect.stringContaining('no good backup') as string,
      }),
    );
  });

  describe('from a backup', () => {
    const backups = () => join(folder, 'backups');
    const at = (minute: number) => new Date(`2026-11-21T15:${minute}:00Z`);

    /** A library whose only photo is in a backup, and that is no database any more. */
    function damage(): Buffer {
      const database = open();
      putPhoto(database, MIGRATIONS.length);
      makeBackup(database, backups(), at(10));
      database.close();
      const bytes = readFileSync(file).fill(0x5a, 4096);
      writeFileSync(file, bytes);
      return bytes;
    }

    it('goes back to the newest good one and keeps the damaged file', () => {
      const bytes = damage();
      writeFileSync(join(backups(), 'library-2026-11-21T151100.sqlite'), 'torn');
      const database = openDatabase({ file, backupsFolder: backups(), now, fromBackup: true });
      expect(database.prepare('SELECT count(*) FROM photos').pluck().get()).toBe(1);
      expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
      database.close();
      const aside = join(folder, 'library-damaged-2026-11-21T154530.sqlite');
      expect(readFileSync(aside).equals(bytes)).toBe(true);
    });

    it('does nothing of the kind unless asked, and where none is good', () => {
      damage();
      expect(() => open()).toThrow(expect.objectContaining({ code: 'library/damaged' }));
      for (const backup of listBackups(backups())) writeFileSync(backup, 'torn');
      const forced = () => openDatabase({ file, backupsFolder: backups(), now, fromBackup: true });
      expect(forced).toThrow(expect.objectContaining({ code: 'library/damaged' }));
      expect(readdirSync(folder).filter((name) => name.includes('damaged'))).toEqual([]);
    });

    it('leaves a sound library alone', () => {
      const database = open();
      putPhoto(database, MIGRATIONS.length);
      database.close();
      openDatabase({ file, backupsFolder: backups(), now, fromBackup: true }).close();
      expect(readdirSync(folder)).toEqual(['library.sqlite']);
    });
  });

  it('says so where another program holds the database', () => {
    open().close();
    const other = new Sqlite(file);
    other.pragma('locking_mode = EXCLUSIVE');
    other.exec('BEGIN EXCLUSIVE');
    expect(() => open()).toThrow(
      expect.objectContaining({
        code: 'library/locked',
        message: expect.stringContaining('another program') as string,
      }),
    );
    other.close();
  });

  it('calls a file that is no database damaged, and leaves it', () => {
    writeFileSync(file, 'Dear Anna, the photos are in the attic. '.repeat(20));
    const before = readFileSync(file);
    expect(() => open()).toThrow(expect.objectContaining({ code: 'library/damaged' }));
    expect(readFileSync(file).equals(before)).toBe(true);
  });
});

describe('backups', () => {
  const backups = () => join(folder, 'backups');
  const name = (path: string) => path.slice(backups().length + 1);

  it('are made once a day', async () => {
    const database = open();
    const day = (date: number, hour = 12) => new Date(Date.UTC(2026, 10, date, hour));
    expect(name((await makeBackupIfDue(database, backups(), day(1)))!)).toBe(
      'library-2026-11-01T120000.sqlite',
    );
    expect(await makeBackupIfDue(database, backups(), day(2, 11))).toBeNull();
    expect(await makeBackupIfDue(database, backups(), day(2))).not.toBeNull();
    expect(newestGoodBackup(backups())).toBe(join(backups(), 'library-2026-11-02T120000.sqlite'));
    database.close();
  });

  it('stay the newest where the clock was moved back', () => {
    const database = open();
    for (let minute = 10; minute < 22; minute++)
      makeBackup(database, backups(), new Date(`2026-11-21T15:${minute}:00Z`));
    database.pragma('user_version = 4');
    const made = [1, 2, 3].map(() => makeBackup(database, backups(), new Date('2001-01-01T00:00:00Z')));
    expect(made.map(name)).toEqual([2, 3, 4].map((n) => `library-2026-11-21T152100-${n}.sqlite`));
    expect(listBackups(backups())).toHaveLength(10);
    expect(listBackups(backups())[0]).toBe(made[2]);
    database.close();
  });

  it('sort by number and not by letter', () => {
    const database = open();
    for (let n = 0; n < 11; n++) makeBackup(database, backups(), now());
    expect(listBackups(backups()).slice(0, 2).map(name)).toEqual([
      'library-2026-11-21T154530-11.sqlite',
      'library-2026-11-21T154530-10.sqlite',
    ]);
    database.close();
  });

  it('leave nothing of one that was interrupted', () => {
    mkdirSync(backups());
    writeFileSync(join(backups(), 'library-2026-11-20T000000.sqlite.tmp'), 'half');
    const database = open();
    makeBackup(database, backups(), now());
    database.close();
    expect(readdirSync(backups())).toEqual(['library-2026-11-21T154530.sqlite']);
  });

  it('keeps the ten newest', () => {
    for (let minute = 10; minute < 23; minute++) {
      rmSync(file, { force: true });
      open(MIGRATIONS.slice(0, 1)).close();
      openDatabase({
        ...{ file, backupsFolder: join(folder, 'backups') },
        now: () => new Date(`2026-11-21T15:${minute}:00Z`),
      }).close();
    }
    const names = readdirSync(join(folder, 'backups')).sort();
    expect(names).toHaveLength(10);
    expect(names[0]).toBe('library-2026-11-21T151300.sqlite');
    expect(names.at(-1)).toBe('library-2026-11-21T152200.sqlite');
  });
});
