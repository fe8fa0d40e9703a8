import { crc32, deflateSync } from 'node:zlib';
import { addToTiff } from './exif.ts';
import { PHOTOSHOP_PREFIX } from './photoshop.ts';

/** The formats that Heirloom writes. */
export type WritableFormat = 'jpeg' | 'png' | 'webp' | 'tiff';

export interface AttachedMetadata {
  /** TIFF structure, without the "Exif\0\0" prefix. */
  exif?: Uint8Array | undefined;
  icc?: Uint8Array | undefined;
  /** For JPEG, in place of the packet that is there, and for PNG; other formats get theirs when they are encoded. */
  xmp?: string | undefined;
  /** Photoshop's image resources, without the prefix of their segment; only a JPEG has a place for them. */
  photoshop?: Uint8Array | undefined;
}

/**
 * The encoded picture with an EXIF block, an ICC profile and Photoshop's resources put into its container byte for byte.
 * (sharp can only rebuild EXIF from strings, and attaches a profile only by converting the samples to it.)
 * What does not fit a container is left out: EXIF of 64 KB or more in a JPEG.
 */
export function attachMetadata(
  encoded: Uint8Array,
  format: WritableFormat,
  metadata: AttachedMetadata,
): Uint8Array {
  return Buffer.concat(piecesWithMetadata(encoded, format, metadata));
}

/** `attachMetadata` as the pieces of the file in order, so that a large picture is not held twice. */
export function piecesWithMetadata(
  encoded: Uint8Array,
  format: WritableFormat,
  metadata: AttachedMetadata,
): Uint8Array[] {
  switch (format) {
    case 'jpeg':
      return attachToJpeg(encoded, metadata);
    case 'png':
      return attachToPng(encoded, metadata);
    case 'webp':
      return [attachToWebp(encoded, metadata)];
    case 'tiff':
      return addToTiff(encoded, metadata.exif, metadata.icc);
  }
}

const MAX_JPEG_SEGMENT = 65533;
const EXIF_PREFIX = Buffer.from('Exif\0\0', 'latin1');
const XMP_PREFIX = Buffer.from('http://ns.adobe.com/xap/1.0/\0', 'latin1');
const ICC_PREFIX = Buffer.from('ICC_PROFILE\0', 'latin1');

/** Source: JIF (ITU-T T.81, B.1.1), Exif 2.32 section 4.7, ICC.1:2022 annex B.4. */
function attachToJpeg(encoded: Uint8Array, { exif, icc, xmp, photoshop }: AttachedMetadata): Uint8Array[] {
  const file = view(encoded);
  const jfif: Uint8Array[] = [];
  const others: Uint8Array[] = [];
  let position = 2;
  while (isAboutPicture(file.readUInt16BE(position))) {
    const segment = file.subarray(position, position + 2 + file.readUInt16BE(position + 2));
    const replaced = starts(segment, EXIF_PREFIX) || (xmp !== undefined && starts(segment, XMP_PREFIX));
    if (!replaced) (segment[1] === 0xe0 ? jfif : others).push(segment);
    position += segment.length;
  }
  const added = [...exifSegments(exif), ...xmpSegments(xmp), ...photoshopSegments(photoshop)];
  return [file.subarray(0, 2), ...jfif, ...added, ...others, ...iccSegments(icc), file.subarray(position)];
}

function starts(segment: Buffer, prefix: Buffer): boolean {
  return segment.subarray(4, 4 + prefix.length).equals(prefix);
}

/** Application segments, and comments, which may stand before and between them. */
function isAboutPicture(marker: number): boolean {
  return (marker >= 0xffe0 && marker <= 0xffef) || marker === 0xfffe;
}

function exifSegments(exif: Uint8Array | undefined): Uint8Array[] {
  if (exif === undefined || exif.length + EXIF_PREFIX.length > MAX_JPEG_SEGMENT) return [];
  return [jpegSegment(0xe1, [EXIF_PREFIX, exif])];
}

function xmpSegments(xmp: string | undefined): Uint8Array[] {
  return xmp === undefined ? [] : [jpegSegment(0xe1, [XMP_PREFIX, Buffer.from(xmp)])];
}

function photoshopSegments(resources: Uint8Array | undefined): Uint8Array[] {
  if (resources === undefined) return [];
  const size = MAX_JPEG_SEGMENT - PHOTOSHOP_PREFIX.length;
  return Array.from({ length: Math.ceil(resources.length / size) }, (_, i) =>
    jpegSegment(0xed, [PHOTOSHOP_PREFIX, resources.subarray(i * size, (i + 1) * size)]),
  );
}

function iccSegments(icc: Uint8Array | undefined): Uint8Array[] {
  if (icc === undefined) return [];
  const size = MAX_JPEG_SEGMENT - ICC_PREFIX.length - 2;
  const count = Math.ceil(icc.length / size);
  return Array.from({ length: count }, (_, i) =>
    jpegSegment(0xe2, [ICC_PREFIX, Uint8Array.of(i + 1, count), icc.subarray(i * size, (i + 1) * size)]),
  );
}

function jpegSegment(marker: number, parts: Uint8Array[]): Uint8Array {
  const body = Buffer.concat(parts);
  return Buffer.concat([Uint8Array.of(0xff, marker, (body.length + 2) >> 8, (body.length + 2) & 255), body]);
}

