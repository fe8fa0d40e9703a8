import { deflateSync } from 'node:zlib';
import {
  directorySize,
  jpegSegment,
  manyZeros,
  pngChunk,
  riffChunk,
  tiff,
  vp8x,
  webp,
  webpPicture,
  withChunks,
  withSegments,
  zeros,
  type TiffField,
} from './containers.ts';
import type { BasePictures } from './base-pictures.ts';
import type { HostileFile } from './mutations.ts';

/** Good samples with metadata that costs memory, time or the stack of whoever reads it. */

const MAX_SEGMENT = 65_533;
const ORIENTATION: TiffField = [0x0112, 3, 1, 6];

/** `count` entries that each claim all bytes of the block as their value. */
export function overlappingExif(count: number, valueBytes: number): Buffer {
  const fields = Array.from({ length: count }, (_, i): TiffField => [0x9c00 + (i % 200), 7, valueBytes, 0]);
  return tiff([{ fields }], Buffer.alloc(valueBytes));
}

/** Directories one inside the other, `depth` of them, by the tag that each reader follows. */
function deepExif(depth: number, tag: number): Buffer {
  const size = directorySize(1);
  return tiff(
    Array.from({ length: depth }, (_, i) => ({ fields: [[tag, 4, 1, 8 + size * (i + 1)] as const] })),
  );
}

/** Maker notes are directories in a dialect of each camera. */
function makerNote(head: string): Buffer {
  const note = Buffer.concat([Buffer.from(head, 'latin1'), Buffer.alloc(4096, 0xff)]);
  const main = directorySize(2);
  const details = directorySize(1);
  const noteAt = 8 + main + details;
  return tiff(
    [
      {
        fields: [
          [0x010f, 2, 6, noteAt + head.length],
          [0x8769, 4, 1, 8 + main],
        ],
      },
      { fields: [[0x927c, 7, note.length, noteAt]] },
    ],
    note,
  );
}

const EXIF: Readonly<Record<string, () => Buffer>> = {
  'exif-cyclic-next': () => tiff([{ fields: [ORIENTATION], next: 8 }]),
  'exif-cyclic-details': () => tiff([{ fields: [ORIENTATION, [0x8769, 4, 1, 8]] }]),
  'exif-cyclic-gps': () =>
    tiff([
      {
        fields: [
          [0x8825, 4, 1, 8],
          [0x8769, 4, 1, 8],
          [0xa005, 4, 1, 8],
        ],
        next: 8,
      },
    ]),
  'exif-two-in-a-ring': () =>
    tiff([
      { fields: [[0x8769, 4, 1, 8 + directorySize(1)]], next: 8 + directorySize(1) },
      { fields: [[0x8769, 4, 1, 8]], next: 8 },
    ]),
  'exif-deep-details': () => deepExif(3000, 0x8769),
  'exif-deep-interoperability': () => deepExif(3000, 0xa005),
  'exif-chain': () => {
    const size = directorySize(1);
    return tiff(
      Array.from({ length: 3000 }, (_, i) => ({ fields: [ORIENTATION], next: 8 + size * (i + 1) })),
    );
  },
  'exif-overlapping': () => overlappingExif(5000, 5000),
  'exif-counts': () =>
    tiff([{ fields: [2, 3, 4, 5, 7, 12].map((type) => [0x9c9b, type, 0xffffffff, 8] as const) }]),
  'exif-offsets': () =>
    tiff([{ fields: [2, 3, 4, 5, 7].map((type) => [0x9c9b, type, 100, 0xfffffff0] as const) }]),
  'exif-types': () => tiff([{ fields: Array.from({ length: 256 }, (_, i) => [0x9c9b, i, 1, 0] as const) }]),
  'exif-entries': () => tiff([{ fields: Array.from({ length: 5000 }, (_, i) => [i, 3, 1, 0] as const) }]),
  'exif-thumbnail': () =>
    tiff([
      { fields: [ORIENTATION], next: 8 + directorySize(1) },
      {
        fields: [
          [0x0201, 4, 1, 0],
          [0x0202, 4, 1, 0xffffffff],
          [0x0103, 3, 1, 6],
        ],
      },
    ]),
  'exif-first-directory-outside': () => Buffer.from([0x49, 0x49, 42, 0, 0xf0, 0xff, 0xff, 0xff]),
  'exif-no-tiff': () => Buffer.from('<script>alert(1)</script>'),
  'exif-empty': () => Buffer.alloc(0),
  'exif-canon': () => makerNote('\x05\0'),
  'exif-nikon': () => makerNote('Nikon\0\x02\x10\0\0MM\0*\0\0\0\x08\xff\xff'),
  'exif-olympus': () => makerNote('OLYMPUS\0II\x03\0\xff\xff'),
  'exif-fuji': () => makerNote('FUJIFILM\x0c\0\0\0\xff\xff'),
  'exif-pentax': () => makerNote('AOC\0MM\xff\xff'),
  'exif-apple': () => makerNote('Apple iOS\0\0\x01MM\xff\xff'),
};

