import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ApiEvent, ApiMethod, ApiParamsInput, ApiResult } from '../../contract/api.ts';
import { API_CALLS } from '../../contract/api.ts';
import { HeirloomError } from '../../contract/errors.ts';
import { openApplication, type Application, type ApplicationOptions } from '../../main/application.ts';
import { checkLibrary, hashOf } from '../faults/check-library.ts';
import { HOST_KINDS, openHost } from '../faults/hosts.ts';
import { findFace, makeFaultLibrary, makePictures } from '../faults/make-fault-library.ts';
import { MAIN } from '../fixtures/run-cli.ts';

/** Several processes start in each of these, on a machine that may be busy. */
vi.setConfig({ testTimeout: 240_000 });

const WAIT = { timeout: 120_000, interval: 50 };
const settings = { speed: 'draft' } as const;

let root: string;
let template: string;
let photoIds: number[];
let pictures: string[];
let more: string[];
let place: string;
let folder: string;
let application: Application | undefined;
let events: ApiEvent[];

/** A disk of its own, where this machine lets us mount one. */
const canMount = (() => {
  const at = mkdtempSync(join(tmpdir(), 'heirloom-mount-'));
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', at]);
  if (status === 0) spawnSync('umount', [at]);
  else console.log('Tests of a full and a read-only disk are skipped: this user may not mount one.');
  rmSync(at, { recursive: true });
  return status === 0;
})();

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'heirloom-disk-'));
  template = join(root, 'template');
  pictures = await makePictures(join(root, 'pictures'), 4);
  more = await makePictures(join(root, 'more'), 12, 100);
  ({ photoIds } = await makeFaultLibrary(template, pictures, await findFace()));
});
afterAll(() => rmSync(root, { recursive: true }));

beforeEach(() => {
  place = mkdtempSync(join(root, 'place-'));
  folder = join(place, 'library');
  events = [];
});
afterEach(async () => {
  await application?.close();
  application = undefined;
});

async function open(options: Partial<ApplicationOptions> = {}): Promise<Application> {
  application = await openApplication({ libraryFolder: folder, host: 'browser', ...options });
  application.onEvent((event) => events.push(event));
  return application;
}

async function call<M extends ApiMethod>(method: M, params: ApiParamsInput<M>): Promise<ApiResult<M>> {
  const envelope = await application!.call(method, params);
  if (envelope.ok) return API_CALLS[method].result.parse(envelope.value) as ApiResult<M>;
  throw new HeirloomError(envelope.error.code, envelope.error.message, envelope.error.details);
}

async function importAll(paths: string[]) {
  const { id } = await call('import.start', { paths, mode: 'copy' });
  return vi.waitFor(async () => {
    const report = (await call('import.list', {})).find((one) => one.id === id);
    expect(report?.state).toBe('done');
    return report!;
  }, WAIT);
}

async function states(): Promise<string[]> {
  return (await call('jobs.list', {})).jobs.map(({ state }) => state).sort();
}

const notices = () => events.filter((event) => event.kind === 'notice');

