import { gaussianBlur } from './filters.ts';
import { resizeFloat } from './geometry.ts';
import type { FloatImage } from './types.ts';

/** `sepia` is any print of one hue: what colour it has follows from how bright it is. */
export type Tone = 'colour' | 'monochrome' | 'sepia';

/** Bins of luma over 0-1 for the tone curve. */
const CURVE_BINS = 32;
/** Width and height at which tone is judged: small enough that the chroma of noise averages out. */
const JUDGED_SIZE = 32;
/**
 * Chroma (root mean square of Cb and Cr, 0-1) that luma does not explain, from which a picture is in colour.
 * Measured: 0.004 for sepia under strong noise, 0.018 for a hand-coloured print, 0.023 for the least colourful
 * of 150 colour faces.
 */
const COLOUR_CHROMA = 0.012;
/** Chroma that luma explains, below which a picture is black and white. */
const SEPIA_CHROMA = 0.012;

/**
 * Whether a picture is in colour, black and white, or toned (sepia, selenium, a yellowed scan).
 * Works in the opponent space Y, Cb, Cr of ITU-R BT.601: a toned print has chroma that follows from luma.
 */
export function detectTone(image: FloatImage): Tone {
  const [width, height] = [Math.min(JUDGED_SIZE, image.width), Math.min(JUDGED_SIZE, image.height)];
  const { y, cb, cr } = opponents(resizeFloat(image, width, height));
  const all = meanSquare(cb, cr);
  const curve = fitToneCurve(y, cb, cr);
  for (let i = 0; i < y.length; i++) {
    cb[i]! -= evaluateCurve(curve.cb, y[i]!);
    cr[i]! -= evaluateCurve(curve.cr, y[i]!);
  }
  const unexplained = meanSquare(cb, cr);
  if (unexplained >= COLOUR_CHROMA ** 2) return 'colour';
  return all - unexplained >= SEPIA_CHROMA ** 2 ? 'sepia' : 'monochrome';
}

/**
 * The restored face in the tone of its photo: `monochrome` puts luma in all channels, `sepia` gives luma the
 * chroma that the reference has at that luma, `colour` leaves it as it is, `auto` goes by the reference.
 */
export function applyTone(restored: FloatImage, reference: FloatImage, tone: Tone | 'auto'): FloatImage {
  switch (tone) {
    case 'auto':
      return applyTone(restored, reference, detectTone(reference));
    case 'colour':
      return restored;
    case 'monochrome':
      return paintLuma(restored, () => [0, 0]);
    case 'sepia':
      return applySepia(restored, reference);
  }
}

/** The restored face with the low frequencies of its crop and in this tone: what blending puts into a photo. */
export function fitTone(restored: FloatImage, original: FloatImage, tone: Tone | 'auto'): FloatImage {
  return applyTone(matchColour(restored, original), original, tone);
}

function applySepia(restored: FloatImage, reference: FloatImage): FloatImage {
  const { y, cb, cr } = opponents(reference);
  const curve = fitToneCurve(y, cb, cr);
  return paintLuma(restored, (luma) => [evaluateCurve(curve.cb, luma), evaluateCurve(curve.cr, luma)]);
}

/** ITU-R BT.601 luma of gamma-encoded RGB, 0-1. */
export function luma(image: FloatImage): Float32Array {
  const plane = image.width * image.height;
  const { data } = image;
  const y = new Float32Array(plane);
  for (let i = 0; i < plane; i++) {
    y[i] = 0.299 * data[i]! + 0.587 * data[i + plane]! + 0.114 * data[i + 2 * plane]!;
  }
  return y;
}

function opponents(image: FloatImage): { y: Float32Array; cb: Float32Array; cr: Float32Array } {
  const plane = image.width * image.height;
  const y = luma(image);
  const cb = new Float32Array(plane);
  const cr = new Float32Array(plane);
  for (let i = 0; i < plane; i++) {
    cb[i] = (image.data[i + 2 * plane]! - y[i]!) / 1.772;
    cr[i] = (image.data[i]! - y[i]!) / 1.402;
  }
  return { y, cb, cr };
}

