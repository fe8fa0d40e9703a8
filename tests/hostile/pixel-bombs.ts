import { deflateSync } from 'node:zlib';
import {
  box,
  directorySize,
  fullBox,
  jpegSegment,
  manyZeros,
  placesOf,
  png,
  pngChunk,
  riffChunk,
  tiff,
  uint16,
  uint32,
  vp8x,
  webp,
  webpPicture,
  zeros,
  type PngHeader,
  type TiffField,
} from './containers.ts';
import type { BasePictures } from './base-pictures.ts';
import type { HostileFile } from './mutations.ts';

/** Small files that declare much: sides, frames, pages, scans, boxes. */

type Made = [name: string, bytes: () => Buffer];

/** Around the edges of what each format can say and of what Heirloom reads (200 million pixels, sides of 16). */
const SIZES: readonly (readonly [number, number])[] = [
  ...([
    [0, 0],
    [0, 100],
    [1, 1],
    [15, 4000],
    [16, 16],
  ] as const),
  ...([
    [14_142, 14_142],
    [14_143, 14_143],
    [65_500, 3000],
    [65_535, 65_535],
    [16, 65_535],
  ] as const),
];
const LARGER_SIZES: readonly (readonly [number, number])[] = [
  ...([
    [200_000_000, 1],
    [1, 0x7fffffff],
    [0x7fffffff, 0x7fffffff],
    [0xffffffff, 0xffffffff],
  ] as const),
  ...([
    [12_500_000, 16],
    [0x10000, 0x10000],
    [0x80000000, 2],
  ] as const),
];

/** The marker that holds a JPEG's size. */
function frameOf(jpeg: Buffer): number {
  for (let at = 2; at + 4 < jpeg.length; at += 2 + jpeg.readUInt16BE(at + 2)) {
    const marker = jpeg[at + 1]!;
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) return at;
  }
  throw new Error('Expected a JPEG with a frame');
}

function resizedJpeg(jpeg: Buffer, width: number, height: number): Buffer {
  const copy = Buffer.from(jpeg);
  const at = frameOf(jpeg);
  copy.writeUInt16BE(height & 0xffff, at + 5);
  copy.writeUInt16BE(width & 0xffff, at + 7);
  return copy;
}

const SCAN = 0xda;
const END_OF_IMAGE = Buffer.from([0xff, 0xd9]);

/**
 * A progressive JPEG of 14,142 x 14,142 whose `scans` each say in a few bytes that nothing changes: a run of
 * end-of-band over all blocks, which the decoder walks through every time.
 */
function endlessScans(scans: number, side: number): Buffer {
  const quantisation = jpegSegment(0xdb, Buffer.concat([Uint8Array.of(0), Buffer.alloc(64, 1)]));
  const frame = jpegSegment(
    0xc2,
    Buffer.concat([Uint8Array.of(8), uint16(side, side), Uint8Array.of(1, 1, 0x11, 0)]),
  );
  const counts = Buffer.alloc(16);
  counts[0] = 1;
  const dc = jpegSegment(0xc4, Buffer.concat([Uint8Array.of(0), counts, Uint8Array.of(0)]));
  // One code, of one bit: a run of 2^14 and more blocks.
  const ac = jpegSegment(0xc4, Buffer.concat([Uint8Array.of(0x10), counts, Uint8Array.of(0xe0)]));
  const blocks = Math.ceil(side / 8) ** 2;
  const first = Buffer.concat([
    jpegSegment(SCAN, Uint8Array.of(1, 1, 0, 0, 0, 0)),
    Buffer.alloc(Math.ceil(blocks / 8)),
  ]);
  // Each run is one bit of code and 14 of length, all of them 0.
  const runs = Math.ceil(blocks / 2 ** 14);
  const more = Buffer.concat([
    jpegSegment(SCAN, Uint8Array.of(1, 1, 0, 1, 63, 0)),
    Buffer.alloc(Math.ceil((15 * runs) / 8)),
  ]);
  return Buffer.concat([
    ...[Uint8Array.of(0xff, 0xd8), quantisation, frame, dc, ac, first],
    ...Array.from({ length: scans }, () => more),
    END_OF_IMAGE,
  ]);
}