/** As many as no camera writes; they fit where a block may be large: PNG and WebP. */
const LARGE_EXIF: Readonly<Record<string, () => Buffer>> = {
  'exif-65535-of-1-MB': () => overlappingExif(65_535, 1_000_000),
  'exif-4000-of-12-MB': () => overlappingExif(4000, 12_000_000),
};

const RDF =
  '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">';

/** `bytes`: about so large. */
const XMP: Readonly<Record<string, (bytes: number) => string>> = {
  'xmp-deep': (bytes) => RDF + '<a>'.repeat(bytes / 3),
  'xmp-entities': () =>
    `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "${'&a;'.repeat(1000)}"><!ENTITY c "${'&b;'.repeat(1000)}">]>${RDF}&c;`,
  'xmp-histories': (bytes) =>
    `${RDF}${'</rdf:Seq>'.repeat(bytes / 20)}${'</rdf:Seq> '.padEnd(bytes / 2)}</rdf:RDF>`,
  'xmp-source-types': (bytes) => `${RDF}${'<Iptc4xmpExt:DigitalSourceType '.repeat(bytes / 31)}</rdf:RDF>`,
  'xmp-orientations': (bytes) => `${RDF}${'tiff:Orientation'.repeat(2)}${' '.repeat(bytes)}</rdf:RDF>`,
  'xmp-no-text': (bytes) => '\xff\xfe\0\ud800'.repeat(bytes / 8),
};

const icc = (size: number, tags: number, rest: Uint8Array): Buffer => {
  const head = Buffer.alloc(132);
  head.writeUInt32BE(size, 0);
  head.write('lcms', 4);
  head.writeUInt32BE(0x04300000, 8);
  head.write('mntrRGB XYZ ', 12, 'latin1');
  head.write('acsp', 36);
  head.writeUInt32BE(tags >>> 0, 128);
  return Buffer.concat([head, rest]);
};

function iccTag(name: string, offset: number, size: number): Buffer {
  const tag = Buffer.alloc(12);
  tag.write(name, 0, 'latin1');
  tag.writeUInt32BE(offset >>> 0, 4);
  tag.writeUInt32BE(size >>> 0, 8);
  return tag;
}

/** A table of 255 points in each of `inputs` dimensions, of which the profile holds none. */
function tableProfile(inputs: number, type: string): Buffer {
  const table = Buffer.alloc(4096, 0x40);
  table.write(type, 0, 'latin1');
  table.fill(0, 4, 8);
  table.set([inputs, 3, 255, 0], 8);
  return icc(144 + table.length, 1, Buffer.concat([iccTag('A2B0', 144, table.length), table]));
}

/** A chain of `count` processing elements, each at the same place. */
function elementsProfile(count: number): Buffer {
  const body = Buffer.alloc(16 + 8 * count + 64);
  body.write('mpet', 0, 'latin1');
  body.writeUInt16BE(3, 8);
  body.writeUInt16BE(3, 10);
  body.writeUInt32BE(count, 12);
  for (let i = 0; i < count; i++) body.writeUInt32BE(16 + 8 * count, 16 + 8 * i);
  for (let i = 0; i < count; i++) body.writeUInt32BE(64, 20 + 8 * i);
  body.write('matf\0\0\0\0\0\x03\0\x03', 16 + 8 * count, 'latin1');
  return icc(144 + body.length, 1, Buffer.concat([iccTag('D2B0', 144, body.length), body]));
}

const ICC: Readonly<Record<string, () => Buffer>> = {
  'icc-lies-about-size': () => icc(0xffffffff, 0, new Uint8Array(64)),
  'icc-tags': () => icc(1000, 0xffffffff, Buffer.alloc(868, 0x41)),
  'icc-hundred-tags-at-one-place': () => {
    const tags = Array.from({ length: 100 }, (_, i) => iccTag(`t${String(i).padStart(3, '0')}`, 132, 1200));
    return icc(1332, 100, Buffer.concat(tags));
  },
  'icc-tag-outside': () => icc(144, 1, iccTag('A2B0', 0xfffffff0, 0xff)),
  'icc-tag-is-the-profile': () => icc(144, 1, iccTag('A2B0', 0, 144)),
  'icc-table-16-inputs': () => tableProfile(16, 'mft2'),
  'icc-table-8-bits': () => tableProfile(15, 'mft1'),
  'icc-table-of-no-input': () => tableProfile(0, 'mft2'),
  'icc-lut-a-to-b': () => tableProfile(3, 'mAB '),
  'icc-4000-elements': () => elementsProfile(4000),
  'icc-no-profile': () => Buffer.from('</script><script>alert(1)</script>'.repeat(10)),
  'icc-empty': () => Buffer.alloc(0),
};

