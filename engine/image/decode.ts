import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import sharp from 'sharp';
import type { Metadata } from 'sharp';
import { HeirloomError } from '../../contract/errors.ts';
import { MAX_PIXELS } from '../../contract/picture-limits.ts';
import { say } from '../../contract/sentences.ts';
import { partCount } from './count-parts.ts';
import { describeContent, detectFormat } from './detect-format.ts';
import type { FileFormat } from './detect-format.ts';
import { exifFromTiff, isCameraRaw, readAtOf } from './exif.ts';
import type { ReadAt } from './exif.ts';
import { decodeHeic } from './heic.ts';
import { photoshopResources } from './photoshop.ts';
import type { DecodedPhoto, PhotoFormat, PhotoMetadata } from './types.ts';

/** A side shorter than this, in pixels, cannot hold a face. */
export const MIN_SIDE = 16;
/** Of a JPEG. libvips keeps many rows of a wider picture at once: 8 GB of one that is 16 pixels high. */
const MAX_SIDE = 65_535;
/** Of a GIF, or a WebP that moves: each frame is drawn onto the whole of it, in four bytes a pixel. */
const MAX_ANIMATED_PIXELS = 50_000_000;
/** Samples as the file stores them; what 16 bits and alpha make more of `MAX_PIXELS` is refused. */
const MAX_SAMPLE_BYTES = 1_000_000_000;
/** Segments, chunks or pages. libvips takes the square of their number in time. */
const MAX_PARTS = 10_000;
/** Larger files are read by sharp piece by piece, so that file and samples are not in memory together. */
const MAX_BUFFERED_BYTES = 32 * 2 ** 20;
/** What is read at once of a file that is not in memory. */
const AHEAD_BYTES = 64 * 1024;
/** How much of a file tells what it is. */
const HEAD_BYTES = 1024;

// A photo is decoded once; a cache of operations would only hold its memory.
sharp.cache(false);

// What a file's first bytes say is checked before libvips sees it; no other reader of libvips (SVG, PDF, FITS,
// its own .v) is there to be talked into reading it.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: ['Jpeg', 'Png', 'Webp', 'Tiff', 'Nsgif', 'Heif'].map((format) => `VipsForeignLoad${format}`),
});

/**
 * Decodes a photo file to oriented RGB samples and what the file carries besides them.
 *
 * Reads JPEG, PNG, WebP, TIFF, AVIF, GIF and HEIC, told apart by content and not by name. EXIF orientation
 * is applied. RGB samples stay in the file's own colour space (its ICC profile comes along); CMYK and Lab
 * become sRGB. Of an animation or a document with pages the first is used, with a note.
 *
 * Throws HeirloomError `input/not-found`, `input/unreadable`, `input/empty`, `input/not-an-image`,
 * `input/damaged`, `input/too-small` or `input/too-large`; the message names the path.
 */
export async function decodePhoto(path: string): Promise<DecodedPhoto> {
  return decodeSource(await openPhoto(path));
}

/** `decodePhoto` for a file that is in memory; `name` stands for it in messages. */
export async function decodeBytes(bytes: Uint8Array, name: string): Promise<DecodedPhoto> {
  return decodeSource(sourceOfBytes(bytes, name));
}

/** A photo file whose header was read and found fit to be decoded. */
export interface PhotoFile {
  source: PhotoSource;
  header: Metadata;
  storage: SampleStorage;
  /** All but alpha, which takes decoding. */
  metadata: PhotoMetadata;
}

/** Everything of `decodePhoto` but the pixels; throws as it does, except for what only pixels can tell. */
export async function openPhotoFile(path: string): Promise<PhotoFile> {
  return readPhotoFile(await openPhoto(path));
}

async function readPhotoFile(source: PhotoSource): Promise<PhotoFile> {
  const fileFormat = requirePicture(source);
  requireFewParts(source, fileFormat);
  const header = await readHeader(source);
  requireUsableSize(header, source.name);
  const storage = describeSamples(header, source.name);
  const metadata = {
    ...carriedMetadata(source, fileFormat, header, storage),
    ...orientedSize(header),
    depth: storage.depth,
  };
  return { source, header, storage, metadata };
}

