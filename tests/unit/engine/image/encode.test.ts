import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import ExifReader from 'exifreader';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeBytes } from '../../../../engine/image/decode.ts';
import type { EncodeOptions, WritableFormat } from '../../../../engine/image/encode.ts';
import { encodePhoto, sameFormat, writeFileAtomically } from '../../../../engine/image/encode.ts';
import { enlarge } from '../../../../engine/image/geometry.ts';
import type { DecodedPhoto } from '../../../../engine/image/types.ts';
import type { PictureName } from '../../../fixtures/make-pictures.ts';
import { PICTURES, temporaryFolder } from '../../../fixtures/make-pictures.ts';

const NOTE = 'Faces restored with Heirloom 0.1.0 <family-256> & "balanced"';
const decode = async (name: PictureName) => decodeBytes(await PICTURES[name](), name);
const encode = ({ image, metadata }: DecodedPhoto, options: EncodeOptions) =>
  encodePhoto(image, metadata, options);

async function roundTrip(name: PictureName, options: EncodeOptions) {
  const before = await decode(name);
  const bytes = await encode(before, options);
  return { before, bytes, after: await decodeBytes(bytes, `copy of ${name}`) };
}

const FORMATS: WritableFormat[] = ['jpeg', 'png', 'webp', 'tiff'];

describe('encodePhoto, samples', () => {
  it.each([
    ['plain.png', 'png'],
    ['alpha.png', 'png'],
    ['grey-alpha.png', 'png'],
    ['alpha.png', 'tiff'],
    ['grey16.png', 'png'],
    ['grey16.tiff', 'tiff'],
    ['rgb16.png', 'png'],
    ['rgb16.tiff', 'tiff'],
    ['alpha16.png', 'png'],
    ['alpha16.png', 'tiff'],
  ] as const)('%s as %s keeps every sample, depth, grey and alpha', async (name, format) => {
    const { before, after } = await roundTrip(name, { format });
    expect(after.image).toEqual(before.image);
    expect(after.metadata).toMatchObject({
      format,
      depth: before.metadata.depth,
      grey: before.metadata.grey,
    });
    expect(after.metadata.alpha).toEqual(before.metadata.alpha);
  });

  it.each(['jpeg', 'png', 'tiff'] as const)(
    'a grey file becomes a grey %s, until it has colour',
    async (format) => {
      const photo = await decode('grey.jpg');
      expect((await sharp(await encode(photo, { format })).metadata()).channels).toBe(1);
      photo.image.data[4]! += 9;
      expect((await sharp(await encode(photo, { format })).metadata()).channels).toBe(3);
    },
  );

  it('keeps alpha in WebP', async () => {
    const { before, after } = await roundTrip('alpha.webp', { format: 'webp' });
    expect(after.metadata.alpha).toEqual(before.metadata.alpha);
  });

  it('writes JPEG without chroma subsampling, and quality counts', async () => {
    const photo = await decode('plain.png');
    const best = await encode(photo, { format: 'jpeg', quality: 100 });
    const worst = await encode(photo, { format: 'jpeg', quality: 20 });
    expect((await sharp(best).metadata()).chromaSubsampling).toBe('4:4:4');
    expect(worst.length).toBeLessThan(best.length);
  });

  it('puts a transparent picture on white in a JPEG', async () => {
    const photo = await decode('alpha.png');
    photo.metadata.alpha!.fill(0);
    const before = photo.image.data.slice();
    const { image } = await decodeBytes(await encode(photo, { format: 'jpeg' }), 'white.jpg');
    expect(photo.image.data).toEqual(before);
    expect(Math.min(...image.data)).toBeGreaterThanOrEqual(254);
  });

  it('brings 16 bits down to 8 where the format has no more', async () => {
    const { before, after } = await roundTrip('rgb16.png', { format: 'jpeg', quality: 100 });
    expect(after.metadata.depth).toBe(8);
    expect(Math.abs(after.image.data[300]! - before.image.data[300]! / 257)).toBeLessThan(4);
  });

  it('brings 16-bit alpha down to 8 bits with its picture', async () => {
    const { before, after } = await roundTrip('alpha16.png', { format: 'webp' });
    expect(after.metadata.alpha!.length).toBe(48 * 32);
    expect(Math.abs(after.metadata.alpha![10]! - before.metadata.alpha![10]! / 257)).toBeLessThan(2);
  });

  it('resizes alpha with an enlarged picture', async () => {
    const photo = await decode('alpha.png');
    const image = await enlarge(photo.image, 2);
    const { metadata } = await decodeBytes(
      await encodePhoto(image, photo.metadata, { format: 'png' }),
      'big.png',
    );
    expect(metadata).toMatchObject({ width: 96, height: 64 });
    expect(metadata.alpha!.length).toBe(96 * 64);
    expect(Math.abs(metadata.alpha![40]! - 235)).toBeLessThan(2);
  });

  it.each(FORMATS)('the same picture gives the same %s', async (format) => {
    const photo = await decode('exif-xmp.jpg');
    expect(await encode(photo, { format, note: NOTE })).toEqual(await encode(photo, { format, note: NOTE }));
  });
});