const EXIF_PREFIX = Buffer.from('Exif\0\0', 'latin1');
const XMP_PREFIX = Buffer.from('http://ns.adobe.com/xap/1.0/\0', 'latin1');
const ICC_PREFIX = Buffer.from('ICC_PROFILE\0', 'latin1');

const clipped = (bytes: Buffer, prefix: Buffer): Buffer => bytes.subarray(0, MAX_SEGMENT - prefix.length);

function iccSegment(part: number, of: number, profile: Buffer): Buffer {
  return jpegSegment(0xe2, Buffer.concat([ICC_PREFIX, Uint8Array.of(part, of), profile]));
}

function jpegs(jpeg: Buffer): [string, () => Buffer][] {
  const app1 = (prefix: Buffer, body: Buffer) =>
    withSegments(jpeg, jpegSegment(0xe1, Buffer.concat([prefix, clipped(body, prefix)])));
  const photoshop = (body: Uint8Array) =>
    withSegments(jpeg, jpegSegment(0xed, Buffer.concat([Buffer.from('Photoshop 3.0\0', 'latin1'), body])));
  const repeated = (segment: Buffer, count: number) => () =>
    withSegments(jpeg, Buffer.concat(Array.from({ length: count }, () => segment)));
  return [
    ...Object.entries(EXIF).map(
      ([name, exif]) => [name, () => app1(EXIF_PREFIX, exif())] as [string, () => Buffer],
    ),
    ...Object.entries(XMP).map(
      ([name, xmp]) => [name, () => app1(XMP_PREFIX, Buffer.from(xmp(60_000)))] as [string, () => Buffer],
    ),
    ...Object.entries(ICC).map(
      ([name, profile]) =>
        [name, () => withSegments(jpeg, iccSegment(1, 1, profile()))] as [string, () => Buffer],
    ),
    ['icc-parts-missing', () => withSegments(jpeg, iccSegment(200, 255, Buffer.alloc(60_000)))],
    ['icc-part-0-of-0', () => withSegments(jpeg, iccSegment(0, 0, Buffer.alloc(100)))],
    [
      'icc-16-MB',
      () =>
        withSegments(
          jpeg,
          ...Array.from({ length: 255 }, (_, i) => iccSegment(i + 1, 255, Buffer.alloc(65_000))),
        ),
    ],
    [
      'exif-in-500-segments',
      repeated(jpegSegment(0xe1, Buffer.concat([EXIF_PREFIX, overlappingExif(2000, 20_000)])), 500),
    ],
    ['half-a-million-comments', repeated(jpegSegment(0xfe, new Uint8Array()), 500_000)],
    ['half-a-million-app13', repeated(jpegSegment(0xed, new Uint8Array()), 500_000)],
    ['nine-million-segments', repeated(jpegSegment(0xe3, new Uint8Array()), 9_000_000)],
    ['segment-of-no-length', () => withSegments(jpeg, jpegSegment(0xed, new Uint8Array(), 0))],
    ['segment-of-length-1', () => withSegments(jpeg, jpegSegment(0xed, new Uint8Array(), 1))],
    ['photoshop-no-length', () => photoshop(Buffer.from('8BIM\x04\x04\0\0\0\0\0\0'.repeat(5000), 'latin1'))],
    ['photoshop-huge-length', () => photoshop(Buffer.from('8BIM\x04\x04\0\0\xff\xff\xff\xff', 'latin1'))],
    ['photoshop-long-name', () => photoshop(Buffer.from('8BIM\x04\x04\xff\0\0', 'latin1'))],
    ['fill-bytes', () => withSegments(jpeg, Buffer.alloc(4_000_000, 0xff))],
  ];
}