function jpegs(pictures: BasePictures): Made[] {
  const plain = pictures.get('plain.jpg')!;
  const progressive = pictures.get('progressive.jpg')!;
  const cmyk = pictures.get('cmyk.jpg')!;
  const changed = (jpeg: Buffer, change: (copy: Buffer, frame: number) => void) => () => {
    const copy = Buffer.from(jpeg);
    change(copy, frameOf(copy));
    return copy;
  };
  const kinds = [0xc0, 0xc1, 0xc2, 0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf];
  return [
    ...SIZES.flatMap(([width, height]): Made[] => [
      [`baseline-${width}x${height}`, () => resizedJpeg(plain, width, height)],
      [`progressive-${width}x${height}`, () => resizedJpeg(progressive, width, height)],
      [`cmyk-${width}x${height}`, () => resizedJpeg(cmyk, width, height)],
    ]),
    ...kinds.map((kind): Made => [
      `frame-of-kind-${kind.toString(16)}`,
      changed(plain, (copy, at) => (copy[at + 1] = kind)),
    ]),
    ...[0, 1, 12, 16, 255].map((bits): Made => [
      `samples-of-${bits}-bits`,
      changed(plain, (copy, at) => (copy[at + 4] = bits)),
    ]),
    ...[0, 1, 2, 4, 5, 255].map((count): Made => [
      `components-${count}`,
      changed(plain, (copy, at) => (copy[at + 9] = count)),
    ]),
    ...[0x00, 0x41, 0x14, 0x44, 0xff].map((factors): Made => [
      `sampling-${factors.toString(16)}`,
      changed(plain, (copy, at) => (copy[at + 11] = factors)),
    ]),
    ['scans-35-large', () => endlessScans(35, 14_142)],
    ['scans-90-large', () => endlessScans(90, 14_142)],
    ['scans-1000-large', () => endlessScans(1000, 14_142)],
    ['scans-20000-small', () => endlessScans(20_000, 64)],
    [
      'scans-without-end',
      () => Buffer.concat(Array.from({ length: 200 }, () => progressive.subarray(0, progressive.length - 2))),
    ],
    [
      'restarts',
      () => Buffer.concat([plain.subarray(0, -2), Buffer.from('\xff\xd0'.repeat(1_000_000), 'latin1')]),
    ],
    ['thousand-pictures', () => Buffer.concat(Array.from({ length: 1000 }, () => plain))],
    ['rubbish-behind', () => Buffer.concat([plain, Buffer.alloc(40_000_000, 0x5a)])],
  ];
}

/** Zeros for every row of a picture, which the decoder has to unpack: a thousandth of them in the file. */
function flatPng(header: Required<PngHeader>): Buffer {
  const samples = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }[header.colour] ?? 1;
  const rowBytes = 1 + Math.ceil((header.width * samples * header.depth) / 8);
  return png(header, pngChunk('IDAT', manyZeros(Math.ceil((rowBytes * header.height) / 2 ** 20))));
}

