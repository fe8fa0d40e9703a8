import { EigenvalueDecomposition, Matrix, pseudoInverse } from 'ml-matrix';
import { createUniform } from '../../engine/method/noise.ts';
import { mean } from '../score-table.ts';

/** A mean and its 95 % interval. */
export interface Estimate {
  value: number;
  low: number;
  high: number;
}

/** Mean and covariance of rows of numbers. */
export interface Gaussian {
  mean: number[];
  covariance: Matrix;
}

const RESAMPLES = 1000;

/**
 * A statistic of a sample and its 95 % bootstrap interval (percentiles of resamples with replacement; Efron 1979),
 * shifted by the resamples' mean distance from the statistic: that is nothing for a mean, but a Fréchet distance grows
 * with every picture that a resample lacks, and without the shift would lie below its own interval.
 * Throws a RangeError for an empty sample.
 */
export function bootstrap<T>(
  sample: readonly T[],
  statistic: (sample: readonly T[]) => number,
  resamples = RESAMPLES,
): Estimate {
  if (sample.length === 0) throw new RangeError('Expected a sample but received none');
  const random = createUniform(1);
  const draw = () => sample.map(() => sample[Math.floor(random() * sample.length)]!);
  const values = Array.from({ length: resamples }, () => statistic(draw())).sort((a, b) => a - b);
  const value = statistic(sample);
  const bias = mean(values.map((one) => one - value));
  const at = (share: number) => values[Math.round(share * (resamples - 1))]! - bias;
  return { value, low: at(0.025), high: at(0.975) };
}

/** Throws a RangeError for fewer than two rows. */
export function gaussianOf(rows: readonly ArrayLike<number>[]): Gaussian {
  if (rows.length < 2) throw new RangeError(`Expected two rows or more but received ${rows.length}`);
  const matrix = new Matrix(rows.map((row) => Array.from(row)));
  const average = matrix.mean('column');
  const centred = matrix.clone().subRowVector(average);
  return {
    mean: average,
    covariance: centred
      .transpose()
      .mmul(centred)
      .div(rows.length - 1),
  };
}

/**
 * Frechet distance of two Gaussians, `|m1 - m2|^2 + tr(C1 + C2 - 2 (C1^1/2 C2 C1^1/2)^1/2)` (Dowson and Landau 1982):
 * FID, where the numbers are Inception's.
 */
export function frechetDistance(a: Gaussian, b: Gaussian): number {
  const root = squareRoot(a.covariance);
  const product = root.mmul(b.covariance).mmul(root);
  const shared = eigenvaluesOf(product).reduce((sum, value) => sum + Math.sqrt(Math.max(0, value)), 0);
  const apart = a.mean.reduce((sum, value, i) => sum + (value - b.mean[i]!) ** 2, 0);
  return apart + a.covariance.trace() + b.covariance.trace() - 2 * shared;
}

function eigenvaluesOf(symmetric: Matrix): number[] {
  return new EigenvalueDecomposition(symmetrised(symmetric), { assumeSymmetric: true }).realEigenvalues;
}

function squareRoot(symmetric: Matrix): Matrix {
  const { eigenvectorMatrix: vectors, realEigenvalues: values } = new EigenvalueDecomposition(
    symmetrised(symmetric),
    { assumeSymmetric: true },
  );
  const roots = Matrix.diag(values.map((value) => Math.sqrt(Math.max(0, value))));
  return vectors.mmul(roots).mmul(vectors.transpose());
}

/** Rounding makes a product a little lopsided. */
function symmetrised(matrix: Matrix): Matrix {
  return Matrix.add(matrix, matrix.transpose()).div(2);
}

/**
 * NIQE (Mittal et al. 2013): how far the natural scene statistics of one picture's patches are from those of
 * undistorted pictures. 0 and up, lower is more natural.
 */
export function niqe(patches: readonly number[][], undistorted: Gaussian): number {
  const own = gaussianOf(patches);
  const pooled = Matrix.add(own.covariance, undistorted.covariance).div(2);
  const apart = Matrix.columnVector(own.mean.map((value, i) => value - undistorted.mean[i]!));
  const square = apart.transpose().mmul(pseudoInverse(pooled)).mmul(apart).get(0, 0);
  return Math.sqrt(Math.max(0, square));
}