const REPLACED_PNG_CHUNKS = new Set(['eXIf', 'iCCP', 'sRGB', 'gAMA', 'cHRM']);

/**
 * Source: PNG, third edition, sections 5.3, 11.3.2.3 (iCCP), 11.3.3.4 (iTXt) and 11.3.4.5 (eXIf); XMP specification
 * part 3, 1.1.5: the packet is not compressed.
 */
function attachToPng(encoded: Uint8Array, { exif, icc, xmp }: AttachedMetadata): Uint8Array[] {
  const file = view(encoded);
  const afterHeader = 33;
  const kept: Uint8Array[] = [];
  let position = afterHeader;
  while (pngChunkType(file, position) !== 'IDAT') {
    const chunk = file.subarray(position, position + 12 + file.readUInt32BE(position));
    if (!REPLACED_PNG_CHUNKS.has(pngChunkType(file, position))) kept.push(chunk);
    position += chunk.length;
  }
  const added: Uint8Array[] = [];
  if (icc) added.push(pngChunk('iCCP', Buffer.concat([Buffer.from('ICC\0\0', 'latin1'), deflateSync(icc)])));
  if (exif) added.push(pngChunk('eXIf', exif));
  if (xmp !== undefined) added.push(pngChunk('iTXt', Buffer.from(`XML:com.adobe.xmp\0\0\0\0\0${xmp}`)));
  return [file.subarray(0, afterHeader), ...added, ...kept, file.subarray(position)];
}

function pngChunkType(file: Buffer, position: number): string {
  return file.toString('latin1', position + 4, position + 8);
}

function pngChunk(type: string, data: Uint8Array): Uint8Array {
  const chunk = Buffer.alloc(12 + data.length);
  chunk.writeUInt32BE(data.length, 0);
  chunk.write(type, 4, 'latin1');
  chunk.set(data, 8);
  chunk.writeUInt32BE(crc32(chunk.subarray(4, 8 + data.length)), 8 + data.length);
  return chunk;
}

const WEBP_FLAG = { icc: 0x20, alpha: 0x10, exif: 0x08, xmp: 0x04 };

/** Source: RFC 9649, section 2.7 (extended file format). */
function attachToWebp(encoded: Uint8Array, { exif, icc }: AttachedMetadata): Uint8Array {
  const chunks = webpChunks(view(encoded));
  const picture = chunks.filter(({ type }) => type === 'ALPH' || type === 'VP8 ' || type === 'VP8L');
  const xmp = chunks.filter(({ type }) => type === 'XMP ');
  const header = webpHeader(chunks);
  header[0] =
    ((header[0] ?? 0) & WEBP_FLAG.alpha) |
    (icc ? WEBP_FLAG.icc : 0) |
    (exif ? WEBP_FLAG.exif : 0) |
    (xmp.length > 0 ? WEBP_FLAG.xmp : 0);
  const body = Buffer.concat([
    webpChunk('VP8X', header),
    ...(icc ? [webpChunk('ICCP', icc)] : []),
    ...picture.map(({ type, data }) => webpChunk(type, data)),
    ...(exif ? [webpChunk('EXIF', exif)] : []),
    ...xmp.map(({ type, data }) => webpChunk(type, data)),
  ]);
  return webpChunk('RIFF', Buffer.concat([Buffer.from('WEBP', 'latin1'), body]));
}

interface WebpChunk {
  type: string;
  data: Buffer;
}

function webpChunks(file: Buffer): WebpChunk[] {
  const chunks: WebpChunk[] = [];
  for (let position = 12; position + 8 <= file.length;) {
    const length = file.readUInt32LE(position + 4);
    const type = file.toString('latin1', position, position + 4);
    chunks.push({ type, data: file.subarray(position + 8, position + 8 + length) });
    position += 8 + length + (length % 2);
  }
  return chunks;
}

/** The 10 bytes of VP8X: flags, reserved, width - 1 and height - 1 in 24 bits each. */
function webpHeader(chunks: WebpChunk[]): Buffer {
  const extended = chunks.find(({ type }) => type === 'VP8X');
  if (extended) return Buffer.from(extended.data);
  const { type, data } = chunks[0] ?? { type: '', data: Buffer.alloc(10) };
  const header = Buffer.alloc(10);
  const lossless = type === 'VP8L' ? data.readUInt32LE(1) : undefined;
  const width = lossless === undefined ? data.readUInt16LE(6) & 0x3fff : (lossless & 0x3fff) + 1;
  const height = lossless === undefined ? data.readUInt16LE(8) & 0x3fff : ((lossless >>> 14) & 0x3fff) + 1;
  if (lossless !== undefined && (lossless >>> 28) & 1) header[0] = WEBP_FLAG.alpha;
  header.writeUIntLE(width - 1, 4, 3);
  header.writeUIntLE(height - 1, 7, 3);
  return header;
}

function webpChunk(type: string, data: Uint8Array): Uint8Array {
  const chunk = Buffer.alloc(8 + data.length + (data.length % 2));
  chunk.write(type, 0, 'latin1');
  chunk.writeUInt32LE(data.length, 4);
  chunk.set(data, 8);
  return chunk;
}

function view(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