function orientedSize({ width, height, autoOrient, orientation }: Metadata) {
  return orientation === undefined ? { width, height } : autoOrient;
}

async function decodeSource(source: PhotoSource): Promise<DecodedPhoto> {
  return decodePhotoFile(await readPhotoFile(source));
}

/** The second half of `decodePhoto`. */
export async function decodePhotoFile(file: PhotoFile): Promise<DecodedPhoto> {
  const pixels = await decodePixels(file);
  const { rgb, alpha } = separateAlpha(pixels);
  const { width, height } = pixels;
  const metadata = { ...file.metadata, width, height, ...(alpha && { alpha }) };
  return { image: { width, height, depth: metadata.depth, data: rgb }, metadata };
}

interface PhotoSource {
  /** For messages. */
  name: string;
  /** What sharp reads: the bytes, or the path of a large file. */
  input: Uint8Array | string;
  head: Uint8Array;
  readAt: ReadAt;
}

function sourceOfBytes(bytes: Uint8Array, name: string): PhotoSource {
  return { name, input: bytes, head: bytes.subarray(0, HEAD_BYTES), readAt: readAtOf(bytes) };
}

async function openPhoto(path: string): Promise<PhotoSource> {
  try {
    const file = await stat(path);
    if (!file.isFile()) {
      const message = say(file.isDirectory() ? 'folder_not_file' : 'not_regular', { path });
      throw new HeirloomError('input/unreadable', message, { path });
    }
    // libvips takes brackets at the end of a name for options.
    const buffered = file.size <= MAX_BUFFERED_BYTES || path.endsWith(']');
    return buffered ? sourceOfBytes(await readFile(path), path) : sourceOfFile(path);
  } catch (error) {
    throw error instanceof HeirloomError ? error : readError(path, error);
  }
}

function sourceOfFile(path: string): PhotoSource {
  const readAt = readingAhead((offset, length) => readPart(path, offset, length), statSync(path).size);
  return { name: path, input: path, head: new Uint8Array(readPart(path, 0, HEAD_BYTES).buffer), readAt };
}

/** Many small readings behind one another become one of a block. */
function readingAhead(readAt: ReadAt, size: number): ReadAt {
  let block: { start: number; view: DataView } = { start: 0, view: new DataView(new ArrayBuffer(0)) };
  return (offset, length) => {
    if (length > AHEAD_BYTES || offset + length > size) return readAt(offset, length);
    if (offset < block.start || offset + length > block.start + block.view.byteLength)
      block = { start: offset, view: readAt(offset, Math.min(AHEAD_BYTES, size - offset)) };
    return new DataView(block.view.buffer, offset - block.start, length);
  };
}

function readPart(path: string, offset: number, length: number): DataView {
  const part = new Uint8Array(length);
  const file = openSync(path, 'r');
  try {
    if (readSync(file, part, 0, length, offset) < length)
      throw new RangeError(`Expected ${length} bytes at ${offset}`);
  } finally {
    closeSync(file);
  }
  return new DataView(part.buffer);
}

function readError(path: string, error: unknown): HeirloomError {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
  const missing = code === 'ENOENT' || code === 'ENOTDIR';
  return new HeirloomError(
    missing ? 'input/not-found' : 'input/unreadable',
    missing ? say('missing', { path }) : say('unreadable', { path, reason: code }),
    { path },
    { cause: error },
  );
}

function requirePicture({ name, head, readAt }: PhotoSource): FileFormat {
  if (head.length === 0) throw new HeirloomError('input/empty', say('empty', { path: name }), { name });
  const format = detectFormat(head);
  const raw = format === 'tiff' && isCameraRaw(readAt);
  if (format !== undefined && !raw) return format;
  const content = raw ? say('holds_raw') : describeContent(head);
  throw new HeirloomError('input/not-an-image', say('not_a_picture', { path: name, content }), { name });
}

