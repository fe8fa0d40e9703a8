import { HeirloomError } from '../../contract/errors.ts';
import type { GuideChoice } from '../../contract/restore.ts';
import type { AutoTable } from '../models/manifest.ts';
import type { BlurLevel } from './dblm.ts';
import { defaultWeights, normaliseWeights } from './guidance.ts';
import type { SamplingPlan } from './presets.ts';

/**
 * Guides by confidence (ours): where SE is sure of its std_hat one guide holds the face to it, where it is not several
 * guides, further apart, reach over the blurs that it may have. Stds and their errors are in 512-pixel units.
 */

export type AutoLevel = AutoTable['levels'][number];

/** An error is not measured against less blur than this. */
const LEAST_BLUR = 1;

/** SE's expected error as a table's bounds are meant: of std_hat, or relative to it. */
export function boundedError(stdHat: number, error: number, relative: boolean): number {
  return relative ? error / Math.max(stdHat, LEAST_BLUR) : error;
}

/**
 * The first level whose bound is at least SE's expected error.
 * @throws RangeError for an error that is no number of 0 or more, and where every level has a smaller bound
 */
export function chooseLevel({ levels, relative }: AutoTable, stdHat: number, error: number): AutoLevel {
  if (!(error >= 0)) throw new RangeError(`Expected an error of 0 or more but received ${error}`);
  const bounded = boundedError(stdHat, error, relative);
  const level = levels.find(({ error: bound = Infinity }) => bound >= bounded);
  if (!level) throw new RangeError(`Expected a level for an error of ${bounded} but received none`);
  return level;
}

/**
 * The plan with the guides of one face. It stays as it is without `auto`, and where SE does not tell its error.
 * @throws HeirloomError `argument/invalid` where `auto` was asked for and SE does not tell its error
 */
export function planGuides(
  plan: SamplingPlan,
  { stdHat, error }: Pick<BlurLevel, 'stdHat' | 'error'>,
): { plan: SamplingPlan; choice?: GuideChoice } {
  const { auto } = plan;
  if (!auto || (error === undefined && !auto.required)) return { plan };
  if (error === undefined)
    throw new HeirloomError(
      'argument/invalid',
      'Expected a blur estimator that tells its error with auto but received one that does not',
    );
  const { guides, spacing, rho = plan.rho } = chooseLevel(auto, stdHat, error);
  const weights = normaliseWeights(defaultWeights(guides));
  return { plan: { ...plan, weights, spacing, rho }, choice: { error, guides, spacing } };
}
