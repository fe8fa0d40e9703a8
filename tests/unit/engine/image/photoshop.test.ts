import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodeBytes } from '../../../../engine/image/decode.ts';
import { encodePhoto } from '../../../../engine/image/encode.ts';
import { readAtOf } from '../../../../engine/image/exif.ts';
import { photoshopResources } from '../../../../engine/image/photoshop.ts';

const CAPTION = 'Wedding of Ada and Tom, 1931';
const IPTC = 0x0404;
const THUMBNAIL = 0x040c;

/** One IPTC-IIM dataset: 2:120, the caption. */
const dataset = Buffer.from([0x1c, 2, 120, 0, CAPTION.length, ...Buffer.from(CAPTION)]);

function resource(id: number, data: Uint8Array, name = ''): Buffer {
  const head = Buffer.alloc(4 + 2 + 1 + name.length + ((1 + name.length) % 2) + 4);
  head.write('8BIM', 'latin1');
  head.writeUInt16BE(id, 4);
  head.writeUInt8(name.length, 6);
  head.write(name, 7, 'latin1');
  head.writeUInt32BE(data.length, head.length - 4);
  return Buffer.concat([head, data, Buffer.alloc(data.length % 2)]);
}

function segment(body: Uint8Array): Buffer {
  const prefix = Buffer.from('Photoshop 3.0\0', 'latin1');
  const length = 2 + prefix.length + body.length;
  return Buffer.concat([Uint8Array.of(0xff, 0xed, length >> 8, length & 255), prefix, body]);
}

async function jpegWith(...bodies: Uint8Array[]): Promise<Buffer> {
  const plain = await sharp({ create: { width: 32, height: 24, channels: 3, background: '#b0a088' } })
    .jpeg()
    .toBuffer();
  return Buffer.concat([plain.subarray(0, 2), ...bodies.map(segment), plain.subarray(2)]);
}

const captioned = resource(IPTC, dataset);

describe('photoshopResources', () => {
  it('are read without thumbnails, names and padding kept', async () => {
    const named = resource(0x07d0, Uint8Array.of(1, 2, 3), 'path');
    const jpeg = await jpegWith(
      Buffer.concat([resource(THUMBNAIL, Buffer.alloc(99)), named, captioned, resource(0x0409, dataset)]),
    );
    expect(photoshopResources(readAtOf(jpeg))).toEqual(Buffer.concat([named, captioned]));
  });

  it('may go on in the next segment, in the middle of a resource', async () => {
    const large = resource(0x0fa0, Buffer.alloc(70_000, 7));
    const all = Buffer.concat([captioned, large]);
    const jpeg = await jpegWith(all.subarray(0, 60_001), all.subarray(60_001));
    expect(photoshopResources(readAtOf(jpeg))).toEqual(all);
  });

  it('are nothing where there are none, or where they are broken', async () => {
    expect(photoshopResources(readAtOf(await jpegWith()))).toBeUndefined();
    expect(photoshopResources(readAtOf(await jpegWith(captioned.subarray(0, 20))))).toBeUndefined();
    expect(photoshopResources(readAtOf(await jpegWith(Buffer.from('8BIX0123456789'))))).toBeUndefined();
    expect(photoshopResources(readAtOf(Uint8Array.of(0xff, 0xd8, 0xff)))).toBeUndefined();
  });
});

describe('IPTC', () => {
  it('goes from a JPEG into its JPEG, and is found by another reader', async () => {
    const { image, metadata } = await decodeBytes(
      await jpegWith(Buffer.concat([captioned, resource(THUMBNAIL, Buffer.alloc(9))])),
      'wedding.jpg',
    );
    const copy = await encodePhoto(image, metadata, { format: 'jpeg', note: 'restored' });
    expect((await sharp(copy).metadata()).iptc).toEqual(segment(captioned).subarray(4));
    expect((await decodeBytes(copy, 'copy.jpg')).metadata.photoshop).toEqual(metadata.photoshop);
  });

  it('of more than 64 KB is written in segments that read the same', async () => {
    const photoshop = Buffer.concat([captioned, resource(0x0fa0, Buffer.alloc(150_000, 7))]);
    const { image, metadata } = await decodeBytes(await jpegWith(), 'plain.jpg');
    const copy = await encodePhoto(image, { ...metadata, photoshop }, { format: 'jpeg' });
    expect(photoshopResources(readAtOf(copy))).toEqual(photoshop);
    expect((await decodeBytes(copy, 'copy.jpg')).image.width).toBe(32);
  });

  it('has no place in a PNG', async () => {
    const { image, metadata } = await decodeBytes(await jpegWith(captioned), 'wedding.jpg');
    const copy = await encodePhoto(image, metadata, { format: 'png' });
    expect(Buffer.from(copy).includes(CAPTION)).toBe(false);
    expect((await decodeBytes(copy, 'copy.png')).metadata.format).toBe('png');
  });
});
