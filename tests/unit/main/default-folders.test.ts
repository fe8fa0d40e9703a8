import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { picturesFolder } from '../../../main/default-folders.ts';
import { temporaryFolder } from '../../fixtures/make-pictures.ts';

let home: string;
beforeEach(async () => {
  home = await temporaryFolder();
  await mkdir(join(home, '.config'));
});
afterEach(() => rm(home, { recursive: true }));

async function pictures(line: string): Promise<string> {
  await writeFile(join(home, '.config', 'user-dirs.dirs'), `# written by a desktop\n${line}\n`);
  return picturesFolder(home, {});
}

it('is Pictures in the home folder', async () => {
  expect(await picturesFolder(home, {})).toBe(join(home, 'Pictures'));
});

it('is what the desktop calls it', async () => {
  expect(await pictures('XDG_PICTURES_DIR="$HOME/Bilder"')).toBe(join(home, 'Bilder'));
  expect(await pictures('XDG_PICTURES_DIR="/data/pictures"')).toBe('/data/pictures');
  expect(await pictures('XDG_PICTURES_DIR="$HOME/Bilder/"')).toBe(join(home, 'Bilder'));
  expect(await pictures('XDG_PICTURES_DIR="$HOME/Oma\\"s \\$ Bilder"')).toBe(join(home, 'Oma"s $ Bilder'));
});

it.each([
  'XDG_PICTURES_DIR="$HOME"',
  'XDG_PICTURES_DIR="$HOME/"',
  'XDG_PICTURES_DIR="relative"',
  'XDG_PICTURES_DIR=',
  'nonsense',
])('passes over %s', async (line) => {
  expect(await pictures(line)).toBe(join(home, 'Pictures'));
});
