import type { DraftResult } from '../contract/engine.ts';
import type { FloatImage } from './image/types.ts';
import { applyTransfer, dct2, gaussianTransfer, idct2, stdAtSize } from './method/spectral-blur.ts';

/** How far a result lies from what the photo holds, and how sharp both are. Crops are S x S, RGB in 0-1. */
export function measureDraft(
  before: FloatImage,
  after: FloatImage,
  stdHat: number,
): Omit<DraftResult['measures'], 'likeness'> {
  return {
    dataDistance: dataDistance(before, after, stdHat),
    sharpness: sharpness(after),
    sharpnessBefore: sharpness(before),
  };
}

/** Root mean square difference of the crop and the result under the blur that the crop is worth. */
function dataDistance(before: FloatImage, after: FloatImage, stdHat: number): number {
  const transfer = gaussianTransfer(stdAtSize(stdHat, after.width), after.width);
  const blurred = idct2(applyTransfer(dct2(after.data), transfer));
  const squares = blurred.reduce((sum, value, i) => sum + (value - before.data[i]!) ** 2, 0);
  return Math.sqrt(squares / blurred.length);
}

/** Mean length of the gradient by forward differences, over pixels and channels. */
function sharpness({ width, height, data }: FloatImage): number {
  let sum = 0;
  for (let plane = 0; plane < 3; plane++) {
    for (let y = 0; y < height - 1; y++) {
      let i = (plane * height + y) * width;
      for (let x = 0; x < width - 1; x++, i++)
        sum += Math.hypot(data[i + 1]! - data[i]!, data[i + width]! - data[i]!);
    }
  }
  return sum / (3 * (width - 1) * (height - 1));
}

/**
 * Standard deviation of several results of one face, root mean square over the channels: one plane. Where it is high
 * the prior has invented what the photo does not hold.
 */
export function deviationMap(pictures: readonly FloatImage[]): Float32Array {
  const { width, height } = pictures[0]!;
  const plane = width * height;
  const variance = new Float64Array(plane);
  for (let i = 0; i < 3 * plane; i++) {
    const values = pictures.map(({ data }) => data[i]!);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    variance[i % plane]! += squares / (3 * values.length);
  }
  return Float32Array.from(variance, Math.sqrt);
}