function mount(size: string): void {
  expect(spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', place]).status).toBe(0);
}

function remount(how: string): void {
  expect(spawnSync('mount', ['-o', `remount,${how}`, place]).status).toBe(0);
}

function unmount(): void {
  spawnSync('umount', [place]);
}

/** Leaves so many bytes free. */
function fillUp(leave: number): string {
  const filler = join(place, 'filler');
  const free = Number(
    spawnSync('stat', ['-f', '-c', '%a * %S', place])
      .stdout.toString()
      .split(' * ')
      .reduce((a, b) => String(Number(a) * Number(b))),
  );
  writeFileSync(filler, Buffer.alloc(Math.max(0, free - leave)));
  return filler;
}

describe.skipIf(!canMount)('a full disk', () => {
  beforeEach(() => {
    mount('8m');
    cpSync(template, folder, { recursive: true });
  });
  afterEach(async () => {
    await application?.close();
    application = undefined;
    unmount();
  });

  it.each([0, 30_000, 120_000])(
    'with %i bytes left: imports fail with a reason and the queue stands still; with room both go on',
    async (left) => {
      await open();
      const filler = fillUp(left);
      const report = await importAll(more);
      expect(report.failedCount).toBeGreaterThan(0);
      for (const { code } of report.failed) expect(code).toBe('output/unwritable');
      await call('restore.enqueue', { photoIds, settings }).catch((error: unknown) =>
        expect(error).toMatchObject({ code: 'output/unwritable' }),
      );
      await vi.waitFor(async () => {
        const { paused, jobs } = await call('jobs.list', {});
        expect(paused || jobs.every(({ state }) => state === 'done')).toBe(true);
      }, WAIT);
      expect(checkLibrary(folder, { settled: true, live: true }).problems).toEqual([]);
      rmSync(filler);
      expect(await importAll(more)).toMatchObject({ failedCount: 0 });
      const { jobs } = await call('jobs.list', {});
      if (jobs.length === 0) await call('restore.enqueue', { photoIds, settings });
      await call('jobs.pauseAll', { paused: false });
      await vi.waitFor(async () => expect(await states()).toEqual(photoIds.map(() => 'done')), WAIT);
      expect(checkLibrary(folder, { settled: true, live: true })).toMatchObject({ problems: [], lost: 0 });
    },
  );

  it('without a byte left refuses to open with the reason; with some it shows its photos, and closes', async () => {
    const filler = fillUp(0);
    await expect(open()).rejects.toMatchObject({ code: 'output/unwritable' });
    rmSync(filler);
    fillUp(200_000);
    await open();
    expect((await call('timeline.ids', { query: {} })).length).toBe(photoIds.length);
    expect((await call('photos.get', { id: photoIds[0]! })).missing).toBe(false);
    await application!.close();
    application = undefined;
    expect(existsSync(join(folder, 'library.lock'))).toBe(false);
  });
});

describe.skipIf(!canMount)('a disk that may only be read', () => {
  it('is refused with the reason, and nothing is changed', async () => {
    mount('8m');
    try {
      cpSync(template, folder, { recursive: true });
      remount('ro');
      await expect(open()).rejects.toMatchObject({
        code: 'output/unwritable',
        message: expect.stringMatching(/read-only/) as string,
      });
      for (const kind of HOST_KINDS) await expect(openHost(kind, folder)).rejects.toThrow(/read-only/);
    } finally {
      unmount();
    }
  });
});

describe('the folder of a library', () => {
  beforeEach(() => cpSync(template, folder, { recursive: true }));

  it('that goes out of sight and comes back: the queue stands still, and nothing is lost', async () => {
    await open();
    const away = `${folder}-away`;
    renameSync(folder, away);
    await call('restore.enqueue', { photoIds, settings });
    await vi.waitFor(async () => expect((await call('jobs.list', {})).paused).toBe(true), WAIT);
    expect(await states()).toEqual(photoIds.map(() => 'waiting'));
    expect(notices()).not.toEqual([]);
    expect(await importAll(more.slice(0, 1))).toMatchObject({ imported: 0, failedCount: 1 });
    // Whatever was written there meanwhile is not the library.
    rmSync(folder, { recursive: true, force: true });
    renameSync(away, folder);
    await call('jobs.pauseAll', { paused: false });
    await vi.waitFor(async () => expect(await states()).toEqual(photoIds.map(() => 'done')), WAIT);
    for (const id of photoIds) expect(await call('photos.get', { id })).toMatchObject({ missing: false });
    expect(await importAll(more.slice(0, 1))).toMatchObject({ imported: 1 });
    expect(checkLibrary(folder, { settled: true, live: true })).toMatchObject({ problems: [], lost: 0 });
  });

  it('that two programs want belongs to the first; the second is told which one', async () => {
    const first = await openHost('serve', folder);
    try {
      for (const kind of HOST_KINDS)
        await expect(openHost(kind, folder)).rejects.toThrow(
          new RegExp(`Another Heirloom \\(process ${first.pid}\\)`),
        );
      expect((await first.call('timeline.ids', { query: {} })).length).toBe(photoIds.length);
    } finally {
      expect(await first.close()).toBe(0);
    }
    expect(await (await openHost('application', folder)).close()).toBe(0);
  });

  it('without thumbnails gets them again', async () => {
    await open();
    const [id = 0] = photoIds;
    const { path } = await application!.pictureFile({ kind: 'photo', id, size: 'small' });
    const before = await sharp(path).metadata();
    rmSync(join(folder, 'thumbnails'), { recursive: true });
    rmSync(join(folder, 'cache'), { recursive: true });
    const again = await application!.pictureFile({ kind: 'photo', id, size: 'small' });
    expect(again.path).toBe(path);
    const { format, width, height } = await sharp(path).metadata();
    expect({ format, width, height }).toMatchObject({
      format: 'webp',
      width: before.width,
      height: before.height,
    });
    await application!.pictureFile({ kind: 'photo', id, size: 'large' });
    await expect(
      application!.pictureFile({ kind: 'photo-tile', id, level: 0, column: 0, row: 0 }),
    ).resolves.toMatchObject({ contentType: 'image/webp' });
  });

  it('with an original that was replaced is noticed before a restoration', async () => {
    await open();
    const [id = 0] = photoIds;
    const { location } = await call('photos.get', { id });
    const bytes = readFileSync(location);
    const { mtime, atime } = statSync(location);
    // The same size and time: only the hash tells.
    writeFileSync(location, Buffer.from(bytes).fill(0x5a, bytes.length - 600));
    const { utimesSync } = await import('node:fs');
    utimesSync(location, atime, mtime);
    await call('restore.enqueue', { photoIds: [id], settings });
    await vi.waitFor(async () => expect(await states()).toEqual(['failed']), WAIT);
    const [job] = (await call('jobs.list', {})).jobs;
    expect(job?.error?.code).toMatch(/^library\/(changed|missing)-original$/);
    expect(checkLibrary(folder, { settled: false, live: true }).versions).toEqual([]);
  });
});

describe('the clock', () => {
  it('moved back by years: imports, batches and backups go on in their order', async () => {
    cpSync(template, folder, { recursive: true });
    await open();
    await importAll(more.slice(0, 1));
    await application!.close();
    vi.useFakeTimers({ toFake: ['Date'], now: new Date('2001-02-03T04:05:06Z') });
    try {
      await open();
      const { photoIds: later } = await importAll(more.slice(1, 2));
      await call('restore.enqueue', { photoIds: [...photoIds, ...later], settings });
      await vi.waitFor(
        async () => expect(await states()).toEqual([...photoIds, ...later].map(() => 'done')),
        WAIT,
      );
      const { versions } = await call('photos.get', { id: later[0]! });
      expect(versions.map(({ number }) => number)).toEqual([1]);
      await call('restore.enqueue', { photoIds: later, settings: { ...settings, seed: 2 } });
      await vi.waitFor(
        async () => expect((await call('photos.get', { id: later[0]! })).versions).toHaveLength(2),
        WAIT,
      );
      const { versions: both, currentVersionId } = await call('photos.get', { id: later[0]! });
      expect(currentVersionId).toBe(both.find(({ number }) => number === 2)?.id);
      await application!.close();
      await open();
      expect(checkLibrary(folder, { settled: true, live: true })).toMatchObject({ problems: [], lost: 0 });
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('the database', () => {
  beforeEach(() => cpSync(template, folder, { recursive: true }));
  const database = () => join(folder, 'library.sqlite');

  it('that another program holds is named as such, and opens when it is free', async () => {
    const other = new Sqlite(database());
    other.exec('BEGIN IMMEDIATE; UPDATE photos SET caption = caption');
    await open();
    expect((await call('jobs.list', {})).paused).toBe(true);
    await expect(call('photos.setCaption', { id: photoIds[0]!, caption: 'Summer' })).rejects.toMatchObject({
      code: 'library/locked',
    });
    other.exec('ROLLBACK');
    other.close();
    await call('photos.setCaption', { id: photoIds[0]!, caption: 'Summer' });
    expect((await call('photos.get', { id: photoIds[0]! })).caption).toBe('Summer');
  });

  it('that is damaged: both hosts name the newest good backup and go back to it when told to; no photo is lost', async () => {
    await open();
    // The first sweep makes a backup; what comes after is not in it.
    await vi.waitFor(() => expect(readdirSync(join(folder, 'backups'))).toHaveLength(1), WAIT);
    const { photoIds: later } = await importAll(more.slice(0, 2));
    await call('restore.enqueue', { photoIds: [...photoIds.slice(0, 1), ...later], settings });
    await vi.waitFor(async () => expect(await states()).toEqual(['done', 'done', 'done']), WAIT);
    await application!.close();
    application = undefined;
    const before = checkLibrary(folder, { settled: true });
    const contents = before.photos.map(({ sha256 }) => sha256).sort();
    const damaged = readFileSync(database()).fill(0x5a, 4096);
    for (const kind of HOST_KINDS) {
      const copy = `${folder}-${kind}`;
      cpSync(folder, copy, { recursive: true });
      writeFileSync(join(copy, 'library.sqlite'), damaged);
      await expect(openHost(kind, copy)).rejects.toThrow(/The newest good backup is .*backups/);
      const host = await openHost(kind, copy, { args: ['--from-backup'] });
      await vi.waitFor(
        () => expect(checkLibrary(copy, { settled: true, live: true }).problems).toEqual([]),
        WAIT,
      );
      expect(await host.close()).toBe(0);
      const after = checkLibrary(copy, { settled: true });
      expect(after.photos.map(({ sha256 }) => sha256).sort()).toEqual(contents);
      // Versions that the backup does not know are kept as files.
      const kept = readdirSync(join(copy, 'recovered')).map((name) => hashOf(join(copy, 'recovered', name)));
      expect(kept.sort()).toEqual(before.versions.map(({ sha256 }) => sha256).sort());
      const [aside = ''] = readdirSync(copy).filter((name) => name.startsWith('library-damaged-'));
      expect(readFileSync(join(copy, aside)).equals(damaged)).toBe(true);
    }
  });

  it('without a good backup stays as it is', () => {
    const damaged = readFileSync(database()).fill(0x5a, 4096);
    writeFileSync(database(), damaged);
    mkdirSync(join(folder, 'backups'), { recursive: true });
    writeFileSync(join(folder, 'backups', 'library-2026-01-01T000000.sqlite'), 'torn');
    const { status, stderr } = spawnSync(
      process.execPath,
      [MAIN, 'serve', '--library', folder, '--from-backup'],
      {
        encoding: 'utf8',
      },
    );
    expect(status).toBe(1);
    expect(stderr).toContain('There is no good backup');
    expect(readFileSync(database()).equals(damaged)).toBe(true);
  });
});
