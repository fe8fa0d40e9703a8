import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HeirloomError } from '../../../../contract/errors.ts';
import { decodeBytes, decodePhoto } from '../../../../engine/image/decode.ts';
import { addToTiff } from '../../../../engine/image/exif.ts';
import type { PictureName } from '../../../fixtures/make-pictures.ts';
import {
  gradient,
  gradient16,
  orientedJpeg,
  PICTURES,
  temporaryFolder,
  writePicture,
  XMP_PACKET,
} from '../../../fixtures/make-pictures.ts';
import { largestDifference, noise } from './synthetic.ts';

const decode = async (name: PictureName) => decodeBytes(await PICTURES[name](), name);

describe('decodeBytes, sound pictures', () => {
  const tolerances: [PictureName, number][] = [
    ['plain.png', 0],
    ['plain.webp', 0],
    ['plain.tiff', 0],
    ['plain.jpg', 3],
    ['plain.avif', 4],
    ['palette.png', 12],
    ['plain.gif', 12],
  ];
  it.each(tolerances)('%s gives the gradient within %i levels', async (name, tolerance) => {
    const { image, metadata } = await decode(name);
    expect(image).toMatchObject({ width: 48, height: 32, depth: 8 });
    expect(metadata).toMatchObject({ width: 48, height: 32, depth: 8, grey: false, notes: [] });
    expect(largestDifference(image.data, gradient(48, 32))).toBeLessThanOrEqual(tolerance);
  });

  it('tells the format by content', async () => {
    const formats: [PictureName, string][] = [
      ['plain.jpg', 'jpeg'],
      ['plain.tiff', 'tiff'],
      ['plain.avif', 'avif'],
      ['plain.heic', 'heic'],
      ['plain.gif', 'gif'],
    ];
    for (const [name, format] of formats) {
      expect((await decodeBytes(await PICTURES[name](), 'misnamed.txt')).metadata.format).toBe(format);
    }
  });

  it.each(['rgb16.png', 'rgb16.tiff'] as const)('%s keeps every 16-bit sample', async (name) => {
    const { image, metadata } = await decode(name);
    expect(metadata.depth).toBe(16);
    expect(image.data).toBeInstanceOf(Uint16Array);
    expect(largestDifference(image.data, gradient16(48, 32))).toBe(0);
  });

  it.each(['grey16.png', 'grey16.tiff'] as const)(
    '%s is grey and keeps every 16-bit sample',
    async (name) => {
      const { image, metadata } = await decode(name);
      expect(metadata).toMatchObject({ depth: 16, grey: true });
      const grey = gradient16(48, 32, 1);
      expect(
        largestDifference(
          image.data,
          Uint16Array.from({ length: 3 * grey.length }, (_, i) => grey[Math.floor(i / 3)]!),
        ),
      ).toBe(0);
    },
  );

  it.each(['ten-bit.heic', 'ten-bit.avif'] as const)('%s fills 16 bits', async (name) => {
    const { image, metadata } = await decode(name);
    expect(metadata.depth).toBe(16);
    const expected = name === 'ten-bit.heic' ? 40 * 257 : 30 * 257;
    expect(Math.abs(image.data[0]! - expected)).toBeLessThan(400);
  });

  it.each(['plain.jpg', 'rgb16.png', 'alpha.png', 'plain.heic'] as const)(
    '%s: slice() of the samples is a copy',
    async (name) => {
      const { image } = await decode(name);
      const before = image.data[0]!;
      image.data.slice()[0] = before + 1;
      expect(image.data[0]).toBe(before);
    },
  );

  it('decodes HEIC, whose EXIF orientation is not to be applied', async () => {
    const { image, metadata } = await decode('plain.heic');
    expect(image).toMatchObject({ width: 96, height: 64, depth: 8 });
    expect(Math.abs(image.data[0]! - 40)).toBeLessThan(5);
    expect(Math.abs(image.data[3 * 95]! - 220)).toBeLessThan(5);
    expect(metadata.icc?.length).toBe(480);
    expect(metadata.exif?.length).toBeGreaterThan(100);
  });

  it('keeps nothing of a damaged HEIC in memory', async () => {
    const heic = Buffer.from(await PICTURES['plain.heic']());
    heic.fill(0x55, heic.indexOf('mdat') + 4);
    const padding = Buffer.alloc(4_000_000);
    padding.writeUInt32BE(padding.length, 0);
    padding.write('free', 4);
    const damaged = Buffer.concat([heic, padding]);
    const refused = () =>
      expect(decodeBytes(damaged, 'a.heic')).rejects.toMatchObject({ code: 'input/damaged' });
    await refused();
    const before = process.memoryUsage().rss;
    for (let i = 0; i < 60; i++) await refused();
    expect(process.memoryUsage().rss - before).toBeLessThan(100e6);
  });

  it.each(['alpha.png', 'alpha.webp'] as const)('%s keeps alpha apart', async (name) => {
    const { image, metadata } = await decode(name);
    expect(largestDifference(image.data, gradient(48, 32))).toBe(0);
    expect(Array.from(metadata.alpha!.slice(46, 50))).toEqual([209, 208, 255, 254]);
  });

  it('keeps 16-bit alpha and the alpha of grey pictures', async () => {
    const deep = (await decode('alpha16.png')).metadata;
    const samples = gradient16(48, 32, 4);
    expect(deep.alpha).toEqual(samples.filter((_, i) => i % 4 === 3));
    const grey = (await decode('grey-alpha.png')).metadata;
    expect(grey).toMatchObject({ grey: true });
    expect(Array.from(grey.alpha!.slice(0, 3))).toEqual([255, 254, 253]);
  });

  it('converts CMYK to sRGB and says so', async () => {
    const { image, metadata } = await decode('cmyk.jpg');
    expect(metadata.notes).toEqual(['CMYK converted to sRGB']);
    expect(metadata.icc).toBeUndefined();
    expect(largestDifference(image.data, gradient(48, 32))).toBeLessThan(40);
  });

  it.each([
    ['animated.gif', 'first frame of 3 used', [192, 48, 32]],
    ['animated.webp', 'first frame of 3 used', [192, 48, 32]],
    ['two-pages.tiff', 'first frame of 2 used', [200, 90, 40]],
  ] as const)('%s: %s', async (name, note, colour) => {
    const { image, metadata } = await decode(name);
    expect(image).toMatchObject({ width: 48, height: 32 });
    expect(metadata.notes).toEqual([note]);
    expect(Array.from(image.data.slice(0, 3))).toEqual(colour);
  });

  it('keeps the samples of a picture with an ICC profile, and the profile', async () => {
    const { image, metadata } = await decode('p3.jpg');
    expect(Buffer.from(metadata.icc!).toString('latin1', 36, 40)).toBe('acsp');
    // sRGB (30, 20, 90) is about (29, 20, 87) in Display P3: converting back would give 90 again.
    expect(Math.abs(image.data[2]! - 87)).toBeLessThanOrEqual(1);
  });

  it('carries EXIF, XMP and density', async () => {
    const { image, metadata } = await decode('exif-xmp.jpg');
    expect(image).toMatchObject({ width: 32, height: 48 });
    expect(metadata.density).toBe(300);
    expect(metadata.xmp).toBe(XMP_PACKET);
    expect(Buffer.from(metadata.exif!).toString('latin1')).toMatch(/^(II\*|MM\0\*)[^]*A\. Person/);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('applies EXIF orientation %i', async (orientation) => {
    const { image } = await decodeBytes(await orientedJpeg(orientation), 'turned.jpg');
    expect(image).toMatchObject({ width: 48, height: 32 });
    expect(largestDifference(image.data, gradient(48, 32))).toBeLessThanOrEqual(3);
  });
});

describe('decodeBytes, pictures that are refused', () => {
  const refused: [PictureName, string, RegExp][] = [
    ['empty.jpg', 'input/empty', /0 bytes/],
    ['text.jpg', 'input/not-an-image', /text/],
    ['drawing.jpg', 'input/not-an-image', /SVG/],
    ['document.png', 'input/not-an-image', /PDF/],
    ['noise.tiff', 'input/not-an-image', /unknown data/],
    ['magic-only.jpg', 'input/damaged', /damaged/],
    ['one-pixel.png', 'input/too-small', /1 x 1/],
    ['ribbon.jpg', 'input/too-small', /40000 x 10/],
  ];
  it.each(refused)('%s: %s', async (name, code, reason) => {
    const error = await decode(name).catch((e: unknown) => e);
    expect(error).toMatchObject({ name: 'HeirloomError', code });
    expect((error as Error).message).toMatch(reason);
    expect((error as Error).message).toContain(name);
  });

  const formats = ['jpg', 'png', 'webp', 'tiff', 'avif', 'gif', 'heic'] as const;
  it.each(formats)('a %s cut off anywhere is damaged', async (extension) => {
    const whole = await PICTURES[`plain.${extension}`]();
    for (const part of [0.2, 0.5, 0.8, 0.95]) {
      const cut = whole.subarray(0, Math.floor(whole.length * part));
      await expect(decodeBytes(cut, 'cut'), `${extension} at ${part}`).rejects.toMatchObject({
        code: 'input/damaged',
      });
    }
  });

  it('meets random damage with an answer or one of its own errors', async () => {
    const next = noise(1);
    for (const extension of formats) {
      const whole = await PICTURES[`plain.${extension}`]();
      for (let i = 0; i < 8; i++) {
        const hurt = Buffer.from(whole);
        for (let j = 0; j < 3; j++) hurt[Math.floor(Math.abs(next()) * 1e6) % hurt.length]! ^= 1 + j * 60;
        const outcome = await decodeBytes(hurt, 'hurt').catch((error: unknown) => error);
        if (outcome instanceof Error) expect((outcome as HeirloomError).code).toMatch(/^input\//);
        else expect(outcome).toHaveProperty('image.data');
      }
    }
  });

  it('refuses more than 200 million pixels by the header alone', async () => {
    const png = Buffer.from(await PICTURES['plain.png']());
    png.writeUInt32BE(20_000, 16);
    png.writeUInt32BE(10_001, 20);
    png.writeInt32BE(crc32(png.subarray(12, 29)) | 0, 29);
    await expect(decodeBytes(png, 'huge.png')).rejects.toMatchObject({
      code: 'input/too-large',
      message: 'huge.png is 20000 x 10001 pixels; the limit is 200 million pixels',
    });
  });
});

describe('decodePhoto', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await temporaryFolder();
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each(['with space.png', 'фото бабушки.png', '👵 1931 [2].png', `${'n'.repeat(245)}.png`])(
    'reads %s',
    async (name) => {
      const { image } = await decodePhoto(await writePicture(folder, 'plain.png', name));
      expect(largestDifference(image.data, gradient(48, 32))).toBe(0);
    },
  );

  it('reads a large file in pieces, EXIF and all', async () => {
    const raw = { width: 3600, height: 3200, channels: 3 as const };
    const plain = await sharp(Buffer.alloc(3600 * 3200 * 3, 77), { raw })
      .tiff({ compression: 'none' })
      .toBuffer();
    const { metadata } = await decode('exif-xmp.jpg');
    const path = join(folder, 'large [1].tiff');
    await writeFile(path, Buffer.concat(addToTiff(plain, metadata.exif, metadata.icc)));
    const photo = await decodePhoto(path);
    expect(photo.image).toMatchObject({ width: 3600, height: 3200 });
    expect(photo.image.data[3600 * 3200]).toBe(77);
    expect(Buffer.from(photo.metadata.exif!).includes('A. Person')).toBe(true);
    expect(photo.metadata.icc).toEqual(metadata.icc);
  });

  it('names a missing file', async () => {
    const path = join(folder, 'none.jpg');
    await expect(decodePhoto(path)).rejects.toMatchObject({
      code: 'input/not-found',
      message: `${path} does not exist`,
    });
    await writeFile(join(folder, 'file'), 'x');
    await expect(decodePhoto(join(folder, 'file', 'a.jpg'))).rejects.toMatchObject({
      code: 'input/not-found',
    });
  });

  it('refuses a folder that is named like a photo', async () => {
    const path = join(folder, 'album.jpg');
    await mkdir(path);
    await expect(decodePhoto(path)).rejects.toMatchObject({
      code: 'input/unreadable',
      message: expect.stringContaining('a folder') as string,
    });
  });

  it.skipIf(process.getuid?.() === 0)('names a file without permission', async () => {
    const path = await writePicture(folder, 'plain.png', 'locked.png');
    await chmod(path, 0);
    await expect(decodePhoto(path)).rejects.toMatchObject({ code: 'input/unreadable' });
  });
});