describe('encodePhoto, metadata', () => {
  it.each(FORMATS)('%s keeps EXIF with orientation 1, ICC, XMP and density', async (format) => {
    const { before, bytes, after } = await roundTrip('exif-xmp.jpg', { format, note: NOTE });
    expect(after.image).toMatchObject({ width: 32, height: 48 });
    expect(after.metadata.icc).toEqual(before.metadata.icc);
    if (format !== 'webp') expect(after.metadata.density).toBe(300);
    const tags = ExifReader.load(Buffer.from(bytes), { expanded: true });
    expect(tags.exif?.Make?.description).toBe('Heirloom');
    expect(tags.exif?.Artist?.description).toBe('A. Person');
    expect(Buffer.from(after.metadata.exif!).toString('latin1')).toContain('attic');
    expect(tags.exif?.Orientation?.value ?? 1).toBe(1);
    expect((await sharp(bytes).metadata()).orientation ?? 1).toBe(1);
    expect(after.metadata.xmp).toContain('Бабушка, 1931');
    expect(after.metadata.xmp).toContain('ScanTool 4');
    expect(after.metadata.xmp).toContain('tiff:Orientation="1"');
    expect(after.metadata.xmp).toContain(
      'Faces restored with Heirloom 0.1.0 &lt;family-256&gt; &amp; &quot;balanced&quot;',
    );
  });

  it.each(FORMATS)(
    'a second restoration as %s adds to the history and nothing else twice',
    async (format) => {
      const first = await roundTrip('exif-xmp.jpg', { format, note: 'first' });
      const bytes = await encode(first.after, { format, note: 'second' });
      const xmp = (await decodeBytes(bytes, 'twice')).metadata.xmp!;
      expect(xmp.match(/softwareAgent="Heirloom"/g)).toHaveLength(2);
      expect(xmp.match(/<xmpMM:History>/g)).toHaveLength(1);
      expect(xmp.match(/<Iptc4xmpExt:DigitalSourceType>/g)).toHaveLength(1);
      const [exif] = [ExifReader.load(Buffer.from(bytes), { expanded: true }).exif];
      expect(exif?.Make?.description).toBe('Heirloom');
    },
  );

  it('writes a packet of its own for a photo without XMP, and none without a note', async () => {
    const photo = await decode('plain.png');
    const noted = (await decodeBytes(await encode(photo, { format: 'png', note: NOTE }), 'a')).metadata;
    expect(noted.xmp).toMatch(/compositeWithTrainedAlgorithmicMedia/);
    const bare = (await decodeBytes(await encode(photo, { format: 'png' }), 'b')).metadata;
    expect(bare.xmp).toBeUndefined();
    expect(bare.exif).toBeUndefined();
  });

  it('keeps the samples of a Display P3 picture beside its profile', async () => {
    const { before, after } = await roundTrip('p3.jpg', { format: 'png' });
    expect(after.image).toEqual(before.image);
    expect(after.metadata.icc).toEqual(before.metadata.icc);
  });

  it('leaves out a profile that does not describe the samples', async () => {
    const photo = await decode('grey.jpg');
    photo.metadata.icc = (await decode('p3.jpg')).metadata.icc!;
    expect((await decodeBytes(await encode(photo, { format: 'jpeg' }), 'a')).metadata.icc).toBeUndefined();
  });

  it('survives damaged EXIF', async () => {
    const photo = await decode('plain.png');
    photo.metadata.exif = Uint8Array.of(0x49, 0x49, 42, 0, 255, 255, 255, 0);
    for (const format of FORMATS) await expect(encode(photo, { format })).resolves.toBeInstanceOf(Uint8Array);
  });

  it('refuses a wrong quality and a side that the format cannot hold', async () => {
    const photo = await decode('plain.png');
    await expect(encode(photo, { format: 'jpeg', quality: 101 })).rejects.toThrow('received 101');
    const image = { width: 20_000, height: 16, depth: 8 as const, data: new Uint8Array(20_000 * 16 * 3) };
    const ribbon = { image, metadata: { ...photo.metadata, width: 20_000, height: 16 } };
    await expect(encode(ribbon, { format: 'webp' })).rejects.toMatchObject({ code: 'argument/invalid' });
  });
});

