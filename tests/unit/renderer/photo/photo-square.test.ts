import { describe, expect, it } from 'vitest';
import { cropTransform } from '../../../../engine/faces/alignment.ts';
import { alignedSquare, squareTransform } from '../../../../renderer/state/photo-square.ts';

const PICTURE = { width: 600, height: 400 };

describe('the aligned square', () => {
  it.each([0, 25, -70])('is the one that the engine cuts, for a head turned by %i degrees', (degrees) => {
    const landmarks = face(degrees);
    const square = alignedSquare(landmarks, PICTURE)!;
    const [a, b, e, c, d, f] = cropTransform({ landmarks }, PICTURE.width, PICTURE.height, 256);
    const matrix = squareTransform(square, 256)
      .match(/-?[\d.]+(e-?\d+)?/g)!
      .map(Number);
    [a, c, b, d, e, f].forEach((value, i) => expect(matrix[i]).toBeCloseTo(value, 4));
  });

  it('is none for other numbers of landmarks, or where they lie in one place', () => {
    expect(alignedSquare([], PICTURE)).toBeNull();
    expect(alignedSquare(Array(68).fill({ x: 0.5, y: 0.5 }), PICTURE)).toBeNull();
  });
});

/** Eyes and mouth where a face has them, the other points in the middle; normalised. */
function face(degrees: number) {
  const angle = (degrees * Math.PI) / 180;
  const place = (x: number, y: number) => ({
    x: (300 + x * Math.cos(angle) - y * Math.sin(angle)) / PICTURE.width,
    y: (200 + x * Math.sin(angle) + y * Math.cos(angle)) / PICTURE.height,
  });
  return Array.from({ length: 68 }, (_, i) => {
    if (i >= 36 && i < 42) return place(-20 + (i - 38.5), -15);
    if (i >= 42 && i < 48) return place(20 + (i - 44.5), -15);
    if (i === 48) return place(-12, 25);
    return i === 54 ? place(12, 25) : place(0, 5);
  });
}
