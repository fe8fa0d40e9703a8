import ExifReader from 'exifreader';
import { describe, expect, it } from 'vitest';
import { attachMetadata } from '../../../../engine/image/attach-metadata.ts';
import { decodeBytes } from '../../../../engine/image/decode.ts';
import { encodePhoto } from '../../../../engine/image/encode.ts';
import {
  addToTiff,
  dateTaken,
  exifFromTiff,
  isCameraRaw,
  readAtOf,
  resetExif,
  withDateTaken,
} from '../../../../engine/image/exif.ts';
import { PICTURES } from '../../../fixtures/make-pictures.ts';

/** Big endian: Make "Heirloom", Orientation 6, a thumbnail directory, an EXIF directory with the size in pixels. */
function bigEndianExif(): Buffer {
  const block = Buffer.alloc(120);
  block.write('MM\0*', 0, 'latin1');
  block.writeUInt32BE(8, 4);
  const entry = (at: number, tag: number, type: number, count: number, value: number, short = false) => {
    block.writeUInt16BE(tag, at);
    block.writeUInt16BE(type, at + 2);
    block.writeUInt32BE(count, at + 4);
    if (short) block.writeUInt16BE(value, at + 8);
    else block.writeUInt32BE(value, at + 8);
  };
  block.writeUInt16BE(3, 8);
  entry(10, 0x010f, 2, 9, 100);
  entry(22, 0x0112, 3, 1, 6, true);
  entry(34, 0x8769, 4, 1, 50);
  block.writeUInt32BE(80, 46);
  block.writeUInt16BE(2, 50);
  entry(52, 0xa002, 4, 1, 4000);
  entry(64, 0xa003, 3, 1, 3000, true);
  block.write('Heirloom\0', 100, 'latin1');
  return block;
}

describe('resetExif', () => {
  it('changes orientation, size and thumbnail in place, and nothing else', () => {
    const before = bigEndianExif();
    const after = Buffer.from(resetExif(before, 800, 600)!);
    expect(before.readUInt16BE(30)).toBe(6);
    expect(after.readUInt16BE(30)).toBe(1);
    expect(after.readUInt32BE(46)).toBe(0);
    expect(after.readUInt32BE(60)).toBe(800);
    expect(after.readUInt16BE(72)).toBe(600);
    const changed = Array.from(after.keys()).filter((i) => after[i] !== before[i]);
    expect(changed.every((i) => [30, 31, 46, 47, 48, 49, 60, 61, 62, 63, 72, 73].includes(i))).toBe(true);
  });
  it.each([
    ['BYTE', 1],
    ['SBYTE', 6],
    ['SHORT', 3],
    ['SSHORT', 8],
    ['LONG', 4],
    ['SLONG', 9],
  ])('turns no picture twice whose orientation is a %s, as readers take it', async (_, type) => {
    const exif = bigEndianExif();
    exif.writeUInt16BE(type, 24);
    exif.fill(0, 30, 34);
    exif[{ 1: 30, 6: 30, 3: 31, 8: 31 }[type] ?? 33] = 6;
    const jpeg = attachMetadata(await PICTURES['plain.jpg'](), 'jpeg', { exif });
    const photo = await decodeBytes(jpeg, 'turned.jpg');
    const written = await encodePhoto(photo.image, photo.metadata, { format: 'jpeg' });
    const { width, height } = (await decodeBytes(written, 'again.jpg')).image;
    expect([photo.image, { width, height }]).toMatchObject(Array(2).fill({ width: 32, height: 48 }));
  });
  it('keeps the others where the value of one lies outside of the block', () => {
    const broken = bigEndianExif();
    broken.writeUInt32BE(5000, 18);
    const after = Buffer.from(resetExif(broken, 800, 600)!);
    expect([after.readUInt16BE(30), after.readUInt32BE(60)]).toEqual([1, 800]);
    const dated = withDateTaken(broken, '1953-06-02')!;
    expect(dateTaken(dated)).toBe('1953-06-02T00:00:00');
    expect(Buffer.from(dated).subarray(0, 40)).toEqual(broken.subarray(0, 40));
  });
  it.each([Buffer.alloc(0), Buffer.from('not EXIF at all'), bigEndianExif().subarray(0, 40)])(
    'drops what it cannot read',
    (block) => {
      expect(resetExif(block, 1, 1)).toBeUndefined();
    },
  );
});

