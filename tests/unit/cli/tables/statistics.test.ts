import { Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { bootstrap, frechetDistance, gaussianOf, niqe } from '../../../../cli/tables/statistics.ts';
import { mean } from '../../../../cli/score-table.ts';
import { createNoise } from '../../../../engine/method/noise.ts';

function normalRows(seed: number, rows: number, columns: number): number[][] {
  const values = createNoise(seed, 0).normal(rows * columns);
  return Array.from({ length: rows }, (_, i) => [...values.subarray(i * columns, (i + 1) * columns)]);
}

describe('bootstrap', () => {
  it('gives the interval of a mean that theory gives', () => {
    const sample = normalRows(1, 400, 1).map(([value]) => value!);
    const { value, low, high } = bootstrap(sample, mean);
    expect(value).toBeCloseTo(mean(sample), 12);
    // 2 * 1.96 / sqrt(400)
    expect(high - low).toBeGreaterThan(0.16);
    expect(high - low).toBeLessThan(0.24);
    expect(low).toBeLessThan(value);
    expect(high).toBeGreaterThan(value);
  });

  it('is the same every time, and nothing for one value', () => {
    const sample = [1, 5, 2, 8];
    expect(bootstrap(sample, mean)).toEqual(bootstrap(sample, mean));
    expect(bootstrap([3, 3], mean)).toEqual({ value: 3, low: 3, high: 3 });
    expect(() => bootstrap([], mean)).toThrow('Expected a sample');
  });

  it('holds the value of a statistic that every resample makes larger', () => {
    const sample = normalRows(3, 60, 8);
    const truth = gaussianOf(normalRows(4, 60, 8));
    const { value, low, high } = bootstrap(sample, (rows) => frechetDistance(gaussianOf(rows), truth), 200);
    expect(low).toBeLessThan(value);
    expect(high).toBeGreaterThan(value);
  });
});

describe('frechetDistance', () => {
  const gaussian = (mean: number[], covariance: number[][]) => ({ mean, covariance: new Matrix(covariance) });

  it('is the known one of diagonal Gaussians', () => {
    const a = gaussian(
      [0, 0],
      [
        [4, 0],
        [0, 9],
      ],
    );
    const b = gaussian(
      [3, 4],
      [
        [1, 0],
        [0, 1],
      ],
    );
    // 25 + (2 - 1)^2 + (3 - 1)^2
    expect(frechetDistance(a, b)).toBeCloseTo(30, 9);
    expect(frechetDistance(b, a)).toBeCloseTo(30, 9);
  });

  it('is 0 to itself, with full covariances too', () => {
    const a = gaussianOf(normalRows(2, 50, 8));
    expect(frechetDistance(a, a)).toBeCloseTo(0, 6);
  });

  it('is that of a turned pair as of the pair', () => {
    const [c, s] = [Math.cos(0.7), Math.sin(0.7)];
    const turn = new Matrix([
      [c, -s],
      [s, c],
    ]);
    const turned = ({ mean, covariance }: ReturnType<typeof gaussian>) => ({
      mean: turn.mmul(Matrix.columnVector(mean)).to1DArray(),
      covariance: turn.mmul(covariance).mmul(turn.transpose()),
    });
    const a = gaussian(
      [0, 1],
      [
        [3, 1],
        [1, 2],
      ],
    );
    const b = gaussian(
      [2, 0],
      [
        [1, -0.5],
        [-0.5, 4],
      ],
    );
    expect(frechetDistance(turned(a), turned(b))).toBeCloseTo(frechetDistance(a, b), 9);
  });

  it('needs two rows', () => {
    expect(() => gaussianOf([[1, 2]])).toThrow('Expected two rows or more but received 1');
  });
});

describe('niqe', () => {
  it('rises with the distance of the statistics', () => {
    const undistorted = gaussianOf(normalRows(3, 400, 4));
    const patches = normalRows(4, 60, 4);
    const shifted = (by: number) => patches.map((row) => row.map((value) => value + by));
    const distances = [0, 1, 3].map((by) => niqe(shifted(by), undistorted));
    expect(distances[0]).toBeLessThan(distances[1]!);
    expect(distances[1]).toBeLessThan(distances[2]!);
    // 4 columns, 3 apart each, unit variance
    expect(distances[2]).toBeGreaterThan(5);
    expect(distances[2]).toBeLessThan(7);
  });
});
