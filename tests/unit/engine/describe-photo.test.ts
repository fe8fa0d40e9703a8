import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describePhoto } from '../../../engine/describe-photo.ts';
import { decodePhoto } from '../../../engine/image/decode.ts';
import { gradient, orientedJpeg, temporaryFolder, writePicture } from '../../fixtures/make-pictures.ts';
import type { PictureName } from '../../fixtures/make-pictures.ts';

let folder: string;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => rmSync(folder, { recursive: true }));

const thumbnail = (longSide: number) => ({ path: join(folder, `thumbs/${longSide}.webp`), longSide });
const large = (width = 640, height = 480) =>
  sharp(gradient(width, height), { raw: { width, height, channels: 3 } });

async function save(name: string, bytes: Promise<Buffer>): Promise<string> {
  writeFileSync(join(folder, name), await bytes);
  return join(folder, name);
}

/** A PNG whose header says 20000 x 10100 pixels. */
async function hugePng(): Promise<Buffer> {
  const bytes = await large(16, 16).png().toBuffer();
  bytes.writeUInt32BE(20_000, 16);
  bytes.writeUInt32BE(10_100, 20);
  bytes.writeUInt32BE(crc32(bytes.subarray(12, 29)), 29);
  return bytes;
}

/** Mean red and green over a part of the picture, given in parts of its sides. */
async function meanAt(path: string, left: number, top: number, side = 0.1): Promise<[number, number]> {
  const { image } = await decodePhoto(path);
  const { width, height, data } = image;
  const sum = [0, 0];
  let count = 0;
  for (let y = Math.floor(top * height); y < (top + side) * height - 1; y++) {
    for (let x = Math.floor(left * width); x < (left + side) * width - 1; x++, count++) {
      sum[0]! += data[3 * (y * width + x)]!;
      sum[1]! += data[3 * (y * width + x) + 1]!;
    }
  }
  return [sum[0]! / count, sum[1]! / count];
}

