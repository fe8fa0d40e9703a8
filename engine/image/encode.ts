import { randomUUID } from 'node:crypto';
import { link, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import type { Sharp } from 'sharp';
import type { PhotoFacts } from '../../contract/engine.ts';
import { HeirloomError } from '../../contract/errors.ts';
import { say } from '../../contract/sentences.ts';
import { writeError } from '../../contract/write-error.ts';
import { piecesWithMetadata } from './attach-metadata.ts';
import type { WritableFormat } from './attach-metadata.ts';
import { samplesOf } from './decode.ts';
import { resetExif, withDateTaken } from './exif.ts';
import type { PhotoMetadata, RgbImage } from './types.ts';
import { factsXmp, restorationXmp } from './xmp.ts';

export type { WritableFormat } from './attach-metadata.ts';

export interface EncodeOptions {
  format: WritableFormat;
  /** JPEG and WebP, 1-100. */
  quality?: number;
  /** What was done to the photo, one plain sentence; goes into the XMP packet. */
  note?: string;
  /** What the library knows about the photo, over what `metadata` says. */
  facts?: PhotoFacts;
}

const DEFAULT_QUALITY = 95;
/** Optimal Huffman tables keep every coefficient in memory: 6 bytes a pixel. */
const MAX_PIXELS_OPTIMISED = 40_000_000;
/** An XMP packet of a JPEG stands in one segment (XMP specification part 3, 1.1.3). */
const MAX_JPEG_XMP_BYTES = 65_502;
const MAX_SIDE: Readonly<Record<WritableFormat, number>> = {
  jpeg: 65_500,
  webp: 16_383,
  png: 2 ** 31 - 1,
  tiff: 2 ** 31 - 1,
};

/** The format that 'same' means for a photo, with a note where its own format cannot be written. */
export function sameFormat({ format }: Pick<PhotoMetadata, 'format'>): {
  format: WritableFormat;
  note?: string;
} {
  if (format === 'jpeg' || format === 'png' || format === 'webp' || format === 'tiff') return { format };
  return { format: 'png', note: say('saved_as_png', { format: format.toUpperCase() }) };
}

/**
 * Encodes a picture with what its original carried: EXIF (orientation 1, new size), ICC profile, XMP, IPTC
 * (JPEG to JPEG), density and alpha. A grey file stays grey where R = G = B everywhere; 16 bits stay 16 in PNG and TIFF.
 * JPEG is written without chroma subsampling and on white where the photo is transparent.
 * The same arguments give the same bytes.
 *
 * Alpha of another size (the picture was enlarged) is resized with it.
 * Throws HeirloomError `argument/invalid` for a quality outside 1-100 or a side too long for the format.
 */
export async function encodePhoto(
  image: RgbImage,
  metadata: PhotoMetadata,
  options: EncodeOptions,
): Promise<Uint8Array> {
  return Buffer.concat(await encodePieces(image, metadata, options));
}

/** `encodePhoto` as the pieces of the file in order, so that a large picture is not held twice. */
export async function encodePieces(
  image: RgbImage,
  metadata: PhotoMetadata,
  options: EncodeOptions,
): Promise<Uint8Array[]> {
  const { format, quality = DEFAULT_QUALITY } = options;
  requireEncodable(image, format, quality);
  const alpha = await fittingAlpha(image, metadata);
  const opaque = format === 'jpeg' && alpha ? flattenOnWhite(image, alpha) : image;
  const grey = metadata.grey && format !== 'webp' && isGrey(opaque);
  const depth = format === 'png' || format === 'tiff' ? image.depth : 8;
  let pipeline = readSamples(opaque, grey).toColourspace(colourspace(depth, grey));
  if (alpha && format !== 'jpeg') pipeline = joinAlpha(pipeline, alpha, image);
  if (metadata.density !== undefined) pipeline = pipeline.withDensity(metadata.density);
  const xmp = fittingXmp(metadata.xmp, options);
  // libvips compresses a PNG's packet, which then few programs find.
  if (xmp !== undefined && format !== 'png') pipeline = pipeline.withXmp(xmp);
  const encoded = await writeFormat(pipeline, format, quality, image).toBuffer();
  return piecesWithMetadata(encoded, format, {
    exif: fittingExif(metadata.exif, options.facts?.takenAt ?? null, image),
    icc: fittingProfile(metadata.icc, grey ? 'GRAY' : 'RGB '),
    ...(format === 'png' && { xmp }),
    photoshop: metadata.photoshop,
  });
}

function requireEncodable({ width, height }: RgbImage, format: WritableFormat, quality: number): void {
  if (!Number.isInteger(quality) || quality < 1 || quality > 100) {
    throw new HeirloomError(
      'argument/invalid',
      `Expected a quality between 1 and 100 but received ${quality}`,
    );
  }
  if (Math.max(width, height) > MAX_SIDE[format]) {
    throw new HeirloomError(
      'argument/invalid',
      `Expected sides up to ${MAX_SIDE[format]} pixels for ${format} but received ${width} x ${height}; choose png or tiff`,
    );
  }
}

function colourspace(depth: 8 | 16, grey: boolean): string {
  if (depth === 16) return grey ? 'grey16' : 'rgb16';
  return grey ? 'b-w' : 'srgb';
}

function writeFormat(pipeline: Sharp, format: WritableFormat, quality: number, image: RgbImage): Sharp {
  switch (format) {
    case 'jpeg':
      return pipeline.jpeg({
        quality,
        chromaSubsampling: '4:4:4',
        optimiseCoding: image.width * image.height <= MAX_PIXELS_OPTIMISED,
      });
    case 'png':
      return pipeline.png({ compressionLevel: 6 });
    case 'webp':
      return pipeline.webp({ quality });
    case 'tiff':
      return pipeline.tiff({ compression: 'lzw', predictor: 'horizontal' });
  }
}

function isGrey({ data }: RgbImage): boolean {
  for (let i = 0; i < data.length; i += 3) {
    if (data[i] !== data[i + 1] || data[i] !== data[i + 2]) return false;
  }
  return true;
}

/** The samples in the channels that are written: RGB, or the first of three equal ones. */
function readSamples({ width, height, data }: RgbImage, grey: boolean): Sharp {
  const [samples, channels] = grey ? [firstChannel(data), 1 as const] : [data, 3 as const];
  return sharp(samples, { raw: { width, height, channels }, limitInputPixels: false });
}

function firstChannel(rgb: Uint8Array | Uint16Array): Uint8Array | Uint16Array {
  const first = rgb instanceof Uint16Array ? new Uint16Array(rgb.length / 3) : new Uint8Array(rgb.length / 3);
  for (let i = 0; i < first.length; i++) first[i] = rgb[3 * i]!;
  return first;
}

/** libvips puts alpha beside the colours row by row; interleaved here, a large picture would be held twice. */
function joinAlpha(
  colours: Sharp,
  alpha: Uint8Array | Uint16Array,
  { width, height }: { width: number; height: number },
): Sharp {
  // sharp takes samples as a Buffer and their type from `raw`; its types lack that it takes typed arrays here too.
  return colours.joinChannel(alpha as unknown as Buffer, {
    raw: { width, height, channels: 1 },
    limitInputPixels: false,
  });
}

async function fittingAlpha(
  { width, height }: RgbImage,
  metadata: PhotoMetadata,
): Promise<Uint8Array | Uint16Array | undefined> {
  const { alpha } = metadata;
  if (!alpha || alpha.length === width * height) return alpha;
  const wide = alpha instanceof Uint16Array;
  const { data } = await sharp(alpha, {
    raw: { width: metadata.width, height: metadata.height, channels: 1 },
  })
    .resize(width, height, { fit: 'fill', kernel: 'cubic' })
    .toColourspace(wide ? 'grey16' : 'b-w')
    .raw({ depth: wide ? 'ushort' : 'uchar' })
    .toBuffer({ resolveWithObject: true });
  return samplesOf(data, wide ? 16 : 8);
}

/** At 8 bits, which is all that a JPEG holds. */
export function flattenOnWhite(
  { width, height, depth, data }: RgbImage,
  alpha: Uint8Array | Uint16Array,
): RgbImage {
  const white = depth === 16 ? 65535 : 255;
  const flat = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) {
    const opacity = alpha[(i / 3) | 0]! / white;
    flat[i] = Math.round(white + (data[i]! - white) * opacity) >> (depth - 8);
  }
  return { width, height, depth: 8, data: flat };
}

