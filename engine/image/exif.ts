import { isCalendarDate, saysDay } from '../../contract/photo-date.ts';

/**
 * EXIF as the TIFF structure that it is: a header, directories (IFDs) of 12-byte entries, values behind them.
 * Source: TIFF 6.0, section 2; Exif 2.32 (CIPA DC-008), section 4.6.
 */

interface TiffEntry {
  tag: number;
  type: number;
  count: number;
  /** The value's bytes, little endian. */
  value: Uint8Array;
  /** Where the entry's 12 bytes stand in the block that it was read from. */
  position: number;
  /** A sub-directory, written behind the entry in place of `value`. */
  children?: TiffEntry[];
}

interface TiffDirectory {
  entries: TiffEntry[];
  /** Where the offset of the next directory stands. */
  nextPosition: number;
}

const TAG = {
  kind: 0x00fe,
  orientation: 0x0112,
  icc: 0x8773,
  exifDirectory: 0x8769,
  gpsDirectory: 0x8825,
  interoperability: 0xa005,
  subDirectories: 0x014a,
  dngVersion: 0xc612,
  dateTimeOriginal: 0x9003,
  pixelWidth: 0xa002,
  pixelHeight: 0xa003,
};

/** Tags of a TIFF's first directory that tell about the photo and not about how its samples are stored. */
const DESCRIPTIVE_TAGS = new Set([
  ...[0x010e, 0x010f, 0x0110, 0x0131, 0x0132, 0x013b, 0x013c, 0x8298],
  ...[0x4746, 0x4749, 0x9c9b, 0x9c9c, 0x9c9d, 0x9c9e, 0x9c9f],
]);

/** Bytes of one value and of the unit that byte order turns, by TIFF type. */
const TYPES: Readonly<Record<number, readonly [size: number, unit: number]>> = {
  1: [1, 1],
  2: [1, 1],
  3: [2, 2],
  4: [4, 4],
  5: [8, 4],
  6: [1, 1],
  7: [1, 1],
  8: [2, 2],
  9: [4, 4],
  10: [8, 4],
  11: [4, 4],
  12: [8, 8],
  13: [4, 4],
};

const BYTE = 1;
const ASCII = 2;
const SHORT = 3;
const LONG = 4;
const SIGNED_BYTE = 6;
const UNDEFINED = 7;
const SIGNED_SHORT = 8;
const SIGNED_LONG = 9;
/** More than any value that describes a photo, and than the table of strips of any file that Heirloom writes. */
const MAX_VALUE_BYTES = 16 * 2 ** 20;
/** Of all values of a block together: thousands of entries may name the same bytes. */
const MAX_TOTAL_BYTES = 64 * 2 ** 20;
/** Of one directory; cameras write below a hundred. */
const MAX_ENTRIES = 4096;

/**
 * A copy of an EXIF block (TIFF structure, without the "Exif\0\0" prefix) that fits a restored picture:
 * orientation 1, the new size in pixels, the old thumbnail no longer referred to. Everything else, maker
 * notes included, keeps its bytes and its place. Undefined where the block cannot be read.
 */
