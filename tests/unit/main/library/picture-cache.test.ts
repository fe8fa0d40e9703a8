import {
  existsSync,
  mkdirSync,
  readdirSync,
  statSync,
  truncateSync as truncate,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { settingsSchema } from '../../../../contract/library.ts';
import { LibraryFolder, type CacheKind } from '../../../../main/library/library-folder.ts';
import type { LibrarySettings } from '../../../../main/library/library-settings.ts';
import { PictureCache } from '../../../../main/library/picture-cache.ts';
import { temporaryFolder } from '../../../fixtures/make-pictures.ts';
import { openTestLibrary } from './open-test-library.ts';

const NOW = new Date('2026-06-01T12:00:00Z');
const daysAgo = (days: number) => new Date(NOW.getTime() - days * 86_400_000);
const GIGABYTE = 1e9;

let root: string;
let folder: LibraryFolder;
let cache: PictureCache;
let cacheGigabytes: number;
beforeEach(async () => {
  root = await temporaryFolder();
  folder = new LibraryFolder(root);
  folder.create();
  cacheGigabytes = 1;
  const settings = { get: () => settingsSchema.parse({ cacheGigabytes }) } as LibrarySettings;
  cache = new PictureCache({ folder, settings, now: () => NOW });
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** A file with a hole: of this size, and of none on the disk. */
function put(path: string, bytes: number, usedDaysAgo: number): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, '');
  truncate(path, bytes);
  utimesSync(path, daysAgo(usedDaysAgo), daysAgo(usedDaysAgo));
  return path;
}
const keep = (kind: CacheKind, name: string, gigabytes: number, usedDaysAgo: number) =>
  put(folder.cached(kind, name), gigabytes * GIGABYTE, usedDaysAgo);

describe('the picture cache', () => {
  it('keeps everything while there is room', async () => {
    const paths = [keep('views', 'aa.webp', 0.5, 900), keep('faces', 'bb.webp', 0.4, 1)];
    await cache.trim();
    expect(paths.map(existsSync)).toEqual([true, true]);
  });

  it('lets the oldest go, whatever its kind, a folder of tiles as a whole', async () => {
    const view = keep('views', 'aa.webp', 0.4, 5);
    const face = keep('faces', 'bb.webp', 0.3, 9);
    const tiles = folder.cached('tiles', 'cc');
    put(join(tiles, '0', '0_0.webp'), 0.2 * GIGABYTE, 0);
    put(join(tiles, '1', '0_0.webp'), 0.2 * GIGABYTE, 0);
    utimesSync(tiles, daysAgo(7), daysAgo(7));
    await cache.trim();
    // 1.1 GB: the face goes, and what is left is under nine tenths.
    expect([view, face, tiles].map(existsSync)).toEqual([true, false, true]);
    cacheGigabytes = 1;
    keep('full', 'dd.webp', 0.3, 0);
    await cache.trim();
    expect([view, tiles].map(existsSync)).toEqual([true, false]);
    expect(readdirSync(dirname(tiles))).toEqual([]);
  });

  it('what is looked at again goes later', async () => {
    const old = keep('views', 'aa.webp', 0.6, 9);
    const other = keep('views', 'bb.webp', 0.6, 5);
    await cache.shown(old, false);
    expect(statSync(old).mtimeMs).toBe(NOW.getTime());
    await cache.trim();
    expect([old, other].map(existsSync)).toEqual([true, false]);
  });

  it('makes room when a new picture does not fit', async () => {
    const old = keep('views', 'aa.webp', 0.9, 9);
    await cache.trim();
    const made = keep('full', 'bb.webp', 0.5, 0);
    await cache.shown(made, true);
    await cache.trim();
    expect([old, made].map(existsSync)).toEqual([false, true]);
  });

  it('does not touch thumbnails and originals', async () => {
    const thumbnail = put(folder.thumbnail('aa', 'small'), 3 * GIGABYTE, 90);
    await cache.shown(thumbnail, true);
    await cache.trim();
    expect(statSync(thumbnail).mtimeMs).toBe(daysAgo(90).getTime());
  });

  it('of a library that gets less room gives some back, and what went is made again', async () => {
    const test = await openTestLibrary();
    try {
      const { id: run } = test.library.importPaths([test.picture('big.jpg', '4000x3000 big')], 'copy');
      const [id = 0] = (await test.library.importDone(run)).photoIds;
      await test.library.settled();
      const { path } = await test.library.pictureFile({ kind: 'photo', id, size: 'view' });
      truncate(path, 1.5 * GIGABYTE);
      await test.api['settings.set']({ cacheGigabytes: 1 });
      await expect.poll(() => existsSync(path)).toBe(false);
      expect((await test.library.pictureFile({ kind: 'photo', id, size: 'view' })).path).toBe(path);
      expect(existsSync(path)).toBe(true);
    } finally {
      await test.remove();
    }
  });
});