describe('describePhoto', () => {
  const formats: [PictureName, object][] = [
    ['plain.jpg', { format: 'jpeg', width: 48, height: 32, depth: 8, notes: [] }],
    ['plain.heic', { format: 'heic', width: 96, height: 64, depth: 8 }],
    ['ten-bit.heic', { format: 'heic', depth: 16 }],
    ['ten-bit.avif', { format: 'avif', depth: 16 }],
    ['rgb16.tiff', { format: 'tiff', depth: 16 }],
    ['alpha.png', { format: 'png', depth: 8 }],
    ['cmyk.jpg', { format: 'jpeg', notes: ['CMYK converted to sRGB'] }],
    ['animated.gif', { format: 'gif', height: 32, notes: ['first frame of 3 used'] }],
    ['exif-xmp.jpg', { format: 'jpeg', width: 32, height: 48, takenAt: null }],
  ];
  it.each(formats)('says what %s is and makes a thumbnail of it', async (name, expected) => {
    const input = await writePicture(folder, name);
    const described = await describePhoto({ input, thumbnails: [thumbnail(24)] });
    expect(described).toMatchObject(expected);
    const { metadata } = await decodePhoto(thumbnail(24).path);
    expect(metadata.format).toBe('webp');
    expect(Math.max(metadata.width, metadata.height)).toBe(24);
  });

  it('agrees with what decoding gives, for each orientation', async () => {
    for (let orientation = 1; orientation <= 8; orientation++) {
      const input = await save(`${orientation}.jpg`, orientedJpeg(orientation));
      const { width, height } = await describePhoto({ input, thumbnails: [thumbnail(32)] });
      expect([width, height]).toEqual([48, 32]);
      const [left] = await meanAt(thumbnail(32).path, 0, 0.5, 0.2);
      const [right] = await meanAt(thumbnail(32).path, 0.8, 0.5, 0.2);
      expect(left).toBeLessThan(80);
      expect(right).toBeGreaterThan(170);
    }
  });

  it('makes every size from one picture, keeps its proportions and never enlarges', async () => {
    const input = await save('wide.jpg', large(640, 320).jpeg({ quality: 95 }).toBuffer());
    await describePhoto({ input, thumbnails: [thumbnail(64), thumbnail(256), thumbnail(2048)] });
    const sizes = await Promise.all(
      [64, 256, 2048].map(async (side) => (await decodePhoto(thumbnail(side).path)).metadata),
    );
    expect(sizes.map(({ width, height }) => [width, height])).toEqual([
      [64, 32],
      [256, 128],
      [640, 320],
    ]);
    const [red, green] = await meanAt(thumbnail(64).path, 0.45, 0.45);
    expect(red).toBeCloseTo(125, -1);
    expect(green).toBeCloseTo(95, -1);
  });

  it('turns the colours of a wide gamut into sRGB', async () => {
    const red = sharp({ create: { width: 64, height: 64, channels: 3, background: '#c83232' } });
    const input = await save('p3.png', red.withIccProfile('p3').png().toBuffer());
    const { image: stored } = await decodePhoto(input);
    expect(Math.abs(stored.data[0]! - 200)).toBeGreaterThan(5);
    await describePhoto({ input, thumbnails: [thumbnail(32)] });
    const [shown] = await meanAt(thumbnail(32).path, 0.2, 0.2, 0.6);
    expect(Math.abs(shown - 200)).toBeLessThan(4);
    expect((await decodePhoto(thumbnail(32).path)).metadata.icc).toBeUndefined();
  });

  it('reads when the photo was taken', async () => {
    const taken = (time: string) =>
      large()
        .withExifMerge({ IFD2: { DateTimeOriginal: time } })
        .jpeg()
        .toBuffer();
    const times = [
      '1953:06:02 14:30:00',
      '0000:00:00 00:00:00',
      '1953:02:30 14:30:00',
      '    :  :     :  :  ',
    ];
    const read = [];
    for (const time of times) {
      const input = await save('taken.jpg', taken(time));
      read.push((await describePhoto({ input, thumbnails: [] })).takenAt);
    }
    expect(read).toEqual(['1953-06-02T14:30:00', null, null, null]);
  });

  const bad: [PictureName, string][] = [
    ['empty.jpg', 'input/empty'],
    ['text.jpg', 'input/not-an-image'],
    ['document.png', 'input/not-an-image'],
    ['magic-only.jpg', 'input/damaged'],
    ['noise.tiff', 'input/not-an-image'],
    ['one-pixel.png', 'input/too-small'],
    ['ribbon.jpg', 'input/too-small'],
    ['truncated.png', 'input/damaged'],
    ['truncated.webp', 'input/damaged'],
    ['truncated.tiff', 'input/damaged'],
    ['truncated.avif', 'input/damaged'],
    ['truncated.gif', 'input/damaged'],
    ['truncated.heic', 'input/damaged'],
  ];
  it.each(bad)('refuses %s as %s, as decodePhoto does', async (name, code) => {
    const input = await writePicture(folder, name);
    await expect(decodePhoto(input)).rejects.toMatchObject({ code });
    await expect(describePhoto({ input, thumbnails: [thumbnail(64)] })).rejects.toMatchObject({
      code,
      message: expect.stringContaining(input) as string,
    });
    expect(readdirSync(folder)).toEqual([name]);
  });

  it('refuses a JPEG that lacks its end, with and without thumbnails', async () => {
    const whole = await large(1600, 1200).jpeg().toBuffer();
    const input = await save('cut.jpg', Promise.resolve(whole.subarray(0, whole.length - 400)));
    for (const thumbnails of [[], [thumbnail(64)]])
      await expect(describePhoto({ input, thumbnails })).rejects.toMatchObject({ code: 'input/damaged' });
  });

  it('refuses what is not there and what is too large, and never replaces the photo', async () => {
    const missing = { input: join(folder, 'missing.jpg'), thumbnails: [] };
    await expect(describePhoto(missing)).rejects.toMatchObject({ code: 'input/not-found' });
    const input = await save('huge.png', hugePng());
    await expect(describePhoto({ input, thumbnails: [] })).rejects.toMatchObject({ code: 'input/too-large' });
    const own = await writePicture(folder, 'plain.jpg');
    const onto = { input: own, thumbnails: [{ path: own, longSide: 16 }] };
    await expect(describePhoto(onto)).rejects.toMatchObject({ code: 'output/exists' });
  });

  it('replaces an older thumbnail', async () => {
    mkdirSync(join(folder, 'thumbs'));
    writeFileSync(thumbnail(24).path, 'old');
    const input = await writePicture(folder, 'plain.jpg');
    await describePhoto({ input, thumbnails: [thumbnail(24)] });
    expect((await decodePhoto(thumbnail(24).path)).metadata.width).toBe(24);
  });
});
