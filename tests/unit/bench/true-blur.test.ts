import { describe, expect, it } from 'vitest';
import { trueBlur } from '../../../bench/true-blur.ts';
import { picture } from '../../fixtures/pictures.ts';

const SIZE = 64;
const face = (error: (row: number, column: number) => number) => ({
  ...{ width: SIZE, height: SIZE },
  data: picture(SIZE, (_, row, column) => error(row, column)),
});
const truth = face(() => 0);

describe('trueBlur', () => {
  it('is none for the truth itself, and the most where no blur takes the difference away', () => {
    expect(trueBlur(truth, truth, 1e-3)).toEqual({ std: 0.1, grid: new Float32Array(64).fill(0.1) });
    const brighter = face(() => 0.5);
    expect(trueBlur(brighter, truth, 1e-3)).toEqual({ std: 15, grid: new Float32Array(64).fill(15) });
  });

  it('is the smallest that brings a wave under the tolerance, in the squares where it is', () => {
    // cos(pi u (column + 1/2) / S) is a function of the basis: blurred, it is exp(-std^2 w^2 / 2) of itself.
    const u = 48;
    const wave = (column: number) => 0.2 * Math.cos((Math.PI * u * (column + 0.5)) / SIZE);
    const { std, grid } = trueBlur(
      face((_, column) => wave(column)),
      truth,
      1e-3,
    );
    const needed = (Math.sqrt(Math.log(0.02 / 1e-3)) * SIZE) / (Math.PI * u) / (SIZE / 512);
    expect(std).toBeGreaterThanOrEqual(needed);
    expect(std - needed).toBeLessThan(1);
    expect(new Set(grid)).toEqual(new Set([std]));
    const half = trueBlur(
      face((_, column) => (column < SIZE / 2 ? wave(column) : 0)),
      truth,
      1e-3,
    ).grid;
    for (let row = 0; row < 8; row++) {
      expect(half[8 * row]).toBeCloseTo(std, 0);
      expect(half[8 * row + 7]).toBeCloseTo(0.1, 6);
    }
  });
});