export function resetExif(exif: Uint8Array, width: number, height: number): Uint8Array | undefined {
  try {
    const copy = Uint8Array.from(exif);
    const tiff = openTiff(readAtOf(copy));
    const main = readDirectory(tiff, tiff.first);
    tiff.read(main.nextPosition, 4).setUint32(0, 0);
    overwriteNumber(tiff, find(main.entries, TAG.orientation), 1);
    const details = subDirectory(tiff, main.entries, TAG.exifDirectory);
    overwriteNumber(tiff, find(details, TAG.pixelWidth), width);
    overwriteNumber(tiff, find(details, TAG.pixelHeight), height);
    return copy;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** `1953:06:02 14:30:00` (Exif 2.32, 4.6.5); cameras write spaces or zeros for what they do not know. */
const EXIF_TIME = /^(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)/;

/** DateTimeOriginal of an EXIF block as `1953-06-02T14:30:00`, without a time zone; null where it has no such day. */
export function dateTaken(exif: Uint8Array): string | null {
  try {
    const tiff = openTiff(readAtOf(exif));
    const details = subDirectory(tiff, readDirectory(tiff, tiff.first).entries, TAG.exifDirectory);
    const entry = find(details, TAG.dateTimeOriginal);
    const parts = EXIF_TIME.exec(Buffer.from(entry?.value ?? []).toString('latin1'));
    if (!parts) return null;
    const [year, month, day, hour, minute, second] = parts.slice(1);
    const time = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
    return isCalendarDate(time) ? time : null;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/**
 * A copy of an EXIF block, or a block of its own, whose DateTimeOriginal is `1953-06-02` (midnight: EXIF has no
 * shorter form that programs read) or `1953-06-02T14:30:00`. What the block holds keeps its bytes and its place, a
 * new entry goes with a copy of its directory to the end. A block that cannot be read is replaced.
 *
 * EXIF has no form for `1953` or `1953-06`: DateTimeOriginal goes, since what it says is not what is known, and of
 * nothing, or a block that cannot be read, nothing is made.
 */
export function withDateTaken(exif: Uint8Array | undefined, takenAt: string): Uint8Array | undefined {
  if (!saysDay(takenAt)) return exif && withoutDateTaken(exif);
  const [day = '', time = '00:00:00'] = takenAt.split('T');
  const text = Buffer.from(`${day.replaceAll('-', ':')} ${time}\0`, 'latin1');
  try {
    return exif === undefined ? dateBlock(text) : setDateTaken(exif, text);
  } catch (error) {
    if (error instanceof RangeError) return dateBlock(text);
    throw error;
  }
}

function dateBlock(text: Uint8Array): Uint8Array {
  const header = Uint8Array.of(0x49, 0x49, 42, 0, 8, 0, 0, 0);
  const date = newEntry(TAG.dateTimeOriginal, ASCII, text.length, text);
  const details = { ...newEntry(TAG.exifDirectory, LONG, 1, new Uint8Array(4)), children: [date] };
  return Buffer.concat([header, writeDirectory([details], header.length)]);
}

function setDateTaken(exif: Uint8Array, text: Uint8Array): Uint8Array {
  const start = even(exif.length);
  const block = Buffer.concat([exif, new Uint8Array(start - exif.length), text]);
  const tiff = openTiff(readAtOf(block));
  const pointer = find(readDirectory(tiff, tiff.first).entries, TAG.exifDirectory);
  if (pointer?.value.length !== 4) {
    const details = directoryWith(tiff, undefined, [TAG.dateTimeOriginal, ASCII, text.length, start]);
    const place = even(block.length);
    const main = directoryWith(tiff, tiff.first, [TAG.exifDirectory, LONG, 1, place]);
    return appended(block, [details, main], { at: 4, little: tiff.little });
  }
  const at = Buffer.from(pointer.value).readUInt32LE();
  const entry = find(readDirectory(tiff, at).entries, TAG.dateTimeOriginal);
  if (entry?.type === ASCII && entry.count === text.length) {
    const old = tiff.read(tiff.read(entry.position + 8, 4).getUint32(0, tiff.little), text.length);
    new Uint8Array(old.buffer, old.byteOffset, text.length).set(text);
    return block.subarray(0, exif.length);
  }
  const details = directoryWith(tiff, at, [TAG.dateTimeOriginal, ASCII, text.length, start]);
  return appended(block, [details], { at: pointer.position + 8, little: tiff.little });
}

/** A copy whose DateTimeOriginal is gone; the entries behind it move up, all else keeps its place. */
function withoutDateTaken(exif: Uint8Array): Uint8Array | undefined {
  try {
    const block = Uint8Array.from(exif);
    const tiff = openTiff(readAtOf(block));
    const pointer = find(readDirectory(tiff, tiff.first).entries, TAG.exifDirectory);
    if (pointer?.value.length !== 4) return block;
    const at = Buffer.from(pointer.value).readUInt32LE();
    const entry = find(readDirectory(tiff, at).entries, TAG.dateTimeOriginal);
    if (entry === undefined) return block;
    const head = tiff.read(at, 2);
    const count = head.getUint16(0, tiff.little);
    block.copyWithin(entry.position, entry.position + 12, at + 2 + 12 * count + 4);
    head.setUint16(0, count - 1, tiff.little);
    return block;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The bytes of a directory, or of none, with one more entry; one of the same tag goes. */
function directoryWith(
  { read, little }: Tiff,
  offset: number | undefined,
  [tag, type, count, value]: [tag: number, type: number, count: number, value: number],
): Buffer {
  const number = offset === undefined ? 0 : read(offset, 2).getUint16(0, little);
  const old = Array.from({ length: number }, (_, i) => read(offset! + 2 + 12 * i, 12));
  const entry = new DataView(new ArrayBuffer(12));
  entry.setUint16(0, tag, little);
  entry.setUint16(2, type, little);
  entry.setUint32(4, count, little);
  entry.setUint32(8, value, little);
  const tagOf = (one: DataView) => one.getUint16(0, little);
  const entries = [...old.filter((one) => tagOf(one) !== tag), entry].sort((a, b) => tagOf(a) - tagOf(b));
  const head = new DataView(new ArrayBuffer(2));
  head.setUint16(0, entries.length, little);
  const next = offset === undefined ? new DataView(new ArrayBuffer(4)) : read(offset + 2 + 12 * number, 4);
  return Buffer.concat(
    [head, ...entries, next].map((v) => new Uint8Array(v.buffer, v.byteOffset, v.byteLength)),
  );
}

/** The block with directories behind it; the last of them is what the offset `at` leads to. */
function appended(
  block: Buffer,
  directories: Buffer[],
  { at, little }: { at: number; little: boolean },
): Buffer {
  const parts: Uint8Array[] = [block];
  let [end, place] = [block.length, 0];
  for (const directory of directories) {
    place = even(end);
    parts.push(new Uint8Array(place - end), directory);
    end = place + directory.length;
  }
  const whole = Buffer.concat(parts);
  if (little) whole.writeUInt32LE(place, at);
  else whole.writeUInt32BE(place, at);
  return whole;
}

/** What a TIFF file says about the photo, as an EXIF block of its own; undefined where it says nothing. */
export function exifFromTiff(file: ReadAt): Uint8Array | undefined {
  try {
    const entries = descriptiveEntries(file);
    if (entries.length === 0) return undefined;
    const header = Uint8Array.of(0x49, 0x49, 42, 0, 8, 0, 0, 0);
    return Buffer.concat([header, writeDirectory(entries, header.length)]);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The first picture is a smaller copy of another one (TIFF 6.0, NewSubfileType). */
const REDUCED = 1;

/**
 * Whether a TIFF file is a camera's raw file (DNG, NEF, ARW and the like): its first directory then holds a
 * small preview, or samples that are no RGB yet. A pyramid of a scan has its smaller copies after the large one.
 */
export function isCameraRaw(file: ReadAt): boolean {
  try {
    const tiff = openTiff(file);
    const { entries } = readDirectory(tiff, tiff.first);
    const kind = find(entries, TAG.kind)?.value[0] ?? 0;
    const preview = (kind & REDUCED) !== 0 && find(entries, TAG.subDirectories) !== undefined;
    return preview || find(entries, TAG.dngVersion) !== undefined;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/**
 * Adds EXIF entries and an ICC profile to a little-endian TIFF file of one page, by a new first directory
 * at its end: the pieces of the new file in order. Entries that the file has already stay as they are.
 */
export function addToTiff(
  file: Uint8Array,
  exif: Uint8Array | undefined,
  icc: Uint8Array | undefined,
): Uint8Array[] {
  const tiff = openTiff(readAtOf(file));
  const { entries } = readDirectory(tiff, tiff.first);
  const added = exif === undefined ? [] : descriptiveEntries(readAtOf(exif));
  if (icc !== undefined) added.push(newEntry(TAG.icc, UNDEFINED, icc.length, icc));
  const all = [...entries, ...added.filter(({ tag }) => find(entries, tag) === undefined)];
  const start = even(file.length);
  const header = Uint8Array.from(file.subarray(0, 8));
  new DataView(header.buffer).setUint32(4, start, true);
  return [header, file.subarray(8), new Uint8Array(start - file.length), writeDirectory(all, start)];
}

/** Bytes from a place in a file or block; throws RangeError where it has none. */
export type ReadAt = (offset: number, length: number) => DataView;

/** `ReadAt` of bytes in memory. */
export function readAtOf(bytes: Uint8Array): ReadAt {
  return (offset, length) => {
    if (offset + length > bytes.length) throw new RangeError(`Expected ${length} bytes at ${offset}`);
    return new DataView(bytes.buffer, bytes.byteOffset + offset, length);
  };
}

interface Tiff {
  read: ReadAt;
  little: boolean;
  first: number;
  /** Bytes of values that may still be read. */
  bytesLeft: number;
}

function openTiff(read: ReadAt): Tiff {
  const header = read(0, 8);
  const little = header.getUint16(0) === 0x4949;
  if (header.getUint16(2, little) !== 42) throw new RangeError('Expected a TIFF header');
  return { read, little, first: header.getUint32(4, little), bytesLeft: MAX_TOTAL_BYTES };
}

function readDirectory(tiff: Tiff, offset: number): TiffDirectory {
  const count = tiff.read(offset, 2).getUint16(0, tiff.little);
  if (count > MAX_ENTRIES) throw new RangeError(`Expected up to ${MAX_ENTRIES} entries but found ${count}`);
  const entries = Array.from({ length: count }, (_, i) => readEntry(tiff, offset + 2 + 12 * i));
  return { entries: entries.filter((entry) => entry !== undefined), nextPosition: offset + 2 + 12 * count };
}

function readEntry(tiff: Tiff, position: number): TiffEntry | undefined {
  const { read, little } = tiff;
  const entry = read(position, 12);
  const [tag, type] = [entry.getUint16(0, little), entry.getUint16(2, little)];
  const [size, unit] = TYPES[type] ?? [0, 1];
  const count = entry.getUint32(4, little);
  const length = count * size;
  if (size === 0 || length > Math.min(MAX_VALUE_BYTES, tiff.bytesLeft)) return undefined;
  tiff.bytesLeft -= length;
  const stored =
    length <= 4 ? read(position + 8, length) : readIfThere(read, entry.getUint32(8, little), length);
  if (stored === undefined) return undefined;
  const value = new Uint8Array(stored.buffer, stored.byteOffset, length).slice();
  if (!little) reverseUnits(value, unit);
  return { tag, type, count, value, position };
}

/** Programs that write a block anew leave offsets that lead out of it: one value is lost then, not all the others. */
function readIfThere(read: ReadAt, offset: number, length: number): DataView | undefined {
  try {
    return read(offset, length);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function reverseUnits(value: Uint8Array, unit: number): void {
  if (unit === 1) return;
  for (let i = 0; i < value.length; i += unit) value.subarray(i, i + unit).reverse();
}

function find(entries: TiffEntry[], tag: number): TiffEntry | undefined {
  return entries.find((entry) => entry.tag === tag);
}

function subDirectory(tiff: Tiff, entries: TiffEntry[], tag: number): TiffEntry[] {
  const pointer = find(entries, tag);
  if (pointer?.value.length !== 4) return [];
  return readDirectory(tiff, Buffer.from(pointer.value).readUInt32LE()).entries;
}

/** In whatever type: readers turn a picture by an orientation of every one of them. */
function overwriteNumber({ read, little }: Tiff, entry: TiffEntry | undefined, value: number): void {
  if (entry === undefined) return;
  const { type, position } = entry;
  if (type === BYTE || type === SIGNED_BYTE) read(position + 8, 1).setUint8(0, value);
  if (type === SHORT || type === SIGNED_SHORT) read(position + 8, 2).setUint16(0, value, little);
  if (type === LONG || type === SIGNED_LONG) read(position + 8, 4).setUint32(0, value, little);
}

function descriptiveEntries(block: ReadAt): TiffEntry[] {
  const tiff = openTiff(block);
  const { entries } = readDirectory(tiff, tiff.first);
  const kept = entries.filter(({ tag }) => DESCRIPTIVE_TAGS.has(tag));
  for (const tag of [TAG.exifDirectory, TAG.gpsDirectory]) {
    const children = subDirectory(tiff, entries, tag).filter((child) => child.tag !== TAG.interoperability);
    if (children.length > 0) kept.push({ ...newEntry(tag, LONG, 1, new Uint8Array(4)), children });
  }
  return kept;
}

function newEntry(tag: number, type: number, count: number, value: Uint8Array): TiffEntry {
  return { tag, type, count, value, position: 0 };
}

/** A directory as bytes that will stand at `offset` of the file, its values and sub-directories behind it. */
function writeDirectory(entries: TiffEntry[], offset: number): Uint8Array {
  const sorted = entries.toSorted((a, b) => a.tag - b.tag);
  const table = Buffer.alloc(6 + 12 * sorted.length);
  const parts: Uint8Array[] = [table];
  let end = offset + table.length;
  table.writeUInt16LE(sorted.length, 0);
  sorted.forEach((entry, i) => {
    const position = 2 + 12 * i;
    table.writeUInt16LE(entry.tag, position);
    table.writeUInt16LE(entry.type, position + 2);
    table.writeUInt32LE(entry.count, position + 4);
    if (entry.children === undefined && entry.value.length <= 4) {
      table.set(entry.value, position + 8);
      return;
    }
    const start = even(end);
    const block = entry.children === undefined ? entry.value : writeDirectory(entry.children, start);
    table.writeUInt32LE(start, position + 8);
    parts.push(new Uint8Array(start - end), block);
    end = start + block.length;
  });
  return Buffer.concat(parts);
}

export function even(offset: number): number {
  return offset + (offset % 2);
}
