import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { writeFileAtomically } from '../../../../engine/image/encode.ts';

const answer = vi.hoisted(() => ({ code: '' }));
vi.mock('node:fs/promises', async (original) => ({
  ...(await original<object>()),
  link: () => Promise.reject(Object.assign(new Error(answer.code), { code: answer.code })),
}));

describe('writeFileAtomically on a drive without hard links', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'heirloom-links-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it.each([
    ['FAT on Linux', 'EPERM'],
    ['exFAT on a Mac', 'ENOTSUP'],
    ['a network drive', 'EOPNOTSUPP'],
    ['FAT or exFAT on Windows', 'EISDIR'],
  ])('writes a new file, and over none: %s', async (_, code) => {
    answer.code = code;
    const path = join(folder, 'photo.jpg');
    await writeFileAtomically(path, Buffer.from('first'), { overwrite: false });
    await expect(
      writeFileAtomically(path, Buffer.from('second'), { overwrite: false }),
    ).rejects.toMatchObject({ code: 'output/exists' });
    expect([await readdir(folder), await readFile(path, 'utf8')]).toEqual([['photo.jpg'], 'first']);
  });

  it('says what else keeps a file from being written', async () => {
    answer.code = 'EROFS';
    await expect(
      writeFileAtomically(join(folder, 'photo.jpg'), Buffer.from('new'), { overwrite: false }),
    ).rejects.toMatchObject({ code: 'output/unwritable' });
    expect(await readdir(folder)).toEqual([]);
  });
});
