import type { RecipeId } from '../../contract/evaluation.ts';
import { mean } from '../score-table.ts';
import type { Measured, Results } from './collect.ts';
import { bootstrap, frechetDistance, gaussianOf, niqe, type Estimate, type Gaussian } from './statistics.ts';

/** What is measured of a row, over all pairs that have it. */
export interface Measures {
  pairs: number;
  psnr: Estimate;
  ssim: Estimate;
  /** Descriptor distance to the truth. */
  identity?: Estimate;
  /** Landmark distance in pixels. */
  landmarks?: Estimate;
  niqe: Estimate;
  /** Frechet distance of the face descriptors to the truths'; absent for too few pairs. */
  frechet?: Estimate;
  fid?: Estimate;
  lpips?: Estimate;
  /** Gradient energy over the truth's. */
  sharpness: Estimate;
}

/** A row of a table. */
export interface Summary extends Measures {
  seconds: number;
}

interface Pair {
  own: Measured;
  truth: Measured;
}

/** Fewer give a covariance that says nothing about a descriptor of 128 numbers. */
export const LEAST_FOR_FRECHET = 30;
/** A Frechet distance takes an eigendecomposition. */
export const FRECHET_RESAMPLES = 100;

/** Summaries of the rows that at least one pair has. NIQE's undistorted pictures are the truths of the run. */
export function summarise(results: Results): Map<RecipeId, Summary> {
  if (truthsOf(results).length === 0) return new Map();
  const undistorted = undistortedOf(results);
  const ids = new Set(results.pairs.flatMap(({ rows }) => rows.map(({ row }) => row)));
  ids.delete('truth');
  return new Map(
    [...ids].map((id) => [id as RecipeId, summariseRow(pairsOf(results, id as RecipeId), undistorted)]),
  );
}

/** NIQE's undistorted pictures: the truths of the run, of which there must be one. */
export function undistortedOf(results: Results): Gaussian {
  return gaussianOf(truthsOf(results).flatMap(({ naturalScene }) => naturalScene));
}

export function truthsOf({ pairs }: Results): Measured[] {
  return pairs.flatMap(({ rows }) => rows.filter(({ row }) => row === 'truth'));
}

/**
 * The results of those of `ids` that were run at all, on the pairs that have every one of them, so that their means
 * compare the same faces; no pairs where fewer than two were run.
 */
export function comparable(results: Results, ids: readonly RecipeId[]): Results {
  const has = (pair: Results['pairs'][number], id: RecipeId) => pair.rows.some(({ row }) => row === id);
  const run = ids.filter((id) => results.pairs.some((pair) => has(pair, id)));
  const kept = new Set<string>(['truth', ...run]);
  const pairs = results.pairs
    .filter((pair) => run.length > 1 && run.every((id) => has(pair, id)))
    .map(({ name, rows }) => ({ name, rows: rows.filter(({ row }) => kept.has(row)) }));
  return { ...results, pairs };
}

function pairsOf({ pairs }: Results, id: RecipeId): Pair[] {
  return pairs.flatMap(({ rows }) => {
    const own = rows.find(({ row }) => row === id);
    const truth = rows.find(({ row }) => row === 'truth');
    return own && truth ? [{ own, truth }] : [];
  });
}

function summariseRow(pairs: readonly Pair[], undistorted: Gaussian): Summary {
  const naturalness = pairs.map(({ own }) => niqe(own.naturalScene, undistorted));
  return {
    pairs: pairs.length,
    psnr: meanOf(pairs.map(({ own }) => own.psnr)),
    ssim: meanOf(pairs.map(({ own }) => own.ssim)),
    ...optional(
      'identity',
      pairs.flatMap(({ own }) => own.identity ?? []),
    ),
    ...optional(
      'landmarks',
      pairs.flatMap(({ own }) => own.landmarks ?? []),
    ),
    ...optional(
      'lpips',
      pairs.flatMap(({ own }) => own.lpips ?? []),
    ),
    niqe: meanOf(naturalness),
    ...distance('frechet', pairs, ({ descriptor }) => descriptor),
    ...distance('fid', pairs, ({ inception }) => inception),
    sharpness: bootstrap(pairs, (sample) => ratio(sample)),
    seconds: mean(pairs.map(({ own }) => own.seconds)),
  };
}

function meanOf(values: readonly number[]): Estimate {
  return bootstrap(values, mean);
}

function optional<K extends string>(name: K, values: readonly number[]): { [key in K]?: Estimate } {
  return values.length > 0 ? ({ [name]: meanOf(values) } as { [key in K]?: Estimate }) : {};
}

/** Sharpness of faces together: their gradient energy over the truths'. */
export function ratio(pairs: readonly Pair[]): number {
  return mean(pairs.map(({ own }) => own.sharpness)) / mean(pairs.map(({ truth }) => truth.sharpness));
}

function distance<K extends string>(
  name: K,
  pairs: readonly Pair[],
  features: (face: Measured) => number[] | undefined,
): { [key in K]?: Estimate } {
  const both = pairs.flatMap(({ own, truth }) => {
    const [a, b] = [features(own), features(truth)];
    return a && b ? [{ a, b }] : [];
  });
  if (both.length < LEAST_FOR_FRECHET) return {};
  const truths = gaussianOf(both.map(({ b }) => b));
  const statistic = (sample: readonly { a: number[] }[]) =>
    frechetDistance(gaussianOf(sample.map(({ a }) => a)), truths);
  return { [name]: bootstrap(both, statistic, FRECHET_RESAMPLES) } as { [key in K]?: Estimate };
}