describe('withDateTaken', () => {
  const DAY = '1953-06-02';
  it('makes a block where there is none, or none that can be read', () => {
    for (const before of [undefined, Buffer.from('not EXIF'), bigEndianExif().subarray(0, 40)]) {
      expect(dateTaken(withDateTaken(before, DAY)!)).toBe(`${DAY}T00:00:00`);
      expect(dateTaken(withDateTaken(before, `${DAY}T14:30:00`)!)).toBe(`${DAY}T14:30:00`);
    }
  });
  it('adds an entry and leaves the rest of the block', () => {
    const before = bigEndianExif();
    const after = Buffer.from(withDateTaken(before, DAY)!);
    expect(dateTaken(after)).toBe(`${DAY}T00:00:00`);
    const changed = Array.from(before.keys()).filter((i) => after[i] !== before[i]);
    expect(changed.every((i) => i >= 42 && i < 46)).toBe(true);
    expect(resetExif(after, 800, 600)).toBeDefined();
    expect(before).toEqual(bigEndianExif());
  });
  it('overwrites a date in its place', () => {
    const once = withDateTaken(bigEndianExif(), DAY)!;
    const twice = withDateTaken(once, '1954-01-31T01:02:03')!;
    expect(dateTaken(twice)).toBe('1954-01-31T01:02:03');
    expect(twice.length).toBe(once.length);
  });
  it.each(['1938', '1938-06'])('takes the date away for %s, which EXIF cannot say', async (partial) => {
    for (const before of [bigEndianExif(), withDateTaken(undefined, DAY)!]) {
      const dated = withDateTaken(before, DAY)!;
      const after = withDateTaken(dated, partial)!;
      expect([dateTaken(dated), dateTaken(after)]).toEqual([`${DAY}T00:00:00`, null]);
      expect(after.length).toBe(dated.length);
    }
    const block = withDateTaken(withDateTaken(bigEndianExif(), DAY), partial)!;
    const tiff = Buffer.concat(addToTiff(await PICTURES['plain.tiff'](), block, undefined));
    const tags = ExifReader.load(tiff, { expanded: true }).exif;
    expect([tags?.Make?.description, tags?.PixelXDimension?.value]).toEqual(['Heirloom', 4000]);
    expect(tags?.DateTimeOriginal).toBeUndefined();
  });
  it('makes nothing of nothing for a year, and leaves a block without a date as it is', () => {
    expect(withDateTaken(undefined, '1938')).toBeUndefined();
    expect(withDateTaken(Buffer.from('not EXIF'), '1938')).toBeUndefined();
    expect(Buffer.from(withDateTaken(bigEndianExif(), '1938')!)).toEqual(bigEndianExif());
  });
  it('adds a directory to a block that has none, before its thumbnail', () => {
    const before = bigEndianExif();
    before.writeUInt16BE(2, 8);
    before.writeUInt32BE(0, 34);
    const after = withDateTaken(before, DAY)!;
    expect(dateTaken(after)).toBe(`${DAY}T00:00:00`);
    expect(Buffer.from(after).includes('Heirloom')).toBe(true);
  });
});

describe('EXIF in TIFF', () => {
  it('is written with the profile, and read back in the other byte order', async () => {
    const plain = await PICTURES['plain.tiff']();
    const icc = new Uint8Array(200).fill(7);
    const tiff = Buffer.concat(addToTiff(plain, bigEndianExif(), icc));
    const tags = ExifReader.load(Buffer.from(tiff), { expanded: true }).exif;
    expect(tags?.Make?.description).toBe('Heirloom');
    expect(tags?.PixelXDimension?.value).toBe(4000);
    expect((await decodeBytes(tiff, 'a.tiff')).image).toEqual((await decodeBytes(plain, 'b.tiff')).image);
    const block = Buffer.from(exifFromTiff(readAtOf(tiff))!);
    expect(block.toString('latin1', 0, 4)).toBe('II*\0');
    expect(block.includes('Heirloom')).toBe(true);
  });
  it('is none where a TIFF tells nothing about the photo, or is no TIFF', async () => {
    expect(exifFromTiff(readAtOf(await PICTURES['plain.tiff']()))).toBeUndefined();
    expect(exifFromTiff(readAtOf(Buffer.from('II+\0 a BigTIFF header')))).toBeUndefined();
  });
});

/** A little-endian TIFF of one directory whose entries hold one number each. */
function tiffWith(entries: Record<number, number>): Buffer {
  const tags = Object.keys(entries).map(Number);
  const file = Buffer.alloc(8 + 2 + 12 * tags.length + 4);
  file.write('II*\0', 'latin1');
  file.writeUInt32LE(8, 4);
  file.writeUInt16LE(tags.length, 8);
  for (const [i, tag] of tags.entries()) {
    file.writeUInt16LE(tag, 10 + 12 * i);
    file.writeUInt16LE(4, 12 + 12 * i);
    file.writeUInt32LE(1, 14 + 12 * i);
    file.writeUInt32LE(entries[tag] ?? 0, 18 + 12 * i);
  }
  return file;
}

describe('isCameraRaw', () => {
  const [KIND, WIDTH, SUB_DIRECTORIES, DNG_VERSION] = [0x00fe, 0x0100, 0x014a, 0xc612];

  it.each([
    ['a DNG', { [KIND]: 0, [DNG_VERSION]: 0x401 }, true],
    ['a preview before sub-directories', { [KIND]: 1, [SUB_DIRECTORIES]: 8 }, true],
    ['a pyramid', { [KIND]: 0, [SUB_DIRECTORIES]: 8 }, false],
    ['a page', { [KIND]: 2 }, false],
    ['a plain TIFF', { [WIDTH]: 9 }, false],
  ])('tells %s', (_, entries, raw) => {
    expect(isCameraRaw(readAtOf(tiffWith(entries)))).toBe(raw);
  });

  it('is said instead of restoring a preview of some pixels', async () => {
    await expect(decodeBytes(tiffWith({ [DNG_VERSION]: 0x401 }), 'IMG_1.dng')).rejects.toMatchObject({
      code: 'input/not-an-image',
      message:
        'IMG_1.dng is not a picture that Heirloom reads: it holds a camera raw file; develop it to JPEG or TIFF first',
    });
  });

  it('leaves broken files to the decoder', () => {
    expect(isCameraRaw(readAtOf(tiffWith({ [DNG_VERSION]: 1 }).subarray(0, 12)))).toBe(false);
    expect(isCameraRaw(readAtOf(Buffer.from('II*\0')))).toBe(false);
  });
});
