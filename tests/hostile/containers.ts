import { crc32, deflateRawSync, deflateSync } from 'node:zlib';

/** The few bytes around a picture's samples, as no encoder would write them. */

export function jpegSegment(marker: number, body: Uint8Array, length = body.length + 2): Buffer {
  return Buffer.concat([Uint8Array.of(0xff, marker, (length >> 8) & 255, length & 255), body]);
}

/** A JPEG with segments right behind its first marker. */
export function withSegments(jpeg: Buffer, ...segments: Uint8Array[]): Buffer {
  return Buffer.concat([jpeg.subarray(0, 2), ...segments, jpeg.subarray(2)]);
}

export const PNG_HEAD = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');

export function pngChunk(type: string, data: Uint8Array): Buffer {
  const chunk = Buffer.alloc(12 + data.length);
  chunk.writeUInt32BE(data.length, 0);
  chunk.write(type, 4, 'latin1');
  chunk.set(data, 8);
  chunk.writeUInt32BE(crc32(chunk.subarray(4, 8 + data.length)), 8 + data.length);
  return chunk;
}

export interface PngHeader {
  width: number;
  height: number;
  /** Bits a sample. */
  depth?: number;
  /** 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGBA. */
  colour?: number;
  interlaced?: boolean;
}

export function pngHeader({ width, height, depth = 8, colour = 2, interlaced = false }: PngHeader): Buffer {
  const data = Buffer.alloc(13);
  data.writeUInt32BE(width, 0);
  data.writeUInt32BE(height, 4);
  data.set([depth, colour, 0, 0, interlaced ? 1 : 0], 8);
  return pngChunk('IHDR', data);
}

export function png(header: PngHeader, ...chunks: Uint8Array[]): Buffer {
  return Buffer.concat([PNG_HEAD, pngHeader(header), ...chunks, pngChunk('IEND', new Uint8Array())]);
}

/** Chunks right behind the header of a PNG. */
export function withChunks(file: Buffer, ...chunks: Uint8Array[]): Buffer {
  return Buffer.concat([file.subarray(0, 33), ...chunks, file.subarray(33)]);
}

/** The checksum of every chunk made right again, so that a flipped byte reaches what stands behind it. */
export function repairPng(file: Buffer): Buffer {
  const copy = Buffer.from(file);
  for (let at = 8; at + 12 <= copy.length;) {
    const end = at + 8 + copy.readUInt32BE(at);
    if (end + 4 > copy.length) break;
    copy.writeUInt32BE(crc32(copy.subarray(at + 4, end)), end);
    at = end + 4;
  }
  return copy;
}

/** zlib data that becomes `bytes` zeros: about a thousandth of it. */
export function zeros(bytes: number): Buffer {
  return deflateSync(Buffer.alloc(bytes), { level: 9 });
}

const MEGABYTE = 2 ** 20;

/** The same for more than fits in memory: one megabyte's block, again and again. The checksum at the end is wrong. */
export function manyZeros(megabytes: number): Buffer {
  const block = deflateRawSync(Buffer.alloc(MEGABYTE), { level: 9, finishFlush: 3 });
  const blocks = Array.from({ length: megabytes }, () => block);
  return Buffer.concat([Uint8Array.of(0x78, 0xda), ...blocks, Uint8Array.of(3, 0, 0, 0, 0, 1)]);
}

export function riffChunk(type: string, data: Uint8Array, length = data.length): Buffer {
  const chunk = Buffer.alloc(8 + data.length + (data.length % 2));
  chunk.write(type, 0, 'latin1');
  chunk.writeUInt32LE(length, 4);
  chunk.set(data, 8);
  return chunk;
}

export function webp(...chunks: Uint8Array[]): Buffer {
  return riffChunk('RIFF', Buffer.concat([Buffer.from('WEBP'), ...chunks]));
}

/** VP8X: canvas in pixels and flags (0x20 ICC, 0x08 EXIF, 0x04 XMP, 0x02 animation). */
export function vp8x(width: number, height: number, flags: number): Buffer {
  const data = Buffer.alloc(10);
  data[0] = flags;
  data.writeUIntLE(width - 1, 4, 3);
  data.writeUIntLE(height - 1, 7, 3);
  return riffChunk('VP8X', data);
}

/** The picture's chunk of a plain WebP. */
export function webpPicture(file: Buffer): Buffer {
  return file.subarray(12);
}

/** Tag, type, count, and the value or where it stands. */
export type TiffField = readonly [tag: number, type: number, count: number, value: number];

export interface TiffDirectory {
  fields: readonly TiffField[];
  /** Where the next directory stands; 0: none. */
  next?: number;
}

/** Little-endian TIFF: directories one after another from byte 8, then `rest`. */
export function tiff(directories: readonly TiffDirectory[], rest: Uint8Array = new Uint8Array()): Buffer {
  const parts: Uint8Array[] = [Uint8Array.of(0x49, 0x49, 42, 0, 8, 0, 0, 0)];
  for (const { fields, next = 0 } of directories) {
    const table = Buffer.alloc(6 + 12 * fields.length);
    table.writeUInt16LE(fields.length, 0);
    fields.forEach(([tag, type, count, value], i) => {
      table.writeUInt16LE(tag, 2 + 12 * i);
      table.writeUInt16LE(type, 4 + 12 * i);
      table.writeUInt32LE(count >>> 0, 6 + 12 * i);
      table.writeUInt32LE(value >>> 0, 10 + 12 * i);
    });
    table.writeUInt32LE(next, 2 + 12 * fields.length);
    parts.push(table);
  }
  return Buffer.concat([...parts, rest]);
}

/** Bytes that the table of a directory takes. */
export const directorySize = (fields: number): number => 6 + 12 * fields;

/** ISO box: size, type, body. */
export function box(type: string, ...body: Uint8Array[]): Buffer {
  const content = Buffer.concat(body);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + content.length, 0);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, content]);
}

/** A box with version and flags in front of its body. */
export function fullBox(type: string, version: number, ...body: Uint8Array[]): Buffer {
  return box(type, Uint8Array.of(version, 0, 0, 0), ...body);
}

export function uint16(...values: number[]): Buffer {
  const bytes = Buffer.alloc(2 * values.length);
  values.forEach((value, i) => bytes.writeUInt16BE(value & 0xffff, 2 * i));
  return bytes;
}

export function uint32(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, i) => bytes.writeUInt32BE(value >>> 0, 4 * i));
  return bytes;
}

/** Every place where `pattern` stands. */
export function placesOf(file: Buffer, pattern: string): number[] {
  const places: number[] = [];
  for (let at = file.indexOf(pattern, 0, 'latin1'); at >= 0; at = file.indexOf(pattern, at + 1, 'latin1'))
    places.push(at);
  return places;
}
