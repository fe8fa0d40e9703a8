import { HeirloomError } from '../../contract/errors.ts';
import { fitTone } from './colour.ts';
import type { Tone } from './colour.ts';
import { composeAffine, invertAffine, maxSample, quantise, warpAffine } from './geometry.ts';
import { matchGrain } from './grain.ts';
import type { Affine, FloatImage, RgbImage } from './types.ts';

export interface BlendOptions {
  /** `auto` goes by the face's own crop. */
  tone: Tone | 'auto';
  /** Part, 0-1, of the photo's grain that the restored face gets back. */
  grain: number;
  /** Of the grain's noise: the same seed gives the same pixels. */
  seed: number;
}

export interface BlendReport {
  /** Whole pixels of the canvas. Outside, nothing has changed. */
  box: { x: number; y: number; width: number; height: number };
  /** Share of the restored face, 0-1, over `box`, row by row; where it is 0 nothing has changed. */
  mask: Float32Array;
}

/** Pixels that are warped at a time, so that a large face takes no large float picture. */
const STRIP_PIXELS = 1 << 19;
/** The mask is 1 up to the first and 0 from the second, as a part of the way from centre to edge. */
const MASK_FULL = 0.7;
const MASK_END = 0.97;
/** Canvas pixels per crop pixel from which the canvas can hold detail that the crop cannot. */
const DETAIL_FROM = 1;
const DETAIL_FULL = 1.25;

/**
 * Puts a restored face into the photo, in place.
 *
 * The restored crop gets the photo's tone, its low frequencies and its grain. Where the photo is finer than
 * the crop, its own frequencies above the crop's Nyquist stay (pores, lashes, grain), so that a face that is
 * sharper than the models' size is never made softer:
 * `canvas + mask * (warp(restored) - warp(low))` with `low` the canvas at the crop's resolution.
 * Only pixels where the mask is above 0 change.
 *
 * @param original S x S crop of the photo as it was, 0-1
 * @param restored S x S crop as the models give it, 0-1
 * @param cropToCanvas crop pixels to canvas pixels
 */
export function blendFace(
  canvas: RgbImage,
  original: FloatImage,
  restored: FloatImage,
  cropToCanvas: Affine,
  options: BlendOptions,
): BlendReport {
  requireSameCrop(original, restored);
  const canvasToCrop = invertAffine(cropToCanvas);
  const detail = detailKept(cropToCanvas);
  const face = matchGrain(fitTone(restored, original, options.tone), original, options.grain, options.seed);
  const change = detail > 0 ? withoutLow(face, canvas, cropToCanvas, detail) : face;
  const report = renderMask(canvas, face, cropToCanvas, canvasToCrop);
  for (const strip of strips(report)) mixStrip(canvas, change, canvasToCrop, strip, detail);
  return report;
}

function requireSameCrop(original: FloatImage, restored: FloatImage): void {
  if (original.width === restored.width && original.height === restored.height) return;
  throw new HeirloomError(
    'argument/invalid',
    `Expected crops of one size but received ${original.width} x ${original.height} and ${restored.width} x ${restored.height}`,
  );
}

/** The face less what the canvas has at the crop's resolution, so that adding it leaves the finer detail. */
function withoutLow(face: FloatImage, canvas: RgbImage, cropToCanvas: Affine, detail: number): FloatImage {
  const low = warpAffine(canvas, cropToCanvas, face.width, face.height);
  return { ...face, data: face.data.map((value, i) => value - detail * low.data[i]!) };
}

/** 0 where the canvas is no finer than the crop, 1 where it clearly is. */
function detailKept([a, b, , d, e]: Affine): number {
  return smoothStep((Math.sqrt(Math.abs(a * e - b * d)) - DETAIL_FROM) / (DETAIL_FULL - DETAIL_FROM));
}

/** 0 to 1 with two continuous derivatives at both ends (Perlin 2002). */
function smoothStep(t: number): number {
  const u = Math.min(1, Math.max(0, t));
  return u * u * u * (u * (6 * u - 15) + 10);
}