function pngs(): Made[] {
  const flat = { depth: 8, colour: 2, interlaced: false };
  return [
    ...[...SIZES, ...LARGER_SIZES].flatMap(([width, height]): Made[] =>
      [false, true].map((interlaced) => [
        `${interlaced ? 'interlaced' : 'rows'}-${width}x${height}`,
        () => png({ width, height, interlaced }, pngChunk('IDAT', zeros(100_000))),
      ]),
    ),
    ...[0, 3, 7, 16, 32, 255].map((depth): Made => [
      `depth-${depth}`,
      () => png({ width: 64, height: 64, depth }, pngChunk('IDAT', zeros(40_000))),
    ]),
    ...[1, 3, 5, 7, 255].map((colour): Made => [
      `colour-${colour}`,
      () => png({ width: 64, height: 64, colour }, pngChunk('IDAT', zeros(40_000))),
    ]),
    ['palette-of-none', () => png({ width: 64, height: 64, colour: 3 }, pngChunk('IDAT', zeros(5000)))],
    [
      'palette-of-600',
      () =>
        png(
          { width: 64, height: 64, colour: 3 },
          pngChunk('PLTE', Buffer.alloc(1800)),
          pngChunk('IDAT', zeros(5000)),
        ),
    ],
    [
      'transparency-of-600',
      () =>
        png(
          { width: 64, height: 64, colour: 3 },
          pngChunk('PLTE', Buffer.alloc(3)),
          pngChunk('tRNS', Buffer.alloc(600)),
          pngChunk('IDAT', zeros(5000)),
        ),
    ],
    ['samples-of-4-GB', () => png({ width: 64, height: 64 }, pngChunk('IDAT', manyZeros(4096)))],
    [
      'dictionary',
      () =>
        png(
          { width: 64, height: 64 },
          pngChunk('IDAT', deflateSync(Buffer.alloc(20_000), { dictionary: Buffer.from('abc') })),
        ),
    ],
    ['whole-200-megapixels', () => flatPng({ width: 14_142, height: 14_142, ...flat })],
    [
      'whole-interlaced-16-bits-alpha',
      () => flatPng({ width: 14_142, height: 14_142, depth: 16, colour: 6, interlaced: true }),
    ],
    ['whole-one-tall-strip', () => flatPng({ width: 16, height: 12_500_000, ...flat })],
    ['whole-one-wide-strip', () => flatPng({ width: 12_500_000, height: 16, ...flat })],
    ['whole-turned', () => turned(flatPng({ width: 14_142, height: 14_142, ...flat }))],
    [
      'whole-turned-16-bits',
      () => turned(flatPng({ width: 14_142, height: 14_142, depth: 16, colour: 6, interlaced: false })),
    ],
  ];
}

/** EXIF that says: turn it by a quarter. */
function turned(file: Buffer): Buffer {
  const exif = pngChunk('eXIf', tiff([{ fields: [[0x0112, 3, 1, 6]] }]));
  return Buffer.concat([file.subarray(0, 33), exif, file.subarray(33)]);
}

/** A GIF of one colour, each frame the whole screen or one pixel of it. */
function gif(
  width: number,
  height: number,
  frames: number,
  frameWidth = width,
  frameHeight = height,
): Buffer {
  const screen = Buffer.alloc(13 + 6);
  screen.write('GIF89a', 'latin1');
  screen.writeUInt16LE(width, 6);
  screen.writeUInt16LE(height, 8);
  screen[10] = 0x80;
  const frame = Buffer.from([0x2c, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 2, 0x4c, 1, 0]);
  frame.writeUInt16LE(frameWidth, 5);
  frame.writeUInt16LE(frameHeight, 7);
  return Buffer.concat([screen, ...Array.from({ length: frames }, () => frame), Uint8Array.of(0x3b)]);
}

function gifs(pictures: BasePictures): Made[] {
  const plain = pictures.get('plain.gif')!;
  return [
    ...SIZES.map(([width, height]): Made => [`screen-${width}x${height}`, () => gif(width, height, 1)]),
    ['frame-beyond-screen', () => gif(64, 64, 1, 65_535, 65_535)],
    ['frame-of-nothing', () => gif(64, 64, 1, 0, 0)],
    ['frames-300000', () => gif(64, 64, 300_000, 1, 1)],
    ['frames-2000-large', () => gif(14_142, 14_142, 2000, 1, 1)],
    ['no-frames', () => gif(64, 64, 0)],
    [
      'comments',
      () =>
        Buffer.concat([
          plain.subarray(0, 13),
          Buffer.from('!\xfe\x01x\0'.repeat(1_000_000), 'latin1'),
          plain.subarray(13),
        ]),
    ],
    [
      'comment-without-end',
      () =>
        Buffer.concat([plain.subarray(0, 13), Buffer.from('!\xfe', 'latin1'), Buffer.alloc(8_000_000, 0xff)]),
    ],
    [
      'loops',
      () =>
        Buffer.concat([
          plain.subarray(0, 13),
          Buffer.from('!\xff\x0bNETSCAPE2.0\x03\x01\xff\xff\0'.repeat(100_000), 'latin1'),
          plain.subarray(13),
        ]),
    ],
  ];
}

