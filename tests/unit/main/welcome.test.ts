import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { welcome, type WelcomeTools } from '../../../main/welcome.ts';
import { temporaryFolder } from '../../fixtures/make-pictures.ts';

let samples: string;
let done: string[];
/** The library: names by id. */
let photos: Map<number, string>;
let photo: { versions: unknown[]; busy: boolean; problem: unknown };
let tourDone: boolean;

beforeEach(async () => {
  samples = join(await temporaryFolder(), 'samples');
  await mkdir(samples);
  for (const name of ['portrait-1938.jpg', 'couple.jpg', 'face-model.npz'])
    await writeFile(join(samples, name), 'x');
  done = [];
  photos = new Map();
  photo = { versions: [], busy: false, problem: null };
  tourDone = false;
});
afterEach(() => rm(join(samples, '..'), { recursive: true }));

function tools(): WelcomeTools {
  const handlers = {
    'settings.get': () => ({ tourDone }),
    'timeline.ids': ({ query }: { query: { text?: string; bin: boolean } }) =>
      query.bin ? [] : [...photos.keys()].filter((id) => photos.get(id)?.includes(query.text ?? '')),
    'photos.get': () => photo,
    'restore.enqueue': ({ photoIds }: { photoIds: number[] }) => done.push(`restore ${photoIds.join()}`),
  };
  const takeIn = (paths: string[]) => {
    for (const path of paths) photos.set(photos.size + 1, path.slice(samples.length + 1));
    done.push('taken in');
    return Promise.resolve();
  };
  return { handlers: handlers as unknown as WelcomeTools['handlers'], takeIn, samples };
}

it('fills an empty library with the samples and restores the first to show', async () => {
  expect(await welcome(tools())).toBe(2);
  expect([...photos.values()]).toEqual(['couple.jpg', 'portrait-1938.jpg']);
  expect(done).toEqual(['taken in', 'restore 2']);
});

it('shows the same photo again until the tour is done, and restores it once', async () => {
  photos.set(9, 'portrait-1938.jpg');
  photo.versions.push({});
  expect(await welcome(tools())).toBe(9);
  expect(done).toEqual([]);
});

it('leaves a library alone that has photos of its own, and one whose owner knows Heirloom', async () => {
  photos.set(1, 'grandmother.jpg');
  expect(await welcome(tools())).toBeNull();
  photos.clear();
  tourDone = true;
  expect(await welcome(tools())).toBeNull();
  expect([photos.size, done]).toEqual([0, []]);
});

it('does not try again what is at work or has failed', async () => {
  photos.set(1, 'portrait-1938.jpg');
  photo.busy = true;
  await welcome(tools());
  photo = { versions: [], busy: false, problem: { code: 'engine/died', message: '' } };
  await welcome(tools());
  expect(done).toEqual([]);
});

it('rejects where the samples cannot be read', async () => {
  await rm(samples, { recursive: true });
  await expect(welcome(tools())).rejects.toThrow('ENOENT');
});