/** The share of the restored face at a point of the crop, `x` and `y` from -1 to 1: a rounded square with a soft edge. */
function maskAt(x: number, y: number): number {
  const radius = Math.sqrt(Math.sqrt(x * x * x * x + y * y * y * y));
  return smoothStep((MASK_END - radius) / (MASK_END - MASK_FULL));
}

/** The feathered mask over a crop: 1 in the middle, 0 along the border, `size * size` values row by row. */
export function maskFor(size: number): Float32Array {
  const mask = new Float32Array(size * size);
  for (let i = 0; i < mask.length; i++) {
    const x = (i % size) + 0.5;
    const y = Math.floor(i / size) + 0.5;
    mask[i] = maskAt((2 * x) / size - 1, (2 * y) / size - 1);
  }
  return mask;
}

function renderMask(
  canvas: RgbImage,
  crop: FloatImage,
  cropToCanvas: Affine,
  canvasToCrop: Affine,
): BlendReport {
  const box = boxOnCanvas(canvas, crop, cropToCanvas);
  const toUnit: Affine = [2 / crop.width, 0, -1, 0, 2 / crop.height, -1];
  const [a, b, c, d, e, f] = composeAffine(
    toUnit,
    composeAffine(canvasToCrop, [1, 0, box.x + 0.5, 0, 1, box.y + 0.5]),
  );
  const mask = new Float32Array(box.width * box.height);
  for (let y = 0, i = 0; y < box.height; y++) {
    for (let x = 0; x < box.width; x++, i++) mask[i] = maskAt(a * x + b * y + c, d * x + e * y + f);
  }
  return { box, mask };
}

function boxOnCanvas(canvas: RgbImage, crop: FloatImage, [a, b, c, d, e, f]: Affine): BlendReport['box'] {
  const range = (u: number, v: number, start: number, limit: number) => {
    const from = Math.floor(start + Math.min(0, u) + Math.min(0, v));
    const to = Math.ceil(start + Math.max(0, u) + Math.max(0, v));
    const first = Math.min(limit, Math.max(0, from));
    return [first, Math.min(limit, Math.max(first, to)) - first] as const;
  };
  const [x, width] = range(a * crop.width, b * crop.height, c, canvas.width);
  const [y, height] = range(d * crop.width, e * crop.height, f, canvas.height);
  return { x, y, width, height };
}

/** The report cut into pieces of whole rows. */
function strips({ box, mask }: BlendReport): BlendReport[] {
  if (box.width === 0) return [];
  const rows = Math.max(1, Math.floor(STRIP_PIXELS / box.width));
  return Array.from({ length: Math.ceil(box.height / rows) }, (_, i) => {
    const height = Math.min(rows, box.height - i * rows);
    const start = i * rows * box.width;
    return {
      box: { ...box, y: box.y + i * rows, height },
      mask: mask.subarray(start, start + height * box.width),
    };
  });
}

/** `canvas <- (1 - m + m detail) canvas + m warp(change)`. */
function mixStrip(
  canvas: RgbImage,
  change: FloatImage,
  canvasToCrop: Affine,
  { box, mask }: BlendReport,
  detail: number,
): void {
  const toCrop = composeAffine(canvasToCrop, [1, 0, box.x, 0, 1, box.y]);
  const warped = warpAffine(change, toCrop, box.width, box.height).data;
  const { data, width } = canvas;
  const max = maxSample(canvas.depth);
  const plane = mask.length;
  for (let y = 0, i = 0; y < box.height; y++) {
    let to = 3 * ((box.y + y) * width + box.x);
    for (let x = 0; x < box.width; x++, i++, to += 3) {
      const m = mask[i]!;
      if (m === 0) continue;
      const own = (1 - m + m * detail) / max;
      data[to] = quantise(own * data[to]! + m * warped[i]!, max);
      data[to + 1] = quantise(own * data[to + 1]! + m * warped[i + plane]!, max);
      data[to + 2] = quantise(own * data[to + 2]! + m * warped[i + 2 * plane]!, max);
    }
  }
}
