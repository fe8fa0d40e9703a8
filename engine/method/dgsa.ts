import { HeirloomError } from '../../contract/errors.ts';
import { expectFinite } from './expect-finite.ts';
import type { Networks } from './types.ts';

/** A_t: one number for the whole picture, or one for each pixel and channel (`[3, S, S]`), in [0, 1]. */
export type ScaleMap = number | Float32Array;

/** Gives A_t for a step. */
export type GuidanceScale = (x0Hat: Float32Array, t: number) => Promise<ScaleMap>;

/** The same A_t at every step. Throws `argument/invalid` outside 0-1. */
export function constantScale(scale: number): GuidanceScale {
  if (!(scale >= 0 && scale <= 1)) {
    throw new HeirloomError(
      'argument/invalid',
      `Expected a guidance scale between 0 and 1 but received ${scale}`,
    );
  }
  return () => Promise.resolve(scale);
}

/**
 * Dynamic Guidance Scaling Adjuster (eq. 13): `A_t = DGSA(y_1, x0_hat, t)`.
 * @param y1 the first guide, `[3, S, S]` in [-1, 1]
 */
export function regionScale(networks: Pick<Networks, 'dgsa'>, y1: Float32Array): GuidanceScale {
  return async (x0Hat, t) =>
    expectFinite(await networks.dgsa(y1, x0Hat, t), `The guidance adjuster at t = ${t}`);
}

/**
 * A_t of each pixel as one grey picture: the mean of its channels, `[S, S]`.
 * @param pixels S * S
 * @throws RangeError for a map of another size
 */
export function meanScale(scale: Float32Array, pixels: number): Float32Array {
  if (scale.length !== 3 * pixels)
    throw new RangeError(`Expected ${3 * pixels} values of A_t but received ${scale.length}`);
  return Float32Array.from(
    { length: pixels },
    (_, i) => (scale[i]! + scale[i + pixels]! + scale[i + 2 * pixels]!) / 3,
  );
}

/** `from + A_t . (to - from)`, as a new picture. */
export function moveTowards(from: Float32Array, to: Float32Array, scale: ScaleMap): Float32Array {
  const moved = new Float32Array(from.length);
  for (let i = 0; i < moved.length; i++) moved[i] = from[i]! + at(scale, i) * (to[i]! - from[i]!);
  return moved;
}

/** `from + step A_t . direction`, as a new picture. */
export function moveAlong(
  from: Float32Array,
  direction: Float32Array,
  scale: ScaleMap,
  step: number,
): Float32Array {
  const moved = new Float32Array(from.length);
  for (let i = 0; i < moved.length; i++) moved[i] = from[i]! + step * at(scale, i) * direction[i]!;
  return moved;
}

function at(scale: ScaleMap, i: number): number {
  return typeof scale === 'number' ? scale : scale[i]!;
}
