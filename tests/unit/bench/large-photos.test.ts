import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeLargePhoto, LARGE_PHOTO, writeLargePhotos } from '../../../bench/large-photos.ts';
import { decodePhoto } from '../../../engine/image/decode.ts';
import { temporaryFolder } from '../../fixtures/make-pictures.ts';

describe('writeLargePhotos', { timeout: 180_000 }, () => {
  let folder: string;
  let sizes: number[];
  beforeAll(async () => {
    folder = await temporaryFolder();
    sizes = await writeLargePhotos(folder, 5);
  }, 180_000);
  afterAll(() => rm(folder, { recursive: true }));

  it('writes as many JPEGs as asked, and says how large they are', async () => {
    const names = await readdir(folder);
    expect(names).toHaveLength(5);
    const files = await Promise.all(names.map((name) => readFile(join(folder, name))));
    expect(files.map((file) => file.length)).toEqual(sizes);
    expect(new Set(files.map((file) => file.toString('base64'))).size).toBe(5);
  });

  it('writes 12 megapixels that decode, of the weight of a camera’s', async () => {
    const { image, metadata } = await decodePhoto(join(folder, 'IMG_0004.jpg'));
    expect(metadata.format).toBe('jpeg');
    expect([image.width, image.height]).toEqual([LARGE_PHOTO.width, LARGE_PHOTO.height]);
    expect(sizes[4]).toBeGreaterThan(2e6);
  });

  it('names the sample that is not there', async () => {
    await expect(encodeLargePhoto('nobody-1900')).rejects.toThrow('nobody-1900');
  });
});
