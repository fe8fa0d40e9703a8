import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ExifReader from 'exifreader';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EngineParams } from '../../../contract/engine.ts';
import { exportPicture } from '../../../engine/export-picture.ts';
import { decodePhoto } from '../../../engine/image/decode.ts';
import {
  gradient,
  orientedJpeg,
  temporaryFolder,
  writePicture,
  XMP_PACKET,
} from '../../fixtures/make-pictures.ts';
import { largestDifference } from './image/synthetic.ts';

let folder: string;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => rmSync(folder, { recursive: true }));

const at = (name: string) => join(folder, name);

function request(input: string, original: string, changes: Partial<EngineParams<'exportPicture'>> = {}) {
  return exportPicture({
    input,
    original,
    output: at('out/picture'),
    format: 'same',
    quality: 95,
    maxSide: null,
    turn: 0,
    keepMetadata: true,
    facts: null,
    note: null,
    sideBySide: false,
    overwrite: false,
    ...changes,
  });
}

/** A version of one grey level, `width x height`. */
async function version(name: string, width: number, height: number): Promise<string> {
  await sharp({ create: { width, height, channels: 3, background: '#808080' } }).toFile(at(name));
  return at(name);
}

describe('exportPicture', () => {
  it("writes the version's pixels with the original's metadata and a note", async () => {
    const original = await writePicture(folder, 'exif-xmp.jpg');
    const input = await version('version.png', 32, 48);
    const { output, width, height } = await request(input, original, { note: 'Faces restored' });
    expect([output, width, height]).toEqual([at('out/picture.jpg'), 32, 48]);
    const { image, metadata } = await decodePhoto(output);
    expect(image.data.every((value) => Math.abs(value - 128) <= 1)).toBe(true);
    expect(Buffer.from(metadata.exif!).includes('A. Person')).toBe(true);
    expect((await sharp(output).metadata()).orientation).toBe(1);
    expect(metadata.xmp).toContain('Бабушка');
    expect(metadata.xmp).toContain('Faces restored');
    expect(metadata.density).toBe(300);
  });

  it('strips EXIF and XMP and keeps the profile', async () => {
    const wide = sharp(gradient(48, 32), { raw: { width: 48, height: 32, channels: 3 } });
    const exif = { IFD0: { Artist: 'A. Person' } };
    await wide.withIccProfile('p3').withExifMerge(exif).withXmp(XMP_PACKET).jpeg().toFile(at('p3.jpg'));
    const { output } = await request(at('p3.jpg'), at('p3.jpg'), { keepMetadata: false });
    const { image, metadata } = await decodePhoto(output);
    expect([metadata.exif, metadata.xmp]).toEqual([undefined, undefined]);
    const stored = await decodePhoto(at('p3.jpg'));
    expect(metadata.icc).toEqual(stored.metadata.icc);
    expect(largestDifference(image.data, stored.image.data)).toBeLessThan(6);
    const noted = await request(at('p3.jpg'), at('p3.jpg'), {
      keepMetadata: false,
      note: 'Faces restored',
      output: at('noted'),
    });
    const { xmp } = (await decodePhoto(noted.output)).metadata;
    expect(xmp).toContain('Faces restored');
    expect(xmp).not.toContain('Бабушка');
  });

  it('copies an original that nothing is to change about, byte for byte', async () => {
    writeFileSync(at('photo.JPG'), await orientedJpeg(6));
    const { output, width, height } = await request(at('photo.JPG'), at('photo.JPG'), { maxSide: 48 });
    expect([output, width, height]).toEqual([at('out/picture.JPG'), 48, 32]);
    expect(readFileSync(output)).toEqual(readFileSync(at('photo.JPG')));
  });

  const FACTS = { takenAt: '1953-06-02', caption: 'At <the> lake', people: ['Anna & Co', 'مريم'] };
  const tagsOf = (path: string) => ExifReader.load(readFileSync(path), { expanded: true });

  it.each(['jpeg', 'png', 'webp', 'tiff'] as const)(
    'writes what the library knows into %s',
    async (format) => {
      const input = await version('version.png', 32, 48);
      for (const name of ['plain.png', 'exif-xmp.jpg'] as const) {
        const original = await writePicture(folder, name);
        const changes = { format, facts: FACTS, note: 'Faces restored' };
        const { output } = await request(input, original, { ...changes, output: at(`known-${name}`) });
        const { exif, xmp } = tagsOf(output);
        expect(exif?.DateTimeOriginal?.description).toBe('1953:06:02 00:00:00');
        expect(xmp?.DateTimeOriginal?.value).toBe('1953-06-02');
        expect(xmp?.DateCreated?.value).toBe('1953-06-02');
        expect(xmp?.description?.description).toBe('At <the> lake');
        expect(xmp?.PersonInImage?.description).toBe('Anna & Co, مريم');
        expect(exif?.Make?.description).toBe(name === 'plain.png' ? undefined : 'Heirloom');
        const bare = { ...changes, keepMetadata: false, note: null, output: at(`bare-${name}`) };
        const { metadata } = await decodePhoto((await request(input, original, bare)).output);
        expect([metadata.xmp, metadata.exif]).toEqual([undefined, undefined]);
      }
    },
  );

  it.each(['1938', '1938-06'])('writes %s into XMP alone, and no other date', async (takenAt) => {
    const dated = await writePicture(folder, 'exif-xmp.jpg');
    const { output: original } = await request(dated, dated, { facts: FACTS, output: at('dated') });
    const facts = { takenAt, caption: '', people: [] };
    const input = await version('version.png', 32, 48);
    for (const [from, format] of [
      [original, 'jpeg'],
      [input, 'jpeg'],
      [input, 'tiff'],
    ] as const) {
      const { output } = await request(from, original, {
        format,
        facts,
        output: at(`partial-${takenAt}-${format}-${from === input}`),
      });
      const { exif, xmp } = tagsOf(output);
      expect([exif?.DateTimeOriginal, exif?.Artist?.description]).toEqual([undefined, 'A. Person']);
      expect([xmp?.DateTimeOriginal?.value, xmp?.DateCreated?.value]).toEqual([takenAt, takenAt]);
    }
  });

  it('copies a JPEG with what the library knows, its picture as it is', async () => {
    const original = await writePicture(folder, 'exif-xmp.jpg');
    const before = readFileSync(original);
    const { output } = await request(original, original, { facts: FACTS });
    const { exif, xmp } = tagsOf(output);
    expect([exif?.Orientation?.value, exif?.Artist?.description]).toEqual([6, 'A. Person']);
    expect(exif?.DateTimeOriginal?.description).toBe('1953:06:02 00:00:00');
    expect([xmp?.title?.description, xmp?.description?.description]).toEqual([
      'Бабушка, 1931',
      'At <the> lake',
    ]);
    expect((await decodePhoto(output)).image).toEqual((await decodePhoto(original)).image);
    const after = readFileSync(output);
    expect(after.toString('latin1').split('http://ns.adobe.com/xap/1.0/\0')).toHaveLength(2);
    expect(after.subarray(-200)).toEqual(before.subarray(-200));
    const known = { ...FACTS, takenAt: '1953-06-02T00:00:00', caption: '', people: [] };
    const again = await request(output, output, { facts: known, output: at('again') });
    expect(readFileSync(again.output)).toEqual(after);
  });

  it('leaves no second EXIF and XMP in a JPEG with a comment before its own', async () => {
    const jpeg = readFileSync(await writePicture(folder, 'exif-xmp.jpg'));
    const comment = Buffer.from('\xff\xfe\0\x08scan 7', 'latin1');
    writeFileSync(at('comment.jpg'), Buffer.concat([jpeg.subarray(0, 2), comment, jpeg.subarray(2)]));
    const { output } = await request(at('comment.jpg'), at('comment.jpg'), { facts: FACTS });
    const after = readFileSync(output).toString('latin1');
    expect(after).toContain('scan 7');
    for (const prefix of ['Exif\0\0', 'http://ns.adobe.com/xap/1.0/\0'])
      expect(after.split(prefix)).toHaveLength(2);
  });

  it('writes a PNG anew, without loss, and a caption too long for a JPEG without the old packet', async () => {
    const original = await writePicture(folder, 'plain.png');
    const { output } = await request(original, original, { facts: FACTS });
    expect(tagsOf(output).xmp?.description?.description).toBe('At <the> lake');
    expect((await decodePhoto(output)).image).toEqual((await decodePhoto(original)).image);
    const long = XMP_PACKET.replace('Бабушка', 'x'.repeat(65_000));
    await sharp(gradient(48, 32), { raw: { width: 48, height: 32, channels: 3 } })
      .withXmp(long)
      .jpeg()
      .toFile(at('long.jpg'));
    const copy = await request(at('long.jpg'), at('long.jpg'), { facts: FACTS, output: at('short') });
    const { xmp } = tagsOf(copy.output);
    expect([xmp?.title, xmp?.description?.description]).toEqual([undefined, 'At <the> lake']);
  });

  it('turns, alpha and all', async () => {
    const original = await writePicture(folder, 'alpha.png');
    const { output, width, height } = await request(original, original, { turn: 90 });
    expect([width, height]).toEqual([32, 48]);
    const [before, after] = [await decodePhoto(original), await decodePhoto(output)];
    // Clockwise: what was at the left edge, half way up, is now at the top, in the middle.
    const [x, y] = [5, 16];
    const to = x * 32 + (31 - y);
    expect(after.image.data.slice(3 * to, 3 * to + 3)).toEqual(
      before.image.data.slice(3 * (y * 48 + x), 3 * (y * 48 + x) + 3),
    );
    expect(after.metadata.alpha?.[to]).toBe(before.metadata.alpha?.[y * 48 + x]);
    const { output: twice } = await request(output, original, { turn: 270, output: at('back') });
    expect((await decodePhoto(twice)).image.data).toEqual(before.image.data);
  });

  it('fits a longest side and keeps 16 bits where the format can', async () => {
    const original = await writePicture(folder, 'rgb16.tiff');
    const small = await request(original, original, { maxSide: 24 });
    expect([small.width, small.height]).toEqual([24, 16]);
    const { image } = await decodePhoto(small.output);
    expect(image.depth).toBe(16);
    expect(new Set(Array.from(image.data, (value) => value % 256)).size).toBeGreaterThan(50);
    const png = await request(original, original, { format: 'png', output: at('deep') });
    expect((await decodePhoto(png.output)).image.data).toEqual((await decodePhoto(original)).image.data);
    const jpeg = await request(original, original, { format: 'jpeg', output: at('flat') });
    expect((await decodePhoto(jpeg.output)).metadata.depth).toBe(8);
    const never = await request(original, original, { maxSide: 4000, format: 'png', output: at('large') });
    expect(never.width).toBe(48);
  });

  it('shrinks transparency with the picture', async () => {
    const original = await writePicture(folder, 'alpha.png');
    const { output } = await request(original, original, { maxSide: 24, turn: 180 });
    const { metadata } = await decodePhoto(output);
    expect([metadata.width, metadata.height]).toEqual([24, 16]);
    expect(metadata.alpha![0]!).toBeLessThan(metadata.alpha![23]!);
  });

  it('puts the original left and the version right, at one height', async () => {
    const original = await writePicture(folder, 'plain.png');
    const input = await version('version.png', 96, 64);
    const { output, width, height } = await request(input, original, { sideBySide: true });
    expect([width, height]).toEqual([96 + 1 + 96, 64]);
    const { image } = await decodePhoto(output);
    const pixel = (x: number) => image.data.slice(3 * (32 * width + x), 3 * (32 * width + x) + 3);
    expect(pixel(2)[0]).toBeLessThan(45);
    expect(pixel(93)[0]).toBeGreaterThan(205);
    expect([...pixel(96)]).toEqual([255, 255, 255]);
    expect([...pixel(100)]).toEqual([128, 128, 128]);
    const shared = await request(input, original, { sideBySide: true, maxSide: 100, output: at('small') });
    expect(Math.max(shared.width, shared.height)).toBeLessThanOrEqual(100);
    expect(shared.width).toBeGreaterThan(95);
    const upright = await request(input, original, { sideBySide: true, turn: 90, output: at('upright') });
    expect([upright.width, upright.height]).toEqual([64 + 1 + 64, 96]);
  });

  it('writes PNG for a HEIC original', async () => {
    const original = await writePicture(folder, 'plain.heic');
    const { output } = await request(original, original);
    expect(output).toBe(at('out/picture.png'));
    expect((await decodePhoto(output)).metadata.format).toBe('png');
  });

  it('replaces neither the original nor the version, and other files only when told', async () => {
    const original = await writePicture(folder, 'plain.png', 'photo.png');
    const input = await version('version.png', 48, 32);
    const before = [readFileSync(original), readFileSync(input)];
    for (const output of [at('photo'), at('version')]) {
      const onto = request(input, original, { output, overwrite: true });
      await expect(onto).rejects.toMatchObject({ code: 'output/exists' });
    }
    expect([readFileSync(original), readFileSync(input)]).toEqual(before);
    await request(input, original);
    await expect(request(input, original)).rejects.toMatchObject({ code: 'output/exists' });
    await request(input, original, { overwrite: true });
  });

  it('says what the format cannot hold and what cannot be read', async () => {
    const original = await writePicture(folder, 'plain.png');
    const input = await version('wide.png', 16_400, 16);
    await expect(request(input, original, { format: 'webp' })).rejects.toMatchObject({
      code: 'output/unwritable',
    });
    await expect(request(at('missing.png'), original)).rejects.toMatchObject({ code: 'input/not-found' });
    await expect(request(input, at('missing.png'))).rejects.toMatchObject({ code: 'input/not-found' });
    const damaged = await writePicture(folder, 'truncated.png');
    await expect(request(damaged, original)).rejects.toMatchObject({ code: 'input/damaged' });
    expect(existsSync(at('out'))).toBe(false);
  });
});
