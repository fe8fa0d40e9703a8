import { dct2, gaussianTransfer, stdAtSize } from './spectral-blur.ts';
import type { ErrorCurve } from './types.ts';

/**
 * How much of a preset's least blur a face needs (ours). The least blur takes from RM's picture the fine detail that the
 * prior is to draw. Where RM's picture already has that detail, it would be lost for an invented one: a scan that is
 * sharp but grainy. So a blur is needed as far as what it takes holds more error than detail:
 * `E(0) - E(std) >= P(0) - P(std)`, E the error that SE expects of `k_std (*) RM(y)`, P the power of `k_std (*) RM(y)`.
 * For an RM that gives the mean of all faces that y may be, that is where it shows less than half of the face's power.
 * @param restoration RM(y), `[3, S, S]` in about [0, 1]
 * @param least the preset's least blur, in 512-pixel units
 * @returns the largest std up to `least`, in 512-pixel units, of which that holds; the first knot where it holds of none
 * @throws RangeError where the curve has not one value a knot
 */
export function neededBlur(restoration: Float32Array, curve: ErrorCurve, least: number): number {
  const { knots, log10 } = curve;
  if (knots.length !== log10.length)
    throw new RangeError(`Expected an error for each of ${knots.length} knots but received ${log10.length}`);
  const [smallest = least, ...others] = knots;
  if (least <= smallest) return least;
  const power = powerOf(restoration);
  const excess = (std: number) => errorAt(curve, smallest) - errorAt(curve, std) - powerTaken(power, std);
  let above: { std: number; excess: number } | undefined;
  for (const std of [least, ...others.filter((knot) => knot < least).reverse()]) {
    const here = excess(std);
    if (here >= 0) return above ? std + ((above.std - std) * here) / (here - above.excess) : std;
    above = { std, excess: here };
  }
  return smallest;
}

/** Mean square error at a std, log-linear between the knots; an end's beyond them. */
function errorAt({ knots, log10 }: ErrorCurve, std: number): number {
  const right = knots.findIndex((knot) => knot >= std);
  if (right <= 0) return 10 ** log10.at(right)!;
  const [a, b] = [knots[right - 1]!, knots[right]!];
  const share = (std - a) / (b - a);
  return 10 ** ((1 - share) * log10[right - 1]! + share * log10[right]!);
}

/** Mean square of each frequency over the planes, `[S, S]`; their sum is the picture's mean square. */
function powerOf(restoration: Float32Array): Float64Array {
  const spectrum = dct2(restoration);
  const power = new Float64Array(spectrum.length / 3);
  for (let i = 0; i < spectrum.length; i++) power[i % power.length]! += spectrum[i]! ** 2 / spectrum.length;
  return power;
}

/** Mean square of what a blur takes away, of a power spectrum: the sum of `(1 - H^2) P`. */
function powerTaken(power: Float64Array, std512: number): number {
  const size = Math.sqrt(power.length);
  const squared = gaussianTransfer(stdAtSize(std512, size), size).map((h) => h * h);
  let taken = 0;
  for (let u = 0, i = 0; u < size; u++)
    for (let v = 0; v < size; v++, i++) taken += power[i]! * (1 - squared[u]! * squared[v]!);
  return taken;
}

/**
 * How much of a preset's rho a face gets (ours): where only a part of the least blur is needed, RM's picture has the
 * detail that the prior would draw, and what the prior says of a face that it sees under noise counts less.
 * @param share the needed blur over the least blur, 0-1
 */
export function neededRho(rho: number, share: number): number {
  return rho * share ** 2;
}