function pngs(file: Buffer): [string, () => Buffer][] {
  const named = (type: string, name: string, data: Uint8Array) =>
    pngChunk(type, Buffer.concat([Buffer.from(`${name}\0\0`, 'latin1'), data]));
  const international = (name: string, compressed: 0 | 1, data: Uint8Array) =>
    pngChunk(
      'iTXt',
      Buffer.concat([Buffer.from(`${name}\0`, 'latin1'), Uint8Array.of(compressed, 0, 0, 0), data]),
    );
  const many = (chunk: Buffer, count: number) => () =>
    withChunks(file, Buffer.concat(Array.from({ length: count }, () => chunk)));
  const xmp = (packet: string) => international('XML:com.adobe.xmp', 0, Buffer.from(packet));
  return [
    ...Object.entries({ ...EXIF, ...LARGE_EXIF }).map(
      ([name, exif]) => [name, () => withChunks(file, pngChunk('eXIf', exif()))] as [string, () => Buffer],
    ),
    ...Object.entries(XMP).map(
      ([name, packet]) => [name, () => withChunks(file, xmp(packet(4_000_000)))] as [string, () => Buffer],
    ),
    ...Object.entries(ICC).map(
      ([name, profile]) =>
        [name, () => withChunks(file, named('iCCP', 'p', deflateSync(profile())))] as [string, () => Buffer],
    ),
    ['ztxt-of-100-MB', () => withChunks(file, named('zTXt', 'Comment', zeros(100_000_000)))],
    ['ztxt-of-4-GB', () => withChunks(file, named('zTXt', 'Comment', manyZeros(4096)))],
    ['hundred-ztxt-of-100-MB', () => many(named('zTXt', 'Comment', zeros(100_000_000)), 100)()],
    ['itxt-of-1-GB', () => withChunks(file, international('XML:com.adobe.xmp', 1, manyZeros(1024)))],
    ['iccp-of-1-GB', () => withChunks(file, named('iCCP', 'p', manyZeros(1024)))],
    ['iccp-long-name', () => withChunks(file, pngChunk('iCCP', Buffer.alloc(100_000, 0x41)))],
    ['hundred-thousand-texts', many(pngChunk('tEXt', Buffer.from('Comment\0x')), 100_000)],
    ['million-empty-chunks', many(pngChunk('abCd', new Uint8Array()), 1_000_000)],
    ['million-empty-idat', many(pngChunk('IDAT', new Uint8Array()), 1_000_000)],
    ['ten-thousand-palettes', many(pngChunk('sPLT', Buffer.from('name\0\x08rgba\0\0')), 10_000)],
    ['two-headers', () => withChunks(file, file.subarray(8, 33))],
    [
      'chromaticity-of-zero',
      () => withChunks(file, pngChunk('cHRM', Buffer.alloc(32)), pngChunk('gAMA', Buffer.alloc(4))),
    ],
    [
      'density-of-four-billion',
      () => withChunks(file, pngChunk('pHYs', Buffer.from([255, 255, 255, 255, 255, 255, 255, 255, 1]))),
    ],
    ['animated-png', () => withChunks(file, pngChunk('acTL', Buffer.from([255, 255, 255, 255, 0, 0, 0, 0])))],
    [
      'chunk-of-2-GB',
      () =>
        Buffer.concat([file.subarray(0, 33), Buffer.from([0x7f, 0xff, 0xff, 0xff]), Buffer.from('tEXtabc')]),
    ],
  ];
}

function webps(file: Buffer): [string, () => Buffer][] {
  const picture = webpPicture(file);
  const extended = (flags: number, ...chunks: Uint8Array[]) => webp(vp8x(48, 32, flags), ...chunks);
  return [
    ...Object.entries({ ...EXIF, ...LARGE_EXIF }).map(
      ([name, exif]) =>
        [name, () => extended(8, picture, riffChunk('EXIF', exif()))] as [string, () => Buffer],
    ),
    ...Object.entries(XMP).map(
      ([name, xmp]) =>
        [name, () => extended(4, picture, riffChunk('XMP ', Buffer.from(xmp(4_000_000))))] as [
          string,
          () => Buffer,
        ],
    ),
    ...Object.entries(ICC).map(
      ([name, profile]) =>
        [name, () => extended(0x20, riffChunk('ICCP', profile()), picture)] as [string, () => Buffer],
    ),
    [
      'icc-30-MB',
      () => extended(0x20, riffChunk('ICCP', icc(30_000_000, 0, Buffer.alloc(30_000_000))), picture),
    ],
    [
      'million-unknown-chunks',
      () =>
        extended(
          0,
          Buffer.concat(Array.from({ length: 1_000_000 }, () => riffChunk('abcd', Buffer.alloc(1)))),
          picture,
        ),
    ],
    ['flags-without-chunks', () => extended(0x3e, picture)],
    ['riff-inside-riff', () => webp(...Array.from({ length: 50 }, () => file))],
    ['canvas-of-another-size', () => webp(vp8x(16_777_216, 8, 0), picture)],
    ['chunk-lies-about-size', () => extended(8, picture, riffChunk('EXIF', Buffer.alloc(16), 0xfffffff0))],
  ];
}

export function metadataBombs(pictures: BasePictures): HostileFile[] {
  const of = (extension: string, files: [string, () => Buffer][]): HostileFile[] =>
    files.map(([name, bytes]) => ({ name: `${name}${extension}`, family: 'metadata bombs', bytes }));
  return [
    ...of('.jpg', jpegs(pictures.get('plain.jpg')!)),
    ...of('.png', pngs(pictures.get('plain.png')!)),
    ...of('.webp', webps(pictures.get('plain.webp')!)),
  ];
}
