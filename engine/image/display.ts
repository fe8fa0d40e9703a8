import sharp from 'sharp';
import type { Sharp } from 'sharp';
import { HeirloomError } from '../../contract/errors.ts';
import { MAX_PIXELS } from '../../contract/picture-limits.ts';
import { damaged, decodePhotoFile, isHeic, samplesOf } from './decode.ts';
import type { PhotoFile } from './decode.ts';
import { encodePhoto } from './encode.ts';
import { fitWithin } from './geometry.ts';
import type { RgbImage } from './types.ts';

/** 1-100. */
const THUMBNAIL_QUALITY = 80;
const VIEW_QUALITY = 90;
/** Effort, 0-6, of the WebP encoder: 4, its default, takes twice the time for a few per cent fewer bytes. */
const WEBP_EFFORT = 2;

/** An encoded picture for the interface. */
export interface DisplayPicture {
  bytes: Uint8Array;
  width: number;
  height: number;
}

/**
 * The picture oriented, in sRGB and 8 bits, `longSide` pixels at most (never enlarged; null: full size), ready to
 * be encoded. JPEG and WebP are shrunk while they are decoded.
 * The errors of its decoder come when it is run: wrap it in `decoding`.
 */
export async function displayPipeline(file: PhotoFile, longSide: number | null): Promise<Sharp> {
  const { source, header } = file;
  const input = isHeic(header) ? await heicInput(file, longSide) : source.input;
  const pipeline = sharp(input, { autoOrient: true, failOn: 'error', limitInputPixels: MAX_PIXELS });
  return fit(pipeline, longSide).toColourspace('srgb');
}

/** libheif gives bare samples; only as a file with its profile can libvips convert them. */
async function heicInput(file: PhotoFile, longSide: number | null): Promise<Uint8Array> {
  const { image, metadata } = await decodePhotoFile(file);
  const { exif: _, xmp: __, ...kept } = metadata;
  return encodePhoto(await fitWithin(image, longSide ?? Infinity), kept, { format: 'tiff' });
}

function fit(pipeline: Sharp, longSide: number | null): Sharp {
  if (longSide === null) return pipeline;
  return pipeline.resize({ width: longSide, height: longSide, fit: 'inside', withoutEnlargement: true });
}

/** Runs what reads a file's pixels; a decoder's error becomes `input/damaged`. */
export async function decoding<T>({ source }: PhotoFile, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw error instanceof HeirloomError ? error : damaged(source.name, error);
  }
}

/** The picture as WebP at each of these long sides, in this order, from one decoding. */
export async function encodeThumbnails(
  file: PhotoFile,
  longSides: readonly number[],
): Promise<DisplayPicture[]> {
  const largest = Math.max(...longSides);
  const { data, info } = await decoding(file, async () =>
    (await displayPipeline(file, largest)).raw().toBuffer({ resolveWithObject: true }),
  );
  const { width, height, channels } = info;
  return Promise.all(
    longSides.map((longSide) => {
      const samples = sharp(data, { raw: { width, height, channels } });
      return toDisplayPicture(
        fit(samples, longSide).webp({ quality: THUMBNAIL_QUALITY, effort: WEBP_EFFORT }),
      );
    }),
  );
}

/** Longest side that a file of the format can have, in pixels. */
const MAX_SIDE = { webp: 16_383, jpeg: 65_500 } as const;

/** The picture for a browser, at most `longSide` pixels (null: full size, as far as the format goes). */
export async function encodeDisplay(
  file: PhotoFile,
  format: 'webp' | 'jpeg',
  longSide: number | null,
): Promise<DisplayPicture> {
  const side = Math.min(longSide ?? Infinity, MAX_SIDE[format]);
  const fits = side >= Math.max(file.metadata.width, file.metadata.height);
  return decoding(file, async () => {
    const pipeline = await displayPipeline(file, fits ? null : side);
    if (format === 'webp')
      return toDisplayPicture(pipeline.webp({ quality: VIEW_QUALITY, effort: WEBP_EFFORT }));
    return toDisplayPicture(pipeline.flatten({ background: 'white' }).jpeg({ quality: VIEW_QUALITY }));
  });
}

/** The picture's samples in sRGB and 8 bits, without alpha, at most `longSide` pixels. */
export async function displayPixels(file: PhotoFile, longSide: number): Promise<RgbImage> {
  const { data, info } = await decoding(file, async () =>
    (await displayPipeline(file, longSide)).removeAlpha().raw().toBuffer({ resolveWithObject: true }),
  );
  return { width: info.width, height: info.height, depth: 8, data: samplesOf(data, 8) };
}

/** A small picture as WebP. */
export async function encodeCrop({ width, height, data }: RgbImage): Promise<Uint8Array> {
  return sharp(data, { raw: { width, height, channels: 3 } })
    .webp({ quality: VIEW_QUALITY, effort: WEBP_EFFORT })
    .toBuffer();
}

async function toDisplayPicture(pipeline: Sharp): Promise<DisplayPicture> {
  const { data, info } = await pipeline.toBuffer({ resolveWithObject: true });
  return { bytes: data, width: info.width, height: info.height };
}
