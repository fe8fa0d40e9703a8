import { HeirloomError } from '../../contract/errors.ts';
import {
  angularFrequencies,
  applyTransfer,
  dct2,
  gaussianTransfer,
  idct2,
  sizeOf,
  stdAtSize,
} from './spectral-blur.ts';
import { clampToAxis } from './types.ts';
import type { GuidedTerm, StdAxis } from './types.ts';

/**
 * Guidance by Gaussian-blurred copies of the restoration (eq. 12, algorithm 3), in the DCT basis:
 * `L = sum_i w_i || y_i - k_i (*) x ||^2 = sum_i w_i || Y_i - H_i . X ||^2`, the basis being orthonormal.
 */

export const MAX_GUIDES = 4;

/** Table 7. */
const DEFAULT_WEIGHTS: readonly (readonly number[])[] = [
  [1],
  [0.8, 0.2],
  [0.7, 0.2, 0.1],
  [0.7, 0.1, 0.1, 0.1],
];

/** One guide: y_i stays what it is; `std512` is k_i's, and moves where the kernel is refined. */
export interface Guide extends GuidedTerm {
  std512: number;
  /** Y_i = DCT of y_i, `[3, S, S]`. */
  spectrum: Float32Array;
}

/** Table 7's weights. Throws `argument/invalid` for a number of guides outside 1-4. */
export function defaultWeights(guides: number): number[] {
  const weights = DEFAULT_WEIGHTS[guides - 1];
  if (!weights)
    throw new HeirloomError('argument/invalid', `Expected guides between 1 and 4 but received ${guides}`);
  return [...weights];
}

/** Weights scaled to sum 1. Throws `argument/invalid` where one is negative or none is above 0. */
export function normaliseWeights(weights: readonly number[]): number[] {
  const negative = weights.find((weight) => !(weight >= 0 && weight < Infinity));
  if (negative !== undefined) {
    throw new HeirloomError('argument/invalid', `Expected weights of 0 or more but received ${negative}`);
  }
  const sum = weights.reduce((total, weight) => total + weight, 0);
  if (sum === 0) {
    throw new HeirloomError(
      'argument/invalid',
      `Expected weights with a sum above 0 but received [${weights.join(', ')}]`,
    );
  }
  return weights.map((weight) => weight / sum);
}

/** `std_i = std_hat - (i - 1) spacing`, on the axis; all in 512-pixel units. */
export function guideStds(stdHat: number, guides: number, spacing: number, axis: StdAxis): number[] {
  return Array.from({ length: guides }, (_, i) => clampToAxis(stdHat - i * spacing, axis));
}

/**
 * `y_i = k_std_i (*) RM(y)` with its kernel and weight, one for each of `stds512`.
 * @param restoration RM(y) in [-1, 1], `[3, S, S]`
 */
export function createGuides(
  restoration: Float32Array,
  stds512: readonly number[],
  weights: readonly number[],
): Guide[] {
  if (stds512.length !== weights.length) throw weightCountError(stds512.length, weights.length);
  const restored = dct2(restoration);
  return stds512.map((std512, i) => {
    const transfer = guideTransfer(std512, sizeOf(restoration));
    const spectrum = applyTransfer(restored, transfer);
    return { std512, weight: weights[i]!, transfer, spectrum, image: idct2(spectrum) };
  });
}

export function weightCountError(guides: number, weights: number): HeirloomError {
  const s = guides === 1 ? '' : 's';
  return new HeirloomError(
    'argument/invalid',
    `Expected ${guides} weight${s} for ${guides} guide${s} but received ${weights}`,
  );
}

function guideTransfer(std512: number, size: number): Float64Array {
  return gaussianTransfer(stdAtSize(std512, size), size);
}

/** L of a spectrum X. */
export function guidanceLoss(guides: readonly Guide[], x: Float32Array): number {
  return guides.reduce((loss, guide) => loss + guide.weight * squaredResidual(guide, x), 0);
}

function squaredResidual({ transfer, spectrum }: Guide, x: Float32Array): number {
  const blurred = applyTransfer(x, transfer);
  return blurred.reduce((sum, value, i) => sum + (value - spectrum[i]!) ** 2, 0);
}