function webps(pictures: BasePictures): Made[] {
  const plain = webpPicture(pictures.get('plain.webp')!);
  const lossless = (width: number, height: number) => {
    const data = Buffer.alloc(64);
    data[0] = 0x2f;
    data.writeUInt32LE((((height - 1) << 14) | (width - 1)) >>> 0, 1);
    return webp(riffChunk('VP8L', data));
  };
  const lossy = (width: number, height: number) => {
    const data = Buffer.alloc(400);
    data.set([0x10, 0x32, 0, 0x9d, 0x01, 0x2a]);
    data.writeUInt16LE(width & 0x3fff, 6);
    data.writeUInt16LE(height & 0x3fff, 8);
    return webp(riffChunk('VP8 ', data));
  };
  const animated = (width: number, height: number, frames: number) => {
    const place = Buffer.alloc(16);
    place.writeUIntLE(47, 6, 3);
    place.writeUIntLE(31, 9, 3);
    const frame = riffChunk('ANMF', Buffer.concat([place, plain]));
    return webp(
      vp8x(width, height, 2),
      riffChunk('ANIM', Buffer.alloc(6)),
      ...Array.from({ length: frames }, () => frame),
    );
  };
  return [
    ...[1, 15, 8000, 16_383].flatMap((side): Made[] => [
      [`lossless-${side}`, () => lossless(side, side)],
      [`lossy-${side}`, () => lossy(side, side)],
    ]),
    ['lossless-near-200-megapixels', () => lossless(16_383, 12_200)],
    ['lossy-near-200-megapixels', () => lossy(16_383, 12_200)],
    ...[64, 14_142, 16_777_216].map((side): Made => [
      `animated-canvas-${side}`,
      () => animated(side, side, 3),
    ]),
    ['animated-50000-frames', () => animated(64, 64, 50_000)],
    ['alpha-without-picture', () => webp(vp8x(48, 32, 0x10), riffChunk('ALPH', Buffer.alloc(32)))],
  ];
}

interface TiffPlan {
  width: number;
  height: number;
  bits?: number;
  samples?: number;
  compression?: number;
  photometric?: number;
  more?: readonly TiffField[];
  next?: number;
  rest?: Uint8Array;
}

const PIXELS_AT = 8 + directorySize(20);

/** One picture whose strips or tiles stand at `PIXELS_AT`. */
function tiffOf({
  width,
  height,
  bits = 8,
  samples = 3,
  compression = 1,
  photometric = 2,
  more = [],
  next = 0,
  rest = Buffer.alloc(4096),
}: TiffPlan): Buffer {
  const own: TiffField[] = [
    [256, 4, 1, width],
    [257, 4, 1, height],
    [258, 3, 1, bits],
    [259, 3, 1, compression],
    [262, 3, 1, photometric],
    [277, 3, 1, samples],
    [273, 4, 1, PIXELS_AT],
    [278, 4, 1, height],
    [279, 4, 1, rest.length],
  ];
  const tags = new Set(more.map(([tag]) => tag));
  const fields = [...own.filter(([tag]) => !tags.has(tag)), ...more].sort(([a], [b]) => a - b);
  const table = tiff([{ fields, next }]);
  return Buffer.concat([table, Buffer.alloc(PIXELS_AT - table.length), rest]);
}

/** `pages` directories in a row, each of the same few samples. */
function pagedTiff(pages: number, cyclic: boolean): Buffer {
  const fields: TiffField[] = [
    [256, 4, 1, 16],
    [257, 4, 1, 16],
    [258, 3, 1, 8],
    [262, 3, 1, 1],
    [273, 4, 1, 8],
    [278, 4, 1, 16],
    [279, 4, 1, 256],
  ];
  const size = directorySize(fields.length);
  return tiff(
    Array.from({ length: pages }, (_, i) => ({
      fields,
      next: i < pages - 1 ? 8 + size * (i + 1) : cyclic ? 8 : 0,
    })),
    Buffer.alloc(256),
  );
}

