/** A square picture: RGBA rows from the top, and the same as PNG. */
export interface IconPicture {
  /** Pixels a side. */
  size: number;
  rgba: Uint8Array;
  png: Uint8Array;
}

/** Kinds of a .icns file and how many pixels a side each has; `@2x` ones stand for half as many points. */
export const ICNS_KINDS: Readonly<Record<string, number>> = {
  ic11: 32,
  ic12: 64,
  ic07: 128,
  ic13: 256,
  ic08: 256,
  ic14: 512,
  ic09: 512,
  ic10: 1024,
};
/** Sizes of a .ico file. Windows wants small ones as bitmaps, and the largest as PNG. */
export const ICO_SIZES: readonly number[] = [16, 24, 32, 48, 64, 128, 256];

const ICO_ENTRY_BYTES = 16;
const BITMAP_HEADER_BYTES = 40;

function pictureOf(size: number, pictures: readonly IconPicture[]): IconPicture {
  const found = pictures.find((picture) => picture.size === size);
  if (!found) throw new RangeError(`Expected a picture of ${size} pixels but received none`);
  return found;
}

/** Apple's container: a length and a PNG for each kind. */
export function icns(pictures: readonly IconPicture[]): Buffer {
  const parts = Object.entries(ICNS_KINDS).map(([kind, size]) => chunk(kind, pictureOf(size, pictures).png));
  return chunk('icns', Buffer.concat(parts));
}

function chunk(kind: string, content: Uint8Array): Buffer {
  const head = Buffer.alloc(8);
  head.write(kind, 'latin1');
  head.writeUInt32BE(8 + content.length, 4);
  return Buffer.concat([head, content]);
}

/** Windows' container: a table of sizes, then the pictures. */
export function ico(pictures: readonly IconPicture[]): Buffer {
  const parts = ICO_SIZES.map((size) => pictureOf(size, pictures)).map((picture) =>
    picture.size === 256 ? Buffer.from(picture.png) : bitmap(picture),
  );
  const head = Buffer.alloc(6);
  head.writeUInt16LE(1, 2);
  head.writeUInt16LE(parts.length, 4);
  let offset = head.length + ICO_ENTRY_BYTES * parts.length;
  const entries = parts.map((part, i) => {
    const entry = icoEntry(ICO_SIZES[i]!, part.length, offset);
    offset += part.length;
    return entry;
  });
  return Buffer.concat([head, ...entries, ...parts]);
}

function icoEntry(size: number, bytes: number, offset: number): Buffer {
  const entry = Buffer.alloc(ICO_ENTRY_BYTES);
  // 0 stands for 256.
  entry.writeUInt8(size % 256, 0);
  entry.writeUInt8(size % 256, 1);
  entry.writeUInt16LE(1, 4);
  entry.writeUInt16LE(32, 6);
  entry.writeUInt32LE(bytes, 8);
  entry.writeUInt32LE(offset, 12);
  return entry;
}

/** 32 bits a pixel, rows from the bottom, then a mask of one bit a pixel that nobody reads beside alpha. */
function bitmap({ size, rgba }: IconPicture): Buffer {
  const maskRow = Math.ceil(size / 32) * 4;
  const data = Buffer.alloc(BITMAP_HEADER_BYTES + size * size * 4 + maskRow * size);
  data.writeUInt32LE(BITMAP_HEADER_BYTES, 0);
  data.writeInt32LE(size, 4);
  data.writeInt32LE(size * 2, 8);
  data.writeUInt16LE(1, 12);
  data.writeUInt16LE(32, 14);
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++) {
      const [r, g, b, a] = rgba.subarray(4 * (y * size + x));
      data.set([b!, g!, r!, a!], BITMAP_HEADER_BYTES + 4 * ((size - 1 - y) * size + x));
    }
  return data;
}
