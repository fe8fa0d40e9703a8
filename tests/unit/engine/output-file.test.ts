import {
  existsSync,
  linkSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  copyUnchanged,
  expectFree,
  formatOfName,
  outputFile,
  writeOutput,
} from '../../../engine/output-file.ts';
import type { PhotoFormat, PhotoMetadata } from '../../../engine/image/types.ts';

function metadata(format: PhotoFormat): PhotoMetadata {
  return { format, width: 1, height: 1, depth: 8, grey: false, notes: [] };
}

describe('outputFile', () => {
  it('keeps an extension that fits, in its own spelling', () => {
    expect(outputFile('/o/a', 'same', 'a.JPEG', metadata('jpeg'))).toEqual({
      format: 'jpeg',
      path: '/o/a.JPEG',
    });
    expect(outputFile('/o/a', 'jpeg', 'a.jpg', metadata('jpeg')).path).toBe('/o/a.jpg');
  });

  it('goes by content where the name is wrong', () => {
    expect(outputFile('/o/a', 'same', 'a.jpg', metadata('png'))).toMatchObject({
      format: 'png',
      path: '/o/a.png',
    });
  });

  it('says what becomes of a format that is not written', () => {
    const { path, note } = outputFile('/o/a', 'same', 'a.heic', metadata('heic'));
    expect(path).toBe('/o/a.png');
    expect(note).toContain('HEIC');
  });

  it('cuts a name that the file system could not hold', () => {
    const { path } = outputFile(`/o/${'ж'.repeat(126)}`, 'webp', 'a.jpg', metadata('jpeg'));
    expect(path).toBe(`/o/${'ж'.repeat(125)}.webp`);
  });
});

describe('formatOfName', () => {
  it('goes by the extension', () => {
    expect(['a.JPG', 'b.png', 'c.webp', 'd.tiff'].map(formatOfName)).toEqual(['jpeg', 'png', 'webp', 'tiff']);
  });

  it.each(['a', 'a.bmp', 'png'])('refuses %s', (name) => {
    expect(() => formatOfName(name)).toThrow(/expected a name that ends in one of \.jpg/);
  });
});

describe('writing', () => {
  let root: string;
  const at = (name: string) => join(root, name);
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'heirloom-output-'));
    writeFileSync(at('original.jpg'), 'original');
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it('never replaces the original, under whatever name', async () => {
    linkSync(at('original.jpg'), at('hard.jpg'));
    symlinkSync(at('original.jpg'), at('soft.jpg'));
    for (const name of ['original.jpg', 'hard.jpg', 'soft.jpg']) {
      const rules = { original: at('original.jpg'), overwrite: true };
      await expect(writeOutput(at(name), Buffer.from('new'), rules)).rejects.toMatchObject({
        code: 'output/exists',
      });
    }
    expect(readFileSync(at('original.jpg'), 'utf8')).toBe('original');
  });

  it('replaces another file only when told to', async () => {
    writeFileSync(at('old.jpg'), 'old');
    await expect(expectFree(at('old.jpg'), { overwrite: false })).rejects.toThrow('old.jpg exists already');
    await writeOutput(at('old.jpg'), Buffer.from('new'), { overwrite: true });
    expect(readFileSync(at('old.jpg'), 'utf8')).toBe('new');
  });

  it('makes the folders above a file', async () => {
    await writeOutput(at('a/b/c.jpg'), Buffer.from('new'), { overwrite: false });
    expect(readFileSync(at('a/b/c.jpg'), 'utf8')).toBe('new');
  });

  it('says where it cannot write', async () => {
    await expect(
      writeOutput(at('original.jpg/c.jpg'), Buffer.from('new'), { overwrite: false }),
    ).rejects.toMatchObject({
      code: 'output/unwritable',
      message: `${at('original.jpg')} cannot be written: it is a file`,
    });
  });

  it.runIf(process.platform === 'linux')('does not hang where Linux makes no folder', async () => {
    for (const folder of ['/proc/nope', '/proc/nope/deeper'])
      await expect(
        writeOutput(`${folder}/a.jpg`, Buffer.from('new'), { overwrite: false }),
      ).rejects.toMatchObject({
        code: 'output/unwritable',
        message: `${folder} cannot be written: the system lets no folder be made there`,
      });
  });

  it('copies an unchanged photo under its own extension, and not onto itself', async () => {
    expect(await copyUnchanged(at('copy'), at('original.jpg'), false)).toBe(at('copy.jpg'));
    expect(readFileSync(at('copy.jpg'), 'utf8')).toBe('original');
    expect(await copyUnchanged(at('original'), at('original.jpg'), true)).toBe(at('original.jpg'));
    expect(readdirSync(root).sort()).toEqual(['copy.jpg', 'original.jpg']);
    expect(existsSync(at('copy.jpg'))).toBe(true);
  });
});
