import { mkdir, readdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { unpack } from '../../../../main/packs/unpack.ts';
import { temporaryFolder } from '../../../fixtures/make-pictures.ts';
import { makeZip, type ZipEntry } from '../../../fixtures/make-zip.ts';

let folder: string;
let target: string;
let zip: string;

beforeEach(async () => {
  folder = await temporaryFolder();
  target = join(folder, 'inner', 'target');
  zip = join(folder, 'pack.zip');
  await mkdir(target, { recursive: true });
});
afterEach(() => rm(folder, { recursive: true }));

const text = (content: string) => Buffer.from(content);

async function unzip(entries: ZipEntry[]): Promise<void> {
  await writeFile(zip, makeZip(entries));
  await unpack(zip, target);
}

describe('unpack', () => {
  it('unpacks a zip', async () => {
    await unzip([
      { name: 'manifest.json', data: text('{}') },
      { name: 'weights/', mode: 0o040755 },
      { name: 'weights/a.onnx', data: text('abc') },
    ]);
    expect(await readFile(join(target, 'manifest.json'), 'utf8')).toBe('{}');
    expect(await readFile(join(target, 'weights', 'a.onnx'), 'utf8')).toBe('abc');
  });

  it('takes off the folder that everything lies in', async () => {
    await unzip([
      { name: 'family/manifest.json', data: text('{}') },
      { name: 'family/a.onnx', data: text('abc') },
    ]);
    expect((await readdir(target)).sort()).toEqual(['a.onnx', 'manifest.json']);
  });

  it('copies a folder', async () => {
    const source = join(folder, 'source');
    await mkdir(join(source, 'deep'), { recursive: true });
    await writeFile(join(source, 'deep', 'a.onnx'), 'abc');
    await unpack(source, target);
    expect(await readFile(join(target, 'deep', 'a.onnx'), 'utf8')).toBe('abc');
  });

  it.each(['../evil', 'a/../../evil', '/etc/evil', 'C:/evil', '..\\evil', 'a/./b', '\\\\host\\evil'])(
    'refuses the name %s before anything is written',
    async (name) => {
      const refused = unzip([
        { name: 'manifest.json', data: text('{}') },
        { name, data: text('x') },
      ]);
      await expect(refused).rejects.toMatchObject({ code: 'pack/invalid' });
      await expect(refused).rejects.toThrow('pack.zip: ');
      expect(await readdir(target)).toEqual([]);
      expect(await readdir(folder)).not.toContain('evil');
    },
  );

  it.each([0o120777, 0o020666, 0o010666])('refuses an entry of type %o', async (mode) => {
    const refused = unzip([{ name: 'link', data: text('/etc/passwd'), mode }]);
    await expect(refused).rejects.toThrow('pack.zip: link is a link or no plain file');
  });

  it('refuses more than 100 files', async () => {
    const entries = Array.from({ length: 101 }, (_, i) => ({ name: `${i}.bin`, data: text('x') }));
    await expect(unzip(entries)).rejects.toThrow('more than 100 files');
  });

  it('refuses more than 1 GB, without writing it', async () => {
    const source = join(folder, 'source');
    await mkdir(source);
    await writeFile(join(source, 'huge.bin'), '');
    await truncate(join(source, 'huge.bin'), 1024 ** 3 + 1);
    await expect(unpack(source, target)).rejects.toThrow('more than 1 GB');
  });

  it('refuses a zip that lies about its sizes, and one that is cut off', async () => {
    await expect(unzip([{ name: 'a', data: text('abc'), claimedBytes: 2 }])).rejects.toMatchObject({
      code: 'pack/invalid',
    });
    await writeFile(zip, makeZip([{ name: 'a', data: text('abc') }]).subarray(0, 40));
    await expect(unpack(zip, target)).rejects.toMatchObject({ code: 'pack/invalid' });
  });

  it('refuses a link in a folder', async () => {
    const source = join(folder, 'source');
    await mkdir(source);
    await symlink('/etc/passwd', join(source, 'a.onnx'));
    await expect(unpack(source, target)).rejects.toThrow('source: a.onnx is a link or no plain file');
  });

  it('refuses what is not there, and what is no zip', async () => {
    await expect(unpack(join(folder, 'none.zip'), target)).rejects.toMatchObject({ code: 'input/not-found' });
    await writeFile(zip, 'no zip at all');
    await expect(unpack(zip, target)).rejects.toMatchObject({ code: 'pack/invalid' });
  });
});