/** Pages that each name the same bytes as values of tags that nobody knows. */
function heavyPages(pages: number, valueBytes: number): Buffer {
  const table: TiffField[] = [
    [256, 4, 1, 16],
    [257, 4, 1, 16],
    [258, 3, 1, 8],
    [262, 3, 1, 1],
    [273, 4, 1, 8],
    [278, 4, 1, 16],
    [279, 4, 1, 256],
    ...[0x9c00, 0x9c40, 0x9c50, 0x9c60].map((tag): TiffField => [tag, 7, valueBytes, 8]),
  ];
  const size = directorySize(table.length);
  return tiff(
    Array.from({ length: pages }, (_, i) => ({
      fields: table,
      next: i < pages - 1 ? 8 + size * (i + 1) : 0,
    })),
    Buffer.alloc(valueBytes),
  );
}

function tiffs(): Made[] {
  const tiles = (width: number, height: number): TiffField[] => [
    [322, 4, 1, width],
    [323, 4, 1, height],
    [324, 4, 1, PIXELS_AT],
    [325, 4, 1, 4096],
  ];
  const small = { width: 64, height: 64 };
  return [
    ...[...SIZES, ...LARGER_SIZES].flatMap(([width, height]): Made[] => [
      [`strips-${width}x${height}`, () => tiffOf({ width, height })],
      [`tiles-${width}x${height}`, () => tiffOf({ width, height, more: tiles(256, 256) })],
    ]),
    ...(
      [
        [65_536, 65_536],
        [0x7fffffff, 16],
        [0, 0],
        [1, 1],
        [15, 17],
        [32_768, 32_768],
        [20_000, 20_000],
      ] as const
    ).map(([width, height]): Made => [
      `tile-of-${width}x${height}`,
      () => tiffOf({ ...small, more: tiles(width, height) }),
    ]),
    ...[0, 1, 3, 7, 12, 24, 32, 64, 65_535].map((bits): Made => [
      `bits-${bits}`,
      () => tiffOf({ ...small, bits }),
    ]),
    ...[0, 1, 2, 5, 200, 65_535].map((samples): Made => [
      `samples-${samples}`,
      () => tiffOf({ ...small, samples }),
    ]),
    ...[
      0, 2, 3, 4, 5, 6, 7, 8, 9, 32_766, 32_773, 32_809, 32_895, 32_908, 32_946, 33_003, 34_661, 34_676,
      34_677, 34_712, 34_887, 34_925, 50_000, 50_001, 50_002, 65_535,
    ].map((compression): Made => [`compression-${compression}`, () => tiffOf({ ...small, compression })]),
    ...[0, 1, 3, 4, 5, 6, 8, 9, 10, 32_803, 32_844, 32_845, 34_892].map((photometric): Made => [
      `photometric-${photometric}`,
      () => tiffOf({ ...small, photometric }),
    ]),
    ...[1, 2, 3, 4, 5, 6, 255].map((format): Made => [
      `sample-format-${format}`,
      () => tiffOf({ ...small, bits: 32, more: [[339, 3, 1, format]] }),
    ]),
    ['rows-of-no-strip', () => tiffOf({ ...small, more: [[278, 4, 1, 0]] })],
    [
      'strips-four-billion',
      () =>
        tiffOf({
          ...small,
          more: [
            [273, 4, 0xffffffff, 8],
            [279, 4, 0xffffffff, 8],
          ],
        }),
    ],
    ['strips-of-four-gigabytes', () => tiffOf({ ...small, more: [[279, 4, 1, 0xffffffff]] })],
    ['strip-is-the-directory', () => tiffOf({ ...small, more: [[273, 4, 1, 8]] })],
    ['planes', () => tiffOf({ ...small, samples: 65_535, more: [[284, 3, 1, 2]] })],
    [
      'sub-directories-cyclic',
      () =>
        tiffOf({
          ...small,
          more: [
            [330, 4, 1, 8],
            [254, 4, 1, 1],
          ],
        }),
    ],
    ['sub-directories-four-billion', () => tiffOf({ ...small, more: [[330, 4, 0xffffffff, 8]] })],
    [
      'details-cyclic',
      () =>
        tiffOf({
          ...small,
          more: [
            [0x8769, 4, 1, 8],
            [0x8825, 4, 1, 8],
          ],
        }),
    ],
    ['directory-cyclic', () => tiffOf({ ...small, next: 8 })],
    ['directory-outside', () => tiffOf({ ...small, next: 0xfffffff0 })],
    ['profile-of-four-gigabytes', () => tiffOf({ ...small, more: [[0x8773, 7, 0xffffffff, 8]] })],
    ['xmp-of-four-gigabytes', () => tiffOf({ ...small, more: [[700, 1, 0xffffffff, 8]] })],
    ['photoshop-of-four-gigabytes', () => tiffOf({ ...small, more: [[34_377, 1, 0xffffffff, 8]] })],
    ['entries-65535-of-1-MB', () => overlappingTiff(65_535, 1_000_000)],
    ['entries-4000-of-12-MB', () => overlappingTiff(4000, 12_000_000)],
    ['entries-65535-descriptions', () => overlappingTiff(65_535, 1_000_000, 0x010e)],
    ['pages-60000', () => pagedTiff(60_000, false)],
    ['pages-200000', () => pagedTiff(200_000, false)],
    ['pages-1000-cyclic', () => pagedTiff(1000, true)],
    ['pages-9000-of-40-MB', () => heavyPages(9000, 10_000_000)],
    [
      'whole-200-megapixels',
      () => tiffOf({ width: 14_142, height: 14_142, compression: 8, rest: manyZeros(573) }),
    ],
    [
      'whole-16-bits-alpha',
      () =>
        tiffOf({
          width: 14_142,
          height: 14_142,
          bits: 16,
          samples: 4,
          compression: 8,
          rest: manyZeros(1526),
        }),
    ],
    [
      'whole-turned',
      () =>
        tiffOf({
          width: 14_142,
          height: 14_142,
          compression: 8,
          more: [[274, 3, 1, 6]],
          rest: manyZeros(573),
        }),
    ],
    ['whole-strip-unpacks-to-4-GB', () => tiffOf({ ...small, compression: 8, rest: manyZeros(4096) })],
  ];
}