/** dL/dX = 2 sum_i w_i H_i (H_i X - Y_i), as a spectrum. */
export function guidanceGradient(guides: readonly Guide[], x: Float32Array): Float32Array {
  const { numerator, denominator } = normalEquations(guides);
  return x.map((value, i) => 2 * (denominator[i % denominator.length]! * value - numerator[i]!));
}

/** The two sums of the closed form; they change only where a kernel is refined. */
export interface NormalEquations {
  /** sum_i w_i H_i Y_i, `[3, S, S]`. */
  numerator: Float32Array;
  /** sum_i w_i H_i^2, `[S, S]`. */
  denominator: Float64Array;
}

export function normalEquations(guides: readonly Guide[]): NormalEquations {
  const size = guides[0]!.transfer.length;
  const numerator = new Float32Array(3 * size * size);
  const denominator = new Float64Array(size * size);
  for (const { weight, transfer, spectrum } of guides) {
    for (let u = 0, f = 0; u < size; u++) {
      for (let v = 0; v < size; v++, f++) {
        const h = transfer[u]! * transfer[v]!;
        denominator[f] = denominator[f]! + weight * h * h;
        for (let i = f; i < numerator.length; i += size * size)
          numerator[i] = numerator[i]! + weight * h * spectrum[i]!;
      }
    }
  }
  return { numerator, denominator };
}

/**
 * "Ours 2": the X* that minimises `lambda || X - X0_hat ||^2 + L(X)`, per frequency
 * `X* = (lambda X0_hat + sum_i w_i H_i Y_i) / (lambda + sum_i w_i H_i^2)`.
 * @param lambda above 0: weight of the prior
 */
export function closedForm(
  { numerator, denominator }: NormalEquations,
  x0Hat: Float32Array,
  lambda: number,
): Float32Array {
  const optimum = new Float32Array(x0Hat.length);
  const area = denominator.length;
  for (let f = 0; f < area; f++) {
    const scale = 1 / (lambda + denominator[f]!);
    for (let i = f; i < x0Hat.length; i += area) optimum[i] = (lambda * x0Hat[i]! + numerator[i]!) * scale;
  }
  return optimum;
}

/** Settings of the kernel refinement. */
export interface Refinement {
  /** Part of a Gauss-Newton step, 0-1. */
  step: number;
  axis: StdAxis;
}

/**
 * Kernel refinement (eq. 7): `std_i <- std_i - s dL/dstd_i`, on the axis, with `dH/dstd = -std (w_u^2 + w_v^2) H`.
 * The paper leaves s open. We take `s = step / (2 w_i || dH_i/dstd X ||^2)`, the loss's curvature by Gauss and
 * Newton, so that `step` has no unit and serves every size and weight.
 * @param x spectrum of x0_hat, `[3, S, S]`
 */
export function refineGuides(guides: readonly Guide[], x: Float32Array, { step, axis }: Refinement): Guide[] {
  return guides.map((guide) => {
    const { slope, curvature } = stdDerivatives(guide, x);
    if (curvature === 0) return guide;
    const std512 = clampToAxis(guide.std512 - (step * slope) / curvature, axis);
    return { ...guide, std512, transfer: guideTransfer(std512, guide.transfer.length) };
  });
}

/** dL_i/dstd_i and its Gauss-Newton curvature, for the std in 512-pixel units. */
export function stdDerivatives(guide: Guide, x: Float32Array): { slope: number; curvature: number } {
  const { transfer, spectrum, weight, std512 } = guide;
  const size = transfer.length;
  const squaredFrequencies = angularFrequencies(size).map((w) => w * w);
  const chain = stdAtSize(std512, size) * stdAtSize(1, size);
  let slope = 0;
  let curvature = 0;
  for (let u = 0, f = 0; u < size; u++) {
    for (let v = 0; v < size; v++, f++) {
      const h = transfer[u]! * transfer[v]!;
      const dh = -chain * (squaredFrequencies[u]! + squaredFrequencies[v]!) * h;
      for (let i = f; i < x.length; i += size * size) {
        slope += (h * x[i]! - spectrum[i]!) * dh * x[i]!;
        curvature += (dh * x[i]!) ** 2;
      }
    }
  }
  return { slope: 2 * weight * slope, curvature: 2 * weight * curvature };
}
