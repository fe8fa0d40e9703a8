import { cp, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test as base, expect, type Page } from '@playwright/test';
import { TINY_PACK, TINY_PACK_ID } from '../fixtures/tiny-pack.ts';
import { startServer, type Server } from './server.ts';
import { settledLibrary } from './settle-library.ts';

export { expect } from '@playwright/test';
export { queueDone, type Server } from './server.ts';

export const SAMPLES = resolve(import.meta.dirname, '../../samples');

interface Options {
  /**
   * What restores: the tiny pack, whose networks are formulas and cost nothing, where a test is of what is around a
   * restoration; the real one where it is of the restoration itself.
   */
  pack: 'tiny' | 'real';
}

interface Fixtures {
  /** An empty folder that is removed afterwards. */
  folder: string;
  /** Starts servers that end with the test, on any free port unless one is named. */
  start: (library: string, port?: string) => Promise<Server>;
  /** A library that holds the samples, toured already. */
  server: Server;
  /** The page of `server`, at the library. */
  heirloom: Page;
}

export const test = base.extend<Options & Fixtures>({
  pack: ['tiny', { option: true }],
  folder: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'heirloom-e2e-'));
    await use(folder);
    await rm(folder, { recursive: true, force: true });
  },
  start: async ({ folder: _folder }, use) => {
    const servers: Server[] = [];
    await use(async (library, port = '0') => {
      const server = await startServer(library, port);
      servers.push(server);
      return server;
    });
    await Promise.all(servers.map((server) => server.stop()));
  },
  server: async ({ folder, start, pack }, use) => {
    const library = join(folder, 'library');
    await cp(settledLibrary(), library, { recursive: true });
    if (pack === 'tiny') await cp(TINY_PACK, join(library, 'packs', TINY_PACK_ID), { recursive: true });
    const server = await start(library);
    if (pack === 'tiny') await server.call('settings.set', { packId: TINY_PACK_ID });
    await use(server);
  },
  heirloom: async ({ server, page }, use) => {
    await page.goto(server.address);
    await use(page);
  },
});

/** Copies of samples under new names, in a folder of their own. */
export async function copySamples(folder: string, names: Record<string, string>): Promise<string> {
  const target = join(folder, 'photos');
  await mkdir(target, { recursive: true });
  for (const [name, sample] of Object.entries(names)) await cp(join(SAMPLES, sample), join(target, name));
  return target;
}

export function readBytes(path: string): Promise<Buffer> {
  return readFile(path);
}

/** Opens a photo of the library by its name. */
export async function openPhoto(page: Page, name: string): Promise<void> {
  const cell = page.getByRole('gridcell', { name });
  // The timeline may still take its shape, and the second click meet another photo: back, and again.
  await expect(async () => {
    if (!(await cell.isVisible())) await page.keyboard.press('Escape');
    await cell.dblclick({ timeout: 5000 });
    await page.getByRole('group', { name: new RegExp(`^${name}`) }).waitFor({ timeout: 5000 });
  }).toPass({ timeout: 60_000 });
}

/** Chooses one of a group of radio buttons, whose inputs are hidden under their labels. */
export async function choose(page: Page, group: string, option: string): Promise<void> {
  await page.getByRole('group', { name: group, exact: true }).locator('label', { hasText: option }).click();
}

/** The id of a photo by its file name. */
export async function photoId(server: Server, name: string): Promise<number> {
  const ids = await server.call('timeline.ids', { query: {} });
  for (const id of ids) {
    const photo = await server.call('photos.get', { id });
    if (photo.name === name) return id;
  }
  throw new Error(`Expected a photo ${name} in the library`);
}
