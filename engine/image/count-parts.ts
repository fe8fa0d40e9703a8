/**
 * How many pieces a file is cut into, counted before a decoder sees it: there are decoders that take the square of
 * that number in time. Sources: JIF (ITU-T T.81, B.1), RFC 9649 section 2.3, TIFF 6.0 section 2, BigTIFF.
 */
import type { FileFormat } from './detect-format.ts';
import type { ReadAt } from './exif.ts';

/** Where the next part starts; undefined after the last one. */
type Next = (file: ReadAt, position: number) => number | undefined;

/** Segments of a JPEG before its first scan, chunks of a WebP, pages of a TIFF, no more than `limit + 1`; else 0. */
export function partCount(file: ReadAt, format: FileFormat, limit: number): number {
  try {
    if (format === 'jpeg') return count(file, 2, limit, afterSegment);
    if (format === 'webp') return count(file, 12, limit, afterChunk);
    if (format === 'tiff') return countPages(file, limit);
  } catch (error) {
    // Too short: its decoder says so better.
    if (!(error instanceof RangeError)) throw error;
  }
  return 0;
}

function count(file: ReadAt, start: number, limit: number, after: Next): number {
  let parts = 0;
  let position: number | undefined = start;
  while (position !== undefined && parts <= limit) {
    const next = nextOf(file, position, after);
    parts++;
    position = next;
  }
  return parts;
}

/** The end of a file is the end of its parts. */
function nextOf(file: ReadAt, position: number, after: Next): number | undefined {
  try {
    return after(file, position);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

const START_OF_SCAN = 0xda;
const FILL = 0xff;

/** A filling byte counts too: there is no need for more than a few. */
function afterSegment(file: ReadAt, position: number): number | undefined {
  const head = file(position, 4);
  const marker = head.getUint8(1);
  if (head.getUint8(0) !== 0xff || marker === START_OF_SCAN) return undefined;
  return marker === FILL ? position + 1 : position + 2 + head.getUint16(2);
}

function afterChunk(file: ReadAt, position: number): number {
  const length = file(position, 8).getUint32(4, true);
  return position + 8 + length + (length % 2);
}

function countPages(file: ReadAt, limit: number): number {
  const header = file(0, 16);
  const little = header.getUint16(0) === 0x4949;
  const big = header.getUint16(2, little) === 43;
  const first = big ? Number(header.getBigUint64(8, little)) : header.getUint32(4, little);
  const after: Next = (_, position) => {
    const next = big ? nextBigPage(file, position, little) : nextPage(file, position, little);
    return next === 0 ? undefined : next;
  };
  return count(file, first, limit, after);
}

function nextPage(file: ReadAt, position: number, little: boolean): number {
  const entries = file(position, 2).getUint16(0, little);
  return file(position + 2 + 12 * entries, 4).getUint32(0, little);
}

function nextBigPage(file: ReadAt, position: number, little: boolean): number {
  const entries = Number(file(position, 8).getBigUint64(0, little));
  return Number(file(position + 8 + 20 * entries, 8).getBigUint64(0, little));
}
