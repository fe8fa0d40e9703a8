import { describe, expect, it } from 'vitest';
import { createGuides } from '../../../../engine/method/guidance.ts';
import { blendRegions, blurRegions, GRID_SIZE } from '../../../../engine/method/regions.ts';
import { gaussianBlur, stdAtSize } from '../../../../engine/method/spectral-blur.ts';
import { largestDifference, noisePicture } from '../../../fixtures/pictures.ts';
import { Random } from '../../../fixtures/random.ts';

const SIZE = 64;

/** Std of each square from its row and column. */
function grid(std: (row: number, column: number) => number): Float32Array {
  return Float32Array.from({ length: GRID_SIZE ** 2 }, (_, i) =>
    std(Math.floor(i / GRID_SIZE), i % GRID_SIZE),
  );
}

const halves = grid((_, column) => (column < GRID_SIZE / 2 ? 2 : 12));

describe('blurRegions', () => {
  it('is one region of the one number without a grid, and with a nearly uniform one', () => {
    expect(blurRegions(5, undefined, SIZE)).toEqual([{ std512: 5 }]);
    expect(
      blurRegions(
        5,
        grid(() => 7),
        SIZE,
      ),
    ).toEqual([{ std512: 5 }]);
    const nearly = grid((row) => 7 + (0.99 * row) / (GRID_SIZE - 1));
    expect(blurRegions(5, nearly, SIZE)).toEqual([{ std512: 5 }]);
  });

  it('spreads two to four levels evenly between the extremes', () => {
    const levels = (to: number) =>
      blurRegions(
        5,
        grid((row) => 2 + ((to - 2) * row) / (GRID_SIZE - 1)),
        SIZE,
      ).map(({ std512 }) => std512);
    expect(levels(3.5)).toEqual([2, 3.5]);
    expect(levels(5)).toEqual([2, 3.5, 5]);
    expect(levels(14)).toEqual([2, 6, 10, 14]);
  });

  it('gives each pixel shares that sum to 1 and make its own std of the levels', () => {
    const random = new Random(5);
    for (let round = 0; round < 20; round++) {
      const regions = blurRegions(
        5,
        grid(() => 0.1 + 14.9 * random.next()),
        SIZE,
      );
      for (let i = 0; i < SIZE ** 2; i++) {
        const shares = regions.map(({ share }) => share![i]!);
        expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 5);
        expect(Math.min(...shares)).toBeGreaterThanOrEqual(0);
        expect(shares.filter((share) => share > 0).length).toBeLessThanOrEqual(2);
      }
    }
  });

  it("takes a square's std at its centre, and goes linearly from one to the next", () => {
    // 64 / 8 = 8 pixels a square: no pixel's centre is a square's, but two have it between them.
    const ramp = grid((row, column) => 1 + row + 0.5 * column);
    const regions = blurRegions(5, ramp, SIZE);
    const stdAt = (row: number, column: number) =>
      regions.reduce((sum, { std512, share }) => sum + std512 * share![row * SIZE + column]!, 0);
    const expected = (row: number, column: number) =>
      1 +
      Math.min(7, Math.max(0, (row + 0.5) / 8 - 0.5)) +
      Math.min(7, Math.max(0, (column + 0.5) / 8 - 0.5)) / 2;
    for (const [row, column] of [
      [0, 0],
      [3, 4],
      [11, 12],
      [30, 41],
      [63, 5],
      [63, 63],
    ] as const)
      expect(stdAt(row, column)).toBeCloseTo(expected(row, column), 4);
  });

  it('refuses a grid of another size', () => {
    const message = 'Expected a grid of 8 x 8 values but received 63 values';
    expect(() => blurRegions(5, halves.subarray(1), SIZE)).toThrow(message);
  });
});

describe('blendRegions', () => {
  it("is a single region's picture itself", () => {
    const picture = noisePicture(SIZE);
    expect(blendRegions([{ picture }])).toBe(picture);
  });

  it('blurs each half by its own std, away from the seam', () => {
    const restoration = noisePicture(SIZE, 3);
    const regions = blurRegions(5, halves, SIZE);
    const blurred = blendRegions(
      regions.map(({ std512, share }) => ({
        share,
        picture: createGuides(restoration, [std512], [1])[0]!.image,
      })),
    );
    const half = (std: number) => gaussianBlur(restoration, stdAtSize(std, SIZE));
    const part = (of: Float32Array, from: number, to: number) =>
      of.filter((_, i) => i % SIZE >= from && i % SIZE < to);
    // The squares' centres beside the seam are 4 pixels from it.
    expect(largestDifference(part(blurred, 0, 28), part(half(2), 0, 28))).toBeLessThan(1e-6);
    expect(largestDifference(part(blurred, 36, 64), part(half(12), 36, 64))).toBeLessThan(1e-6);
    expect(largestDifference(part(blurred, 0, 28), part(half(12), 0, 28))).toBeGreaterThan(0.1);
  });

  it('refuses several regions without shares of their size', () => {
    const picture = noisePicture(SIZE);
    const share = new Float32Array(SIZE ** 2).fill(0.5);
    expect(() => blendRegions([{ picture, share }, { picture }])).toThrow(
      `Expected a share of ${SIZE ** 2} pixels but received none`,
    );
    expect(() =>
      blendRegions([
        { picture, share: share.subarray(1) },
        { picture, share },
      ]),
    ).toThrow(`Expected a share of ${SIZE ** 2} pixels but received ${SIZE ** 2 - 1}`);
  });
});
