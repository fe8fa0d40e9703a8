import { dct2, idct2, sizeOf } from '../method/spectral-blur.ts';
import type { Manifest } from './manifest.ts';

/** How to feed an RM that was not made for this pack: names, size and range of its graph. */
export type Restorer = NonNullable<Manifest['restorer']>;
export type ValueRange = Restorer['range'];

/**
 * RM(y) through another maker's network: y `[3, S, S]` in [0, 1] is brought to the network's size and range, and what
 * it gives is brought back.
 */
export async function restoreThrough(
  { size, range }: Pick<Restorer, 'size' | 'range'>,
  y: Float32Array,
  run: (picture: Float32Array) => Promise<Float32Array>,
): Promise<Float32Array> {
  const fed = toRange(resizeSpectral(y, size), range);
  return resizeSpectral(fromRange(await run(fed), range), sizeOf(y));
}

/** [0, 1] to what the network takes: itself, or [-1, 1]. */
export function toRange(picture: Float32Array, range: ValueRange): Float32Array {
  return range === 'unit' ? picture : picture.map((value) => 2 * value - 1);
}

/** The inverse of `toRange`. */
export function fromRange(picture: Float32Array, range: ValueRange): Float32Array {
  return range === 'unit' ? picture : picture.map((value) => (value + 1) / 2);
}

/**
 * A square picture `[3, S, S]` at another power of two, in the DCT basis: new high frequencies are zero, and those that
 * do not fit are dropped, so that enlarging and then shrinking gives the same picture.
 */
export function resizeSpectral(picture: Float32Array, size: number): Float32Array {
  const from = sizeOf(picture);
  if (from === size) return picture;
  const spectrum = dct2(picture);
  const resized = new Float32Array(3 * size * size);
  const kept = Math.min(from, size);
  for (let row = 0; row < 3 * kept; row++) {
    const [plane, v] = [Math.floor(row / kept), row % kept];
    const source = (plane * from + v) * from;
    resized.set(spectrum.subarray(source, source + kept), (plane * size + v) * size);
  }
  // The orthonormal basis of another size has other amplitudes for the same picture.
  return idct2(resized.map((value) => (value * size) / from));
}
