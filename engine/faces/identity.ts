import { HeirloomError } from '../../contract/errors.ts';
import type { Point } from './types.ts';

/**
 * Euclidean distance of two face descriptors: 0 the same picture, below about 0.6 the same person.
 * Throws `argument/invalid` for descriptors of unequal length.
 */
export function identityDistance(a: Float32Array, b: Float32Array): number {
  requireSameLength('descriptors', a.length, b.length);
  return Math.hypot(...a.map((value, i) => value - b[i]!));
}

/**
 * LMD: mean distance of corresponding landmarks, in pixels of a crop of `size` (the literature's 256 unless told).
 *
 * @param a landmarks normalised 0-1 of the crop.
 * @throws `argument/invalid` for lists of unequal length, and for empty ones.
 */
export function landmarkDistance(a: readonly Point[], b: readonly Point[], size = 256): number {
  requireSameLength('landmarks', a.length, b.length);
  const sum = a.reduce((total, p, i) => total + Math.hypot(p.x - b[i]!.x, p.y - b[i]!.y), 0);
  return (size * sum) / a.length;
}

function requireSameLength(name: string, a: number, b: number): void {
  if (a !== b || a === 0) {
    throw new HeirloomError(
      'argument/invalid',
      `Expected as many ${name} in both but received ${a} and ${b}`,
    );
  }
}
