import { createNoise } from '../method/noise.ts';
import { luma } from './colour.ts';
import { gaussianBlur } from './filters.ts';
import type { FloatImage } from './types.ts';

/** Film grain or scanner noise as it shows in a picture's flat parts. */
export interface Grain {
  /** Standard deviation of luma, 0-1. */
  std: number;
  /** Standard deviation, in pixels, of the Gaussian that turns white noise into this grain; 0 for white noise. */
  blur: number;
}

const BLOCK = 16;
/** The quietest blocks, where detail is least mistaken for grain. */
const QUIET_PART = 0.25;
const BACKGROUND_SIGMA = 3;
/** Of the noise streams of one seed, one that no face has. */
const GRAIN_STREAM = 0xffffffff;

/** The grain in the flat parts of a picture of at least 16 x 16 pixels. */
export function estimateGrain(image: FloatImage): Grain {
  const { width, height } = image;
  const y = luma(image);
  const background = gaussianBlur(y, width, height, BACKGROUND_SIGMA);
  const residual = y.map((value, i) => value - background[i]!);
  const blocks = blockStatistics(residual, width, height).sort((a, b) => a.variance - b.variance);
  const quiet = blocks.slice(0, Math.max(1, Math.ceil(blocks.length * QUIET_PART)));
  const variance = mean(quiet.map((block) => block.variance));
  const correlation = variance > 0 ? mean(quiet.map((block) => block.covariance)) / variance : 0;
  const blur = blurOfCorrelation(correlation);
  return { std: Math.sqrt(variance / passedByBackground(blur)), blur };
}

interface BlockStatistics {
  variance: number;
  /** Between neighbours, the mean of both directions. */
  covariance: number;
}

function blockStatistics(residual: Float32Array, width: number, height: number): BlockStatistics[] {
  const blocks: BlockStatistics[] = [];
  for (let top = 0; top + BLOCK <= height; top += BLOCK) {
    for (let left = 0; left + BLOCK <= width; left += BLOCK) {
      blocks.push(statisticsOfBlock(residual, width, top * width + left));
    }
  }
  return blocks;
}

function statisticsOfBlock(residual: Float32Array, width: number, start: number): BlockStatistics {
  let squares = 0;
  let products = 0;
  for (let y = 0; y < BLOCK - 1; y++) {
    for (let x = 0, i = start + y * width; x < BLOCK - 1; x++, i++) {
      squares += residual[i]! ** 2;
      products += residual[i]! * (residual[i + 1]! + residual[i + width]!);
    }
  }
  const count = (BLOCK - 1) ** 2;
  return { variance: squares / count, covariance: products / (2 * count) };
}

/** White noise under a Gaussian of `s` pixels has the correlation exp(-1 / (4 s^2)) between neighbours. */
function blurOfCorrelation(correlation: number): number {
  if (correlation < 0.05) return 0;
  return Math.sqrt(-1 / (4 * Math.log(Math.min(correlation, 0.95))));
}

/** The part of the variance of grain of this blur that is left when the background is taken away. */
function passedByBackground(blur: number): number {
  const [b, s] = [blur ** 2, BACKGROUND_SIGMA ** 2];
  return 1 - (4 * b) / (2 * b + s) + b / (b + s);
}

/** The picture with seeded grain, the same in all channels. The same seed gives the same picture. */
export function addGrain(image: FloatImage, grain: Grain, seed: number): FloatImage {
  if (!(grain.std > 0)) return image;
  const { width, height } = image;
  const plane = width * height;
  const white = createNoise(seed % 2 ** 32, GRAIN_STREAM).normal(plane);
  const noise = grain.blur > 0 ? gaussianBlur(white, width, height, grain.blur) : white;
  const scale = grain.std / Math.sqrt(mean(noise.map((value) => value * value)));
  return { width, height, data: image.data.map((value, i) => value + scale * noise[i % plane]!) };
}

/** The picture with a part, 0-1, of the grain that it lacks of the original's; two pictures of one size. */
export function matchGrain(
  picture: FloatImage,
  original: FloatImage,
  part: number,
  seed: number,
): FloatImage {
  const wanted = estimateGrain(original);
  const missing = Math.sqrt(Math.max(0, wanted.std ** 2 - estimateGrain(picture).std ** 2));
  return addGrain(picture, { ...wanted, std: part * missing }, seed);
}

function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}
