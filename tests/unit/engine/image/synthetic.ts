import type { FloatImage } from '../../../../engine/image/types.ts';

/** A picture by formula: `value` of pixel centre (x, y) and channel 0-2, in 0-1. */
export function paint(
  width: number,
  height: number,
  value: (x: number, y: number, channel: number) => number,
): FloatImage {
  const plane = width * height;
  const data = Float32Array.from({ length: 3 * plane }, (_, i) => {
    const pixel = i % plane;
    return value((pixel % width) + 0.5, Math.floor(pixel / width) + 0.5, Math.floor(i / plane));
  });
  return { width, height, data };
}

/** Repeatable noise of mean 0 and standard deviation 1 (sum of twelve uniform values). */
export function noise(seed: number): () => number {
  let state = seed >>> 0;
  const uniform = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  return () => Array.from({ length: 12 }, uniform).reduce((sum, value) => sum + value, -6);
}

export function channel(image: FloatImage, index: number): Float32Array {
  const plane = image.width * image.height;
  return image.data.subarray(index * plane, (index + 1) * plane);
}

export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Infinity;
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i]! - b[i]!));
  return largest;
}

export function standardDeviation(values: ArrayLike<number>): number {
  const mean = Array.from(values).reduce((sum, v) => sum + v, 0) / values.length;
  return Math.sqrt(Array.from(values).reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length);
}
