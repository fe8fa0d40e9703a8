import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { copyAndHash, hashFile } from '../../../../main/library/files.ts';
import { findFiles, type FindOptions } from '../../../../main/library/find-files.ts';
import { temporaryFolder } from '../../../fixtures/make-pictures.ts';
import { write } from './open-test-library.ts';

let folder: string;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function find(paths: string[], options?: FindOptions) {
  const found: string[] = [];
  for await (const file of findFiles(paths, options))
    found.push(
      'error' in file ? `${file.error.code} ${relative(folder, file.path)}` : relative(folder, file.path),
    );
  return found;
}

describe('findFiles', () => {
  it('finds pictures below folders, in natural order', async () => {
    for (const name of ['p10.jpg', 'p2.JPG', 'sub/x.heic', 'notes.txt', '.hidden.jpg', '.git/y.jpg', 'z.tif'])
      write(join(folder, name), '');
    expect(await find([folder])).toEqual(['p2.JPG', 'p10.jpg', 'sub/x.heic', 'z.tif']);
    expect(await find([folder], { accepts: (path) => path.endsWith('.txt') })).toEqual(['notes.txt']);
    expect(await find([folder], { skips: (path) => path.endsWith('sub') })).not.toContain('sub/x.heic');
  });

  it('takes what is named itself, once', async () => {
    const path = write(join(folder, 'notes.txt'), '');
    expect(await find([path, path, join(folder, '.', 'notes.txt')])).toEqual(['notes.txt']);
  });

  it('says what it cannot find', async () => {
    expect(await find([join(folder, 'no')])).toEqual(['input/not-found no']);
  });

  it('goes through each folder once, whatever the links', async () => {
    write(join(folder, 'a', 'x.jpg'), '');
    symlinkSync(folder, join(folder, 'a', 'up'));
    symlinkSync(join(folder, 'a'), join(folder, 'b'));
    symlinkSync(join(folder, 'nowhere'), join(folder, 'broken.jpg'));
    symlinkSync(join(folder, 'nowhere'), join(folder, 'broken.txt'));
    expect(await find([folder])).toEqual(['a/x.jpg', 'input/not-found broken.jpg']);
  });
});

describe('hashes', () => {
  const SHA = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';

  it('are those of SHA-256, copied or not', async () => {
    const path = write(join(folder, 'abc'), 'abc');
    expect(await hashFile(path)).toEqual({ sha256: SHA, bytes: 3 });
    expect(await copyAndHash(path, join(folder, 'copy'))).toEqual({ sha256: SHA, bytes: 3 });
    expect(await hashFile(join(folder, 'copy'))).toEqual({ sha256: SHA, bytes: 3 });
  });

  it('of large files are whole', async () => {
    const path = write(join(folder, 'large'), 'x'.repeat(3_500_000));
    const { bytes, sha256 } = await copyAndHash(path, join(folder, 'copy'));
    expect([bytes, sha256]).toEqual([3_500_000, (await hashFile(join(folder, 'copy'))).sha256]);
  });

  it('are refused of what is no file, with the path', async () => {
    await expect(hashFile(join(folder, 'no'))).rejects.toMatchObject({ code: 'input/not-found' });
    await expect(hashFile(folder)).rejects.toMatchObject({ code: 'input/unreadable' });
    await expect(copyAndHash(join(folder, 'no'), join(folder, 'copy'))).rejects.toMatchObject({
      code: 'input/not-found',
    });
    await expect(copyAndHash(folder, join(folder, 'copy'))).rejects.toMatchObject({
      code: 'input/unreadable',
    });
    const path = write(join(folder, 'abc'), 'abc');
    mkdirSync(join(folder, 'taken'));
    await expect(copyAndHash(path, join(folder, 'taken'))).rejects.toThrow();
    await expect(copyAndHash(path, join(folder, 'no', 'copy'))).rejects.toMatchObject({
      code: 'output/unwritable',
    });
  });

  it('stop when cancelled, and leave no copy', async () => {
    const path = write(join(folder, 'abc'), 'abc');
    const target = join(folder, 'copy');
    await expect(copyAndHash(path, target, AbortSignal.abort())).rejects.toMatchObject({
      code: 'job/cancelled',
    });
    await expect(hashFile(target)).rejects.toMatchObject({ code: 'input/not-found' });
  });
});
