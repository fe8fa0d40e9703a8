import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import Sqlite from 'better-sqlite3';
import { openLibrary } from '../../../../main/library/open-library.ts';
import { openTestLibrary, write, type TestLibrary } from './open-test-library.ts';

let test: TestLibrary;
beforeEach(async () => {
  test = await openTestLibrary();
});
afterEach(() => test.remove());

const again = () =>
  openLibrary({
    ...{ folder: join(test.folder, 'library'), engines: { imaging: test.engine, interactive: test.engine } },
    emit: () => undefined,
  });

describe('openLibrary', () => {
  it('refuses a library that is open, and opens it when that is closed', async () => {
    await expect(again()).rejects.toMatchObject({
      code: 'library/locked',
      message: expect.stringContaining(String(process.pid)) as string,
    });
    await test.library.close();
    const library = await again();
    await library.close();
    await library.close();
  });

  it('takes over the lock of a process that is gone', async () => {
    await test.library.close();
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    const lock = join(test.folder, 'library', 'library.lock');
    writeFileSync(lock, JSON.stringify({ pid, started: '1' }));
    const library = await again();
    expect(JSON.parse(readFileSync(lock, 'utf8'))).toMatchObject({ pid: process.pid });
    await library.close();
    expect(existsSync(lock)).toBe(false);
  });

  it.skipIf(process.platform !== 'linux')(
    'takes over the lock of a process whose id another one has now',
    async () => {
      await test.library.close();
      writeFileSync(
        join(test.folder, 'library', 'library.lock'),
        JSON.stringify({ pid: process.pid, started: '1' }),
      );
      await (await again()).close();
    },
  );

  it('takes over a lock that nobody can read', async () => {
    await test.library.close();
    writeFileSync(join(test.folder, 'library', 'library.lock'), 'half a li');
    await (await again()).close();
  });

  it('leaves no lock behind when it cannot open', async () => {
    await test.library.close();
    const file = join(test.folder, 'library', 'library.sqlite');
    const bytes = readFileSync(file);
    bytes.fill(0x55, 4096);
    writeFileSync(file, bytes);
    await expect(again()).rejects.toMatchObject({ code: 'library/damaged' });
    await expect(again()).rejects.toMatchObject({ code: 'library/damaged' });
  });

  it('makes nothing in the folder of a library from the future', async () => {
    const folder = join(test.folder, 'newer');
    mkdirSync(folder);
    const newer = new Sqlite(join(folder, 'library.sqlite'));
    newer.pragma('user_version = 99');
    newer.close();
    const opening = openLibrary({
      ...{ folder, engines: { imaging: test.engine, interactive: test.engine } },
      emit: () => undefined,
    });
    await expect(opening).rejects.toMatchObject({ code: 'library/too-new' });
    expect(readdirSync(folder)).toEqual(['library.sqlite']);
  });

  it('clears what a crash left in tmp, but not the finished faces of jobs that go on', async () => {
    const [a = 0, b = 0] = await test.add('a.jpg', 'b.jpg');
    const settings = {
      preset: 'balanced',
      speed: 'normal',
      seed: 0,
      scale: 1,
      tone: 'auto',
      grain: 0.5,
      faces: 'all',
    } as const;
    test.library.jobs.add([a], settings);
    const kept = write(join(test.library.versionOutput(a).checkpoint, 'face-0'), 'x');
    const old = write(join(test.library.versionOutput(b).checkpoint, 'face-0'), 'x');
    const half = write(`${test.library.versionOutput(b).stem}.jpg`, 'x');
    await test.reopen();
    expect([kept, old, half].map((path) => existsSync(path))).toEqual([true, false, false]);
  });

  it('keeps everything over a restart', async () => {
    const [a = 0] = await test.add('a.jpg');
    await test.api['photos.setCaption']({ id: a, caption: 'Summer' });
    const before = await test.api['photos.get']({ id: a });
    await test.reopen();
    expect(await test.api['photos.get']({ id: a })).toEqual(before);
  });

  it('finds its files again when its folder was moved', async () => {
    const [a = 0] = await test.add('a.jpg');
    await test.library.close();
    const { renameSync } = await import('node:fs');
    const moved = join(test.folder, 'moved');
    renameSync(join(test.folder, 'library'), moved);
    const library = await openLibrary({
      ...{
        folder: moved,
        engines: { imaging: test.engine, interactive: test.engine },
        emit: () => undefined,
      },
    });
    expect(readFileSync(await library.originalFile(a), 'utf8')).toBe('100x80 a.jpg');
    await library.close();
  });
});

describe('settings', () => {
  it('are the defaults at first, and change one by one', async () => {
    expect(test.api['settings.get']({})).toMatchObject({
      theme: 'system',
      importMode: 'copy',
      packId: 'family-256',
    });
    await test.api['settings.set']({ theme: 'dark' });
    expect(await test.api['settings.set']({ exportOptions: { quality: 80 } })).toMatchObject({
      ...{ theme: 'dark', exportOptions: { quality: 80 }, language: 'system' },
    });
    expect(test.events.at(-1)).toMatchObject({ kind: 'settings', settings: { theme: 'dark' } });
    await test.reopen();
    expect(test.api['settings.get']({})).toMatchObject({ theme: 'dark', exportOptions: { quality: 80 } });
  });

  it('change several at once, new ones and stored ones', async () => {
    await test.api['settings.set']({ theme: 'dark', language: 'de', tourDone: true });
    const changed = await test.api['settings.set']({ theme: 'light', language: 'es', speed: 'draft' });
    expect(changed).toMatchObject({ theme: 'light', language: 'es', tourDone: true, speed: 'draft' });
  });

  it('that this Heirloom does not know count as unset', async () => {
    const { db } = test.library.context;
    db.write(null, () => {
      for (const [key, value] of [
        ['theme', '"mauve"'],
        ['holograms', 'true'],
        ['constructor', '1'],
      ])
        db.run('INSERT INTO settings VALUES (?, ?)', key, value);
    });
    expect(test.api['settings.get']({})).toMatchObject({ theme: 'system' });
    expect(await test.api['settings.set']({ language: 'ar' })).toMatchObject({
      theme: 'system',
      language: 'ar',
    });
  });
});
