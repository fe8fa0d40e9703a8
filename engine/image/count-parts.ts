/**
 * How many pieces a file is cut into, counted before a decoder sees it: there are decoders that take the square of
 * that number in time. Sources: JIF (ITU-T T.81, B.1), RFC 9649 section 2.3, TIFF 6.0 section 2, BigTIFF.
 */
import type { FileFormat } from './detect-format.ts';
import type { ReadAt } from './exif.ts';

/** Bytes of one value by its type. */
const TIFF_TYPE_BYTES: Readonly<Record<number, number>> = {
  ...{ 3: 2, 4: 4, 5: 8, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8 },
};

type PartAt = (file: ReadAt, position: number) => Part;

/** What libtiff copies of each page's values; a page that claims more counts as so many more. */
const PAGE_BYTES = 64 * 1024;

/** Segments of a JPEG (a progressive one's scans weigh more), chunks of a WebP, pages of a TIFF (`PAGE_BYTES` of values each); else 0. */
export function partCount(file: ReadAt, format: FileFormat, limit: number): number {
  try {
    if (format === 'jpeg') return count(file, 2, limit, segmentsOfJpeg());
    if (format === 'webp') return count(file, 12, limit, chunkAt);
    if (format === 'tiff') return countPages(file, limit);
  } catch (error) {
    // Too short: its decoder says so better.
    if (!(error instanceof RangeError)) throw error;
  }
  return 0;
}

interface Part {
  /** How many it counts for. */
  weight: number;
  /** Undefined: it was the last one. */
  next: number | undefined;
}

function count(file: ReadAt, start: number, limit: number, partAt: PartAt): number {
  let parts = 0;
  let position: number | undefined = start;
  while (position !== undefined && parts <= limit) {
    const part = readPart(file, position, partAt);
    parts += part.weight;
    position = part.next;
  }
  return parts;
}

/** The end of a file is the end of its parts. */
function readPart(file: ReadAt, position: number, partAt: PartAt): Part {
  try {
    return partAt(file, position);
  } catch (error) {
    if (error instanceof RangeError) return { weight: 1, next: undefined };
    throw error;
  }
}

const MARKER = { fill: 0xff, startOfScan: 0xda, endOfImage: 0xd9 };
/** Frames whose scans may each say in a few bytes that millions of blocks stay as they are. */
const PROGRESSIVE = new Set([0xc2, 0xc6, 0xca, 0xce]);
/** Encoders write about ten scans; forty are let through. */
const SCAN_WEIGHT = 250;

/** A filling byte counts too: there is no need for more than a few. */
function segmentsOfJpeg(): PartAt {
  let isProgressive = false;
  return (file, position) => {
    const head = file(position, 4);
    const marker = head.getUint8(1);
    if (head.getUint8(0) !== 0xff || marker === MARKER.endOfImage) return { weight: 1, next: undefined };
    if (marker === MARKER.fill) return { weight: 1, next: position + 1 };
    isProgressive ||= PROGRESSIVE.has(marker);
    const end = position + 2 + head.getUint16(2);
    if (marker !== MARKER.startOfScan) return { weight: 1, next: end };
    return { weight: SCAN_WEIGHT, next: isProgressive ? endOfScan(file, end) : undefined };
  };
}

const BLOCK_BYTES = 64 * 1024;

/** Where the next marker stands that is neither a stuffed byte nor a restart. */
function endOfScan(file: ReadAt, start: number): number | undefined {
  for (let position = start; ;) {
    const { buffer, byteOffset, byteLength } = readUpTo(file, position, BLOCK_BYTES);
    const block = Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
    for (let at = block.indexOf(0xff); at >= 0 && at + 1 < byteLength; at = block.indexOf(0xff, at + 1)) {
      const next = block[at + 1]!;
      if (next !== 0 && next !== MARKER.fill && (next < 0xd0 || next > 0xd7)) return position + at;
    }
    if (byteLength < 2) return undefined;
    position += byteLength - 1;
  }
}

/** Less only at the end of the file. */
function readUpTo(file: ReadAt, position: number, length: number): DataView {
  try {
    return file(position, length);
  } catch (error) {
    if (!(error instanceof RangeError) || length === 1) throw error;
    return readUpTo(file, position, length >> 1);
  }
}

function chunkAt(file: ReadAt, position: number): Part {
  const length = file(position, 8).getUint32(4, true);
  return { weight: 1, next: position + 8 + length + (length % 2) };
}

/** How the two kinds of TIFF write a directory: bytes of the count of entries, of an entry, of an offset. */
const TIFF = { countBytes: 2, entryBytes: 12, offsetBytes: 4 };
const BIG_TIFF = { countBytes: 8, entryBytes: 20, offsetBytes: 8 };
type TiffKind = typeof TIFF;

function countPages(file: ReadAt, limit: number): number {
  const header = file(0, 16);
  const little = header.getUint16(0) === 0x4949;
  const kind = header.getUint16(2, little) === 43 ? BIG_TIFF : TIFF;
  const first = numberAt(header, kind.offsetBytes, kind.offsetBytes, little);
  return count(file, first, limit, (_, position) => pageAt(file, position, kind, little));
}

function pageAt(file: ReadAt, position: number, kind: TiffKind, little: boolean): Part {
  const { countBytes, entryBytes, offsetBytes } = kind;
  const entries = numberAt(file(position, countBytes), 0, countBytes, little);
  const table = file(position + countBytes, entries * entryBytes + offsetBytes);
  let bytes = 0;
  for (let i = 0; i < entries; i++) bytes += valueBytes(table, i * entryBytes, offsetBytes, little);
  const next = numberAt(table, entries * entryBytes, offsetBytes, little);
  return { weight: 1 + Math.floor(bytes / PAGE_BYTES), next: next === 0 ? undefined : next };
}

/** libtiff skips a value that is larger than it allows for all of them. */
const MAX_VALUE_BYTES = 50 * 2 ** 20;

function valueBytes(table: DataView, entry: number, offsetBytes: number, little: boolean): number {
  const bytes =
    (TIFF_TYPE_BYTES[table.getUint16(entry + 2, little)] ?? 1) *
    numberAt(table, entry + 4, offsetBytes, little);
  return bytes > MAX_VALUE_BYTES ? 0 : bytes;
}

function numberAt(view: DataView, position: number, bytes: number, little: boolean): number {
  if (bytes === 8) return Number(view.getBigUint64(position, little));
  return bytes === 4 ? view.getUint32(position, little) : view.getUint16(position, little);
}