function requireFewParts({ name, readAt }: PhotoSource, format: FileFormat): void {
  if (partCount(readAt, format, MAX_PARTS) > MAX_PARTS)
    throw damaged(name, say('too_many_parts', { most: MAX_PARTS }));
}

async function readHeader({ name, input }: PhotoSource): Promise<Metadata> {
  try {
    return await sharp(input, { limitInputPixels: false, failOn: 'none' }).metadata();
  } catch (error) {
    throw damaged(name, error);
  }
}

/** For what a decoder says of a file whose header was sound. */
export function damaged(name: string, error: unknown): HeirloomError {
  const reason = (error instanceof Error ? error.message : String(error)).split('\n')[0]?.trim() ?? '';
  return new HeirloomError(
    'input/damaged',
    say('damaged', { path: name, reason }),
    { name },
    { cause: error },
  );
}

function requireUsableSize(header: Metadata, name: string): void {
  const { width, height, channels, depth, format, pages = 1 } = header;
  const size = { path: name, width, height };
  const details = { name, width, height };
  if (Math.min(width, height) < MIN_SIDE) {
    throw new HeirloomError('input/too-small', say('too_small', { ...size, least: MIN_SIDE }), details);
  }
  if (width * height > MAX_PIXELS) {
    throw new HeirloomError(
      'input/too-large',
      say('too_large', { ...size, limit: MAX_PIXELS / 1e6 }),
      details,
    );
  }
  if (Math.max(width, height) > MAX_SIDE)
    throw new HeirloomError('input/too-large', say('too_wide', { ...size, limit: MAX_SIDE }), details);
  const moves = format === 'gif' || (format === 'webp' && pages > 1);
  if (moves && width * height > MAX_ANIMATED_PIXELS) {
    const message = say('moves_too_large', { ...size, limit: MAX_ANIMATED_PIXELS / 1e6 });
    throw new HeirloomError('input/too-large', message, details);
  }
  const sampleBytes = depth === 'uchar' ? 1 : 2;
  if (width * height * channels * sampleBytes > MAX_SAMPLE_BYTES) {
    const samples = { channels, bits: 8 * sampleBytes, limit: MAX_SAMPLE_BYTES / 1e6 };
    throw new HeirloomError('input/too-large', say('too_many_bytes', { ...size, ...samples }), details);
  }
}

interface SampleStorage {
  depth: 8 | 16;
  /** Where the samples are not RGB or grey: the space that they are converted from. */
  converted?: 'CMYK' | 'Lab';
}

function describeSamples({ space, depth }: Metadata, name: string): SampleStorage {
  if (space === 'cmyk') return { depth: 8, converted: 'CMYK' };
  if (space === 'lab' || space === 'labs' || space === 'labq') return { depth: 8, converted: 'Lab' };
  if (depth === 'uchar') return { depth: 8 };
  if (depth === 'ushort') return { depth: 16 };
  throw new HeirloomError('input/not-an-image', say('other_depth', { path: name, depth }), { name });
}

interface Pixels {
  width: number;
  height: number;
  channels: number;
  data: Uint8Array | Uint16Array;
}

async function decodePixels({ source: { name, input }, header, storage }: PhotoFile): Promise<Pixels> {
  try {
    if (isHeic(header)) return decodeHeic(await bytesOf(input), storage.depth, header.hasAlpha);
    return await decodeWithSharp(input, header, storage);
  } catch (error) {
    throw damaged(name, error);
  }
}

/** HEVC inside, which sharp's libvips does not decode. */
export function isHeic(header: Metadata): boolean {
  return header.format === 'heif' && header.compression !== 'av1';
}

async function bytesOf(input: Uint8Array | string): Promise<Uint8Array> {
  return typeof input === 'string' ? readFile(input) : input;
}