/** A picture of 64 x 64 and `count` entries that each claim the same bytes. */
function overlappingTiff(count: number, valueBytes: number, tag?: number): Buffer {
  const table: TiffField[] = [
    [256, 4, 1, 64],
    [257, 4, 1, 64],
    [258, 3, 1, 8],
    [262, 3, 1, 1],
    [273, 4, 1, 8],
    [278, 4, 1, 64],
    [279, 4, 1, 4096],
  ];
  const more = Array.from({ length: count - table.length }, (_, i): TiffField => [
    tag ?? 0x9c00 + (i % 200),
    7,
    valueBytes,
    8,
  ]);
  return tiff([{ fields: [...table, ...more] }], Buffer.alloc(valueBytes));
}

const HANDLER = fullBox('hdlr', 0, uint32(0), Buffer.from('pict'), uint32(0, 0, 0), Uint8Array.of(0));
const brands = (brand: string): Buffer =>
  box('ftyp', Buffer.from(brand), uint32(0), Buffer.from(`mif1${brand}`));

function item(id: number, type: string): Buffer {
  return fullBox('infe', 2, uint16(id, 0), Buffer.from(type), Uint8Array.of(0));
}

function items(...entries: Buffer[]): Buffer {
  return fullBox('iinf', 0, uint16(entries.length), ...entries);
}

/** A picture that is made of others, which are made of it. */
function heifRing(brand: string, length: number, type: string): Buffer {
  const ids = Array.from({ length }, (_, i) => i + 1);
  const references = ids.map((id) => box('dimg', uint16(id, 1, (id % length) + 1)));
  const sizes = box('ipco', fullBox('ispe', 0, uint32(64, 64)));
  const linked = fullBox(
    'ipma',
    0,
    uint32(length),
    ...ids.map((id) => Buffer.concat([uint16(id), Uint8Array.of(1, 1)])),
  );
  const meta = fullBox(
    'meta',
    0,
    HANDLER,
    fullBox('pitm', 0, uint16(1)),
    items(...ids.map((id) => item(id, type))),
    fullBox('iref', 0, ...references),
    box('iprp', sizes, linked),
    fullBox(
      'iloc',
      1,
      Uint8Array.of(0x44, 0),
      uint16(length),
      ...ids.map((id) => Buffer.concat([uint16(id, 1, 0, 1), uint32(0, 8)])),
    ),
    box('idat', Uint8Array.of(0, 0, 255, 255), uint16(65_535, 65_535)),
  );
  return Buffer.concat([brands(brand), meta]);
}