/** The profile, where it describes the channels that are written (ICC.1:2022, 7.2.6: bytes 16-19). */
export function fittingProfile(
  icc: Uint8Array | undefined,
  channels: 'GRAY' | 'RGB ',
): Uint8Array | undefined {
  return icc && Buffer.from(icc.subarray(16, 20)).toString('latin1') === channels ? icc : undefined;
}

function fittingExif(
  block: Uint8Array | undefined,
  takenAt: string | null,
  { width, height }: RgbImage,
): Uint8Array | undefined {
  const exif = block && resetExif(block, width, height);
  return takenAt === null ? exif : withDateTaken(exif, takenAt);
}

/** For a JPEG, without what the file said where all together is too long. */
function fittingXmp(packet: string | undefined, { format, note, facts }: EncodeOptions): string | undefined {
  const known = (xmp: string | undefined) => (facts ? factsXmp(xmp, facts) : xmp);
  const choices = [() => known(restorationXmp(packet, note)), () => known(restorationXmp(undefined, note))];
  return [...choices, () => restorationXmp(undefined, note)]
    .map((make) => make())
    .find((xmp) => format !== 'jpeg' || fitsJpeg(xmp));
}

/** Whether a packet has room in a JPEG. */
export function fitsJpeg(xmp: string | undefined): boolean {
  return xmp === undefined || Buffer.byteLength(xmp) <= MAX_JPEG_XMP_BYTES;
}

