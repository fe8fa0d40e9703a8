import sharp from 'sharp';
import { attachMetadata } from './attach-metadata.ts';
import { fittingProfile } from './encode.ts';
import { resizeFloat, toRgb } from './geometry.ts';
import type { FloatImage, RgbImage } from './types.ts';

const QUALITY = 90;

/** A crop as a JPEG to be looked at, at most `side` pixels wide, in the photo's own colour space `icc`. */
export async function encodePreview(
  image: FloatImage,
  icc?: Uint8Array,
  side: number = image.width,
): Promise<Uint8Array> {
  const small = side < image.width ? resizeFloat(image, side, side) : image;
  const { width, height, data } = toRgb(small, 8);
  const jpeg = await sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: QUALITY, chromaSubsampling: '4:4:4' })
    .toBuffer();
  return attachMetadata(jpeg, 'jpeg', { icc: fittingProfile(icc, 'RGB ') });
}

/** 8-bit RGB as a PNG. */
export async function encodePng({ width, height, data }: Pick<RgbImage, 'width' | 'height' | 'data'>) {
  return sharp(data, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
}

/** One plane of values as a grey PNG: black at 0, white at `white` and above. */
export async function encodeMap(
  values: Float32Array,
  width: number,
  height: number,
  white = 1,
): Promise<Uint8Array> {
  const data = Uint8Array.from(values, (value) => Math.round(255 * Math.min(1, Math.max(0, value / white))));
  return sharp(data, { raw: { width, height, channels: 1 } })
    .toColourspace('b-w')
    .png()
    .toBuffer();
}