function paintLuma(
  image: FloatImage,
  chromaAt: (luma: number) => readonly [cb: number, cr: number],
): FloatImage {
  const plane = image.width * image.height;
  const y = luma(image);
  const data = new Float32Array(3 * plane);
  for (let i = 0; i < plane; i++) {
    const [cb, cr] = chromaAt(y[i]!);
    data[i] = y[i]! + 1.402 * cr;
    data[i + plane] = y[i]! - 0.344136 * cb - 0.714136 * cr;
    data[i + 2 * plane] = y[i]! + 1.772 * cb;
  }
  return { ...image, data };
}

function meanSquare(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * a[i]! + b[i]! * b[i]!;
  return sum / a.length;
}

interface ToneCurve {
  cb: Float64Array;
  cr: Float64Array;
}

/** Mean chroma per bin of luma; a bin that the picture does not use takes its neighbours' mean. */
function fitToneCurve(y: Float32Array, cb: Float32Array, cr: Float32Array): ToneCurve {
  const counts = new Float64Array(CURVE_BINS);
  const curve = { cb: new Float64Array(CURVE_BINS), cr: new Float64Array(CURVE_BINS) };
  for (let i = 0; i < y.length; i++) {
    const bin = Math.min(CURVE_BINS - 1, Math.max(0, Math.floor(y[i]! * CURVE_BINS)));
    counts[bin]!++;
    curve.cb[bin]! += cb[i]!;
    curve.cr[bin]! += cr[i]!;
  }
  return { cb: smoothBins(curve.cb, counts), cr: smoothBins(curve.cr, counts) };
}

/** Gaussian smoothing over the bins, each weighted by its count; wide enough in the second pass to fill gaps. */
function smoothBins(sums: Float64Array, counts: Float64Array): Float64Array {
  const near = (i: number, j: number) => Math.exp(-((i - j) ** 2) / 2);
  const far = (i: number, j: number) => 1e-6 * Math.exp(-Math.abs(i - j));
  return sums.map((_, i) => {
    let sum = 0;
    let weight = 0;
    counts.forEach((count, j) => {
      const w = near(i, j) + far(i, j);
      sum += w * sums[j]!;
      weight += w * count;
    });
    return weight > 0 ? sum / weight : 0;
  });
}

function evaluateCurve(bins: Float64Array, luma: number): number {
  const position = Math.min(CURVE_BINS - 1, Math.max(0, luma * CURVE_BINS - 0.5));
  const bin = Math.min(CURVE_BINS - 2, Math.floor(position));
  const t = position - bin;
  return bins[bin]! * (1 - t) + bins[bin + 1]! * t;
}

/**
 * The restored face with the reference's low frequencies (below about 1/12 of the crop's width), so that
 * neither brightness nor skin tone jumps where the two meet.
 */
export function matchColour(restored: FloatImage, reference: FloatImage): FloatImage {
  const { width, height } = restored;
  const difference = { width, height, data: restored.data.map((value, i) => reference.data[i]! - value) };
  const small = resizeFloat(difference, Math.ceil(width / 4), Math.ceil(height / 4));
  const low = resizeFloat(blurPlanes(small, width / 48), width, height);
  return { width, height, data: restored.data.map((value, i) => value + low.data[i]!) };
}

function blurPlanes(image: FloatImage, sigma: number): FloatImage {
  const { width, height } = image;
  const plane = width * height;
  const data = new Float32Array(3 * plane);
  for (let channel = 0; channel < 3; channel++) {
    const from = image.data.subarray(channel * plane, (channel + 1) * plane);
    data.set(gaussianBlur(from, width, height, sigma), channel * plane);
  }
  return { width, height, data };
}