/**
 * Writes a file, given whole or in pieces, so that at any moment either all of it is there or nothing: a temporary file beside it,
 * fsync, then rename, or a hard link where an existing file must not be replaced. No temporary file stays.
 * Throws HeirloomError `output/exists` or `output/unwritable`; the message names the path.
 */
export async function writeFileAtomically(
  path: string,
  bytes: Uint8Array | readonly Uint8Array[],
  { overwrite }: { overwrite: boolean },
): Promise<void> {
  const temporary = join(dirname(path), `.heirloom-${randomUUID()}.tmp`);
  try {
    await writeDurably(temporary, bytes);
    await (overwrite ? rename(temporary, path) : renameWithoutReplacing(temporary, path));
  } catch (error) {
    throw notWritten(path, error);
  } finally {
    await rm(temporary, { force: true }).catch(() => undefined);
  }
}

async function writeDurably(path: string, bytes: Uint8Array | readonly Uint8Array[]): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** EISDIR: what Node makes of Windows' answer on FAT and exFAT (nodejs/node issue 65817). */
const NO_HARD_LINKS = new Set(['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'EISDIR']);

async function renameWithoutReplacing(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (!NO_HARD_LINKS.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
    await renameOverReservation(from, to);
  }
}

/** For file systems without hard links (FAT, some network drives): reserve the name, then rename over it. */
async function renameOverReservation(from: string, to: string): Promise<void> {
  await (await open(to, 'wx')).close();
  try {
    await rename(from, to);
  } catch (error) {
    await rm(to, { force: true });
    throw error;
  }
}

function notWritten(path: string, error: unknown): HeirloomError {
  if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return writeError(path, error);
  return new HeirloomError('output/exists', say('taken', { path }), { path }, { cause: error });
}