async function decodeWithSharp(
  input: Uint8Array | string,
  header: Metadata,
  { depth, converted }: SampleStorage,
): Promise<Pixels> {
  const { data, info } = await sharp(input, {
    autoOrient: true,
    failOn: 'error',
    ignoreIcc: converted === undefined,
    limitInputPixels: MAX_PIXELS,
  })
    .toColourspace(depth === 16 ? 'rgb16' : 'srgb')
    .raw({ depth: depth === 16 ? 'ushort' : 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const samples = samplesOf(data, depth);
  if (header.format === 'heif' && samples instanceof Uint16Array)
    fillLowBits(samples, header.bitsPerSample ?? 16);
  return { width: info.width, height: info.height, channels: info.channels, data: samples };
}

/** The samples in sharp's raw output, without a copy. (A Buffer's `slice` would be a view and not a copy.) */
export function samplesOf(raw: Buffer, depth: 8 | 16): Uint8Array | Uint16Array {
  const { buffer, byteOffset, byteLength } = raw;
  return depth === 16
    ? new Uint16Array(buffer, byteOffset, byteLength / 2)
    : new Uint8Array(buffer, byteOffset, byteLength);
}

/** AVIF samples of 10 and 12 bits come shifted to the top of 16; repeating them below makes white 65535. */
function fillLowBits(samples: Uint16Array, bits: number): void {
  for (let i = 0; i < samples.length; i++) samples[i]! |= samples[i]! >> bits;
}

/** RGB packed to the front of the same memory and alpha behind it, so that a large picture is not held twice. */
function separateAlpha({ width, height, channels, data }: Pixels) {
  if (channels === 3) return { rgb: data };
  const count = width * height;
  const alpha = data instanceof Uint16Array ? new Uint16Array(count) : new Uint8Array(count);
  for (let i = 0, from = 0, to = 0; i < count; i++, from += channels, to += 3) {
    alpha[i] = data[from + 3]!;
    data[to] = data[from]!;
    data[to + 1] = data[from + 1]!;
    data[to + 2] = data[from + 2]!;
  }
  data.set(alpha, count * 3);
  return { rgb: data.subarray(0, count * 3), alpha: data.subarray(count * 3, count * 4) };
}

function carriedMetadata(
  { readAt }: PhotoSource,
  fileFormat: FileFormat,
  header: Metadata,
  { converted }: SampleStorage,
): Pick<PhotoMetadata, 'format' | 'grey' | 'icc' | 'exif' | 'xmp' | 'photoshop' | 'density' | 'notes'> {
  const exif = fileFormat === 'tiff' ? exifFromTiff(readAt) : withoutExifPrefix(header.exif);
  const photoshop = fileFormat === 'jpeg' ? photoshopResources(readAt) : undefined;
  return {
    format: photoFormat(fileFormat, header),
    grey: header.space === 'b-w' || header.space === 'grey16',
    notes: decodingNotes(header, converted),
    ...(header.icc && converted === undefined && { icc: Uint8Array.from(header.icc) }),
    ...(exif && { exif }),
    ...(header.xmpAsString && { xmp: header.xmpAsString }),
    ...(photoshop && { photoshop }),
    ...(header.density && { density: header.density }),
  };
}

function photoFormat(fileFormat: FileFormat, header: Metadata): PhotoFormat {
  if (fileFormat !== 'heif') return fileFormat;
  return isHeic(header) ? 'heic' : 'avif';
}

function withoutExifPrefix(exif: Buffer | undefined): Uint8Array | undefined {
  const prefixed = exif?.subarray(0, 6).toString('latin1') === 'Exif\0\0';
  return exif && Uint8Array.from(exif.subarray(prefixed ? 6 : 0));
}

function decodingNotes({ pages = 1 }: Metadata, converted: SampleStorage['converted']): string[] {
  const notes: string[] = [];
  if (pages > 1) notes.push(say('first_frame', { pages }));
  if (converted) notes.push(say('converted', { space: converted }));
  return notes;
}