function nested(type: string, depth: number): Buffer {
  let bytes = box(type);
  const heads: Buffer[] = [];
  for (let i = 0, size = bytes.length; i < depth; i++) {
    const head = Buffer.alloc(type === 'meta' ? 12 : 8);
    size += head.length;
    head.writeUInt32BE(size, 0);
    head.write(type, 4, 'latin1');
    heads.push(head);
  }
  bytes = Buffer.concat([...heads.reverse(), bytes]);
  return bytes;
}

function heifs(pictures: BasePictures): Made[] {
  const sources: [string, Buffer][] = [
    ['heic', pictures.get('plain.heic')!],
    ['avif', pictures.get('plain.avif')!],
  ];
  return sources.flatMap(([brand, file]): Made[] => {
    const resized = (width: number, height: number) => () => {
      const copy = Buffer.from(file);
      for (const at of placesOf(copy, 'ispe')) copy.set(uint32(width, height), at + 8);
      return copy;
    };
    const sized = (type: string, size: number) => () => {
      const copy = Buffer.from(file);
      for (const at of placesOf(copy, type)) copy.writeUInt32BE(size, at - 4);
      return copy;
    };
    return [
      ...[...SIZES, ...LARGER_SIZES].map(([width, height]): Made => [
        `${brand}-${width}x${height}`,
        resized(width, height),
      ]),
      ...[
        'meta',
        'iloc',
        'iinf',
        'infe',
        'iprp',
        'ipco',
        'ipma',
        'pitm',
        'mdat',
        'hdlr',
        'hvcC',
        'av1C',
      ].flatMap((type) =>
        [0, 1, 7, 8, 0x7fffffff, 0xffffffff].map((size): Made => [
          `${brand}-${type}-of-size-${size}`,
          sized(type, size),
        ]),
      ),
      [`${brand}-ring-of-grids`, () => heifRing(brand, 2, 'grid')],
      [`${brand}-grid-of-itself`, () => heifRing(brand, 1, 'grid')],
      [`${brand}-ring-of-identities`, () => heifRing(brand, 50, 'iden')],
      [`${brand}-ring-of-overlays`, () => heifRing(brand, 3, 'iovl')],
      [`${brand}-deep-boxes`, () => Buffer.concat([brands(brand), nested('meta', 20_000)])],
      [`${brand}-deep-properties`, () => Buffer.concat([brands(brand), nested('iprp', 100_000)])],
      [
        `${brand}-items-60000`,
        () =>
          Buffer.concat([
            brands(brand),
            fullBox(
              'meta',
              0,
              HANDLER,
              fullBox(
                'iinf',
                0,
                uint16(60_000),
                Buffer.concat(Array.from({ length: 60_000 }, (_, i) => item(i + 1, 'Exif'))),
              ),
            ),
          ]),
      ],
      [
        `${brand}-boxes-million`,
        () => Buffer.concat([brands(brand), Buffer.alloc(8_000_000, box('free')), file]),
      ],
    ];
  });
}

export function pixelBombs(pictures: BasePictures): HostileFile[] {
  const of = (extension: string, made: Made[]): HostileFile[] =>
    made.map(([name, bytes]) => ({ name: `${name}${extension}`, family: 'pixel bombs', bytes }));
  return [
    ...of('.jpg', jpegs(pictures)),
    ...of('.png', pngs()),
    ...of('.gif', gifs(pictures)),
    ...of('.webp', webps(pictures)),
    ...of('.tiff', tiffs()),
    ...of('.heic', heifs(pictures)),
  ];
}