describe('sameFormat', () => {
  it.each(FORMATS)('%s stays', (format) => {
    expect(sameFormat({ format })).toEqual({ format });
  });
  it.each(['avif', 'gif', 'heic'] as const)('%s becomes PNG, with a note', (format) => {
    expect(sameFormat({ format })).toEqual({
      format: 'png',
      note: `${format.toUpperCase()} is not written; saved as PNG`,
    });
  });
});

describe('writeFileAtomically', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await temporaryFolder();
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  const bytes = Buffer.from('new');

  it('writes a new file and leaves nothing else', async () => {
    await mkdir(join(folder, 'a'));
    await writeFileAtomically(join(folder, 'a', `${'ф'.repeat(120)}.jpg`), bytes, { overwrite: false });
    const names = await readdir(join(folder, 'a'));
    expect(names).toEqual([`${'ф'.repeat(120)}.jpg`]);
    expect(await readFile(join(folder, 'a', names[0]!), 'utf8')).toBe('new');
  });

  it('replaces a file only when told to', async () => {
    const path = join(folder, 'b', 'photo.jpg');
    await mkdir(join(folder, 'b'));
    await writeFile(path, 'old');
    await expect(writeFileAtomically(path, bytes, { overwrite: false })).rejects.toMatchObject({
      code: 'output/exists',
    });
    expect(await readFile(path, 'utf8')).toBe('old');
    await writeFileAtomically(path, bytes, { overwrite: true });
    expect(await readFile(path, 'utf8')).toBe('new');
    expect(await readdir(join(folder, 'b'))).toEqual(['photo.jpg']);
  });

  it('of many writers at once exactly one wins', async () => {
    const path = join(folder, 'c', 'photo.jpg');
    await mkdir(join(folder, 'c'));
    const writers = Array.from({ length: 8 }, (_, i) =>
      writeFileAtomically(path, Buffer.from(`${i}`), { overwrite: false }),
    );
    const results = await Promise.allSettled(writers);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await readdir(join(folder, 'c'))).toEqual(['photo.jpg']);
  });

  it('says why a file cannot be written, and leaves nothing behind', async () => {
    await mkdir(join(folder, 'd', 'taken.jpg'), { recursive: true });
    const failures: [string, RegExp][] = [
      [join(folder, 'd', 'none', 'photo.jpg'), /folder does not exist/],
      [join(folder, 'b', 'photo.jpg', 'x.jpg'), /folder is a file/],
      [join(folder, 'd', 'taken.jpg'), /it is a folder/],
      [join(folder, 'd', `${'n'.repeat(300)}.jpg`), /name is too long/],
    ];
    for (const [path, reason] of failures) {
      const error = await writeFileAtomically(path, bytes, { overwrite: true }).catch((e: unknown) => e);
      expect(error).toMatchObject({ code: 'output/unwritable' });
      expect((error as Error).message).toMatch(reason);
      expect((error as Error).message).toContain(path);
    }
    expect(await readdir(join(folder, 'd'))).toEqual(['taken.jpg']);
  });
});
