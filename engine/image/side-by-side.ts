import { HeirloomError } from '../../contract/errors.ts';
import { MAX_PIXELS } from '../../contract/picture-limits.ts';
import { resizeLanczos } from './geometry.ts';
import type { RgbImage } from './types.ts';

/** White between the pictures, as a part of their height. */
const GAP_PART = 0.01;

/**
 * Two pictures next to each other for sharing: both as high as the right one, white between them, in 8 bits, at most
 * `longSide` pixels (Infinity: no limit). Throws `input/too-large` above `MAX_PIXELS`.
 */
export async function joinSideBySide(left: RgbImage, right: RgbImage, longSide: number): Promise<RgbImage> {
  const aspect = left.width / left.height + right.width / right.height + GAP_PART;
  const height = Math.max(1, Math.floor(Math.min(right.height, longSide, longSide / aspect)));
  const parts = await Promise.all([left, right].map((picture) => atHeight(picture, height)));
  const gap = Math.round(GAP_PART * height);
  return placeInRow(parts, gap, height, Math.min(longSide, parts[0]!.width + gap + parts[1]!.width));
}

async function atHeight(picture: RgbImage, height: number): Promise<RgbImage> {
  const width = Math.max(1, Math.floor((picture.width * height) / picture.height));
  const same = picture.height === height && picture.width === width;
  return toBytes(same ? picture : await resizeLanczos(picture, width, height));
}

function toBytes(image: RgbImage): RgbImage {
  if (image.depth === 8) return image;
  return { ...image, depth: 8, data: Uint8Array.from(image.data, (value) => Math.round(value / 257)) };
}

function placeInRow(pictures: RgbImage[], gap: number, height: number, width: number): RgbImage {
  requireSize(width, height);
  const data = new Uint8Array(3 * width * height).fill(255);
  let left = 0;
  for (const picture of pictures) {
    for (let y = 0; y < height; y++) {
      const row = picture.data.subarray(3 * y * picture.width, 3 * (y + 1) * picture.width);
      data.set(row, 3 * (y * width + left));
    }
    left += picture.width + gap;
  }
  return { width, height, depth: 8, data };
}

function requireSize(width: number, height: number): void {
  if (width * height <= MAX_PIXELS) return;
  throw new HeirloomError(
    'input/too-large',
    `Side by side, the pictures are ${width} x ${height} pixels; the limit is ${MAX_PIXELS / 1e6} million pixels`,
  );
}
