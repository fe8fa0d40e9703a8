/** Weights of the guides: always of sum 1. */

/** Table 7 of the paper, by the number of guides. */
const PAPER_WEIGHTS: readonly (readonly number[])[] = [
  [1],
  [0.8, 0.2],
  [0.7, 0.2, 0.1],
  [0.7, 0.1, 0.1, 0.1],
];

export const MAX_GUIDES = PAPER_WEIGHTS.length;

/** Throws `RangeError` for a number of guides outside 1-4. */
export function paperWeights(guides: number): number[] {
  const weights = PAPER_WEIGHTS[guides - 1];
  if (!weights) throw new RangeError(`Expected guides between 1 and ${MAX_GUIDES} but received ${guides}`);
  return [...weights];
}

/**
 * One weight set to `value`; the others share the rest in the proportion that they had, equally where all were 0.
 * A single guide keeps the weight 1.
 */
export function moveWeight(weights: readonly number[], index: number, value: number): number[] {
  if (weights.length === 1) return [1];
  const set = Math.min(1, Math.max(0, value));
  const others = weights.reduce((sum, weight, i) => (i === index ? sum : sum + weight), 0);
  const share = (weight: number) =>
    others > 0 ? (weight / others) * (1 - set) : (1 - set) / (weights.length - 1);
  return tidy(weights.map((weight, i) => (i === index ? set : share(weight))));
}

/** Rounded to thousandths, the remainder given to the greatest, so that the sum stays 1. */
function tidy(weights: readonly number[]): number[] {
  const rounded = weights.map((weight) => Math.round(weight * 1000) / 1000);
  const rest = 1 - rounded.reduce((sum, weight) => sum + weight, 0);
  const greatest = rounded.indexOf(Math.max(...rounded));
  return rounded.map((weight, i) => (i === greatest ? Math.round((weight + rest) * 1000) / 1000 : weight));
}

export function sameWeights(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((weight, i) => Math.abs(weight - b[i]!) < 1e-3);
}
