import { mean } from '../cli/score-table.ts';
import { bootstrap, type Estimate } from '../cli/tables/statistics.ts';
import { boundedError, chooseLevel } from '../engine/method/auto-guides.ts';
import type { AutoTable } from '../engine/models/manifest.ts';
import { percentile } from './statistics.ts';

/** What one face came to with one choice of constants. */
export interface Measures {
  /** In dB. */
  psnr: number;
  ssim: number;
  /** Gradient energy as a part of the truth's. */
  sharpness: number;
  /** Distance of face descriptors to the truth; NaN where one cannot be taken. */
  identity: number;
}

/** What a level of a table may choose. */
export interface Choice {
  guides: number;
  spacing: number;
  rho: number;
}

/** A face with what each of the choices made of it, in their order. */
export interface MeasuredFace {
  name: string;
  /** SE's, in 512-pixel units. */
  stdHat: number;
  /** SE's expected error of it, likewise. */
  error: number;
  tries: readonly Measures[];
}

/** What the choice of a level goes by. */
export type Criterion = 'psnr' | 'identity';

export interface FitOptions {
  by: Criterion;
  /** The table's: errors are divided by max(std_hat, 1). */
  relative: boolean;
}

const LEVELS = 3;

/**
 * The manifest's `auto`: the faces in three equal parts by SE's expected error, and for each part the choice with the
 * greatest gain over the choice that is best for all faces. The gain is the mean of the faces' differences *minus its
 * standard error*, so that a part with few faces leaves the common choice for a clear gain only. Neighbours with the
 * same choice become one level.
 * @throws RangeError for fewer faces than levels, or no choice
 */
export function fitTable(
  faces: readonly MeasuredFace[],
  choices: readonly Choice[],
  { by, relative }: FitOptions,
): AutoTable {
  if (faces.length < LEVELS || choices.length === 0)
    throw new RangeError(
      `Expected ${LEVELS} faces or more and a choice but received ${faces.length}, ${choices.length}`,
    );
  const common = greatest(choices.map((_, i) => meanOf(faces.map((face) => scoreOf(face, i, by)))));
  const errors = faces.map(({ stdHat, error }) => boundedError(stdHat, error, relative));
  const bounds = Array.from({ length: LEVELS }, (_, i) => upTo(errors, i + 1));
  const levels = bounds.flatMap((bound, i) => {
    const part = faces.filter((_, f) => errors[f]! <= bound && errors[f]! > (bounds[i - 1] ?? -1));
    const best = greatest(choices.map((_, choice) => gainOver(part, choice, common, by)));
    return part.length === 0 ? [] : [{ error: bound, ...choices[best]! }];
  });
  const merged = levels.filter((level, i) => i === levels.length - 1 || !sameChoice(level, levels[i + 1]!));
  const { error: _, ...last } = merged.at(-1)!;
  return { relative, levels: [...merged.slice(0, -1), last] };
}

/** The bound that holds `level` parts of the errors, upwards to three decimals. */
function upTo(errors: readonly number[], level: number): number {
  return Math.ceil(percentile(errors, (100 * level) / LEVELS) * 1000) / 1000;
}

/** Greater is better. */
function scoreOf({ tries }: MeasuredFace, choice: number, by: Criterion): number {
  return by === 'psnr' ? tries[choice]!.psnr : -tries[choice]!.identity;
}

/** Mean of the differences less its standard error; 0 for the common choice itself. */
function gainOver(faces: readonly MeasuredFace[], choice: number, common: number, by: Criterion): number {
  const gains = numbers(faces.map((face) => scoreOf(face, choice, by) - scoreOf(face, common, by)));
  if (choice === common) return 0;
  if (gains.length < 2) return -Infinity;
  const average = mean(gains);
  const variance = gains.reduce((sum, gain) => sum + (gain - average) ** 2, 0) / (gains.length - 1);
  return average - Math.sqrt(variance / gains.length);
}

function numbers(values: readonly number[]): number[] {
  return values.filter((value) => !Number.isNaN(value));
}

/** Over those that are numbers. */
export function meanOf(values: readonly number[]): number {
  return mean(numbers(values));
}

function greatest(values: readonly number[]): number {
  return values.reduce((best, value, i) => (value > values[best]! ? i : best), 0);
}

function sameChoice(a: Choice, b: Choice): boolean {
  return a.guides === b.guides && a.spacing === b.spacing && a.rho === b.rho;
}

/**
 * The place among the choices of what a table chooses for each face.
 * @throws RangeError where it chooses what is not among them
 */
export function chosenPlaces(
  table: AutoTable,
  faces: readonly MeasuredFace[],
  choices: readonly Choice[],
): number[] {
  return faces.map(({ stdHat, error }) => {
    const level = chooseLevel(table, stdHat, error);
    const place = choices.findIndex((choice) =>
      sameChoice(choice, { ...level, rho: level.rho ?? choice.rho }),
    );
    if (place < 0)
      throw new RangeError(`Expected a choice of ${level.guides} guides, ${level.spacing} apart`);
    return place;
  });
}

/** Auto less one fixed choice, on the same faces, with 95 % bootstrap intervals. */
export interface Difference {
  psnr: Estimate;
  identity: Estimate | undefined;
}

/** `places`: what auto chose for each face. Throws a RangeError for no faces. */
export function differenceTo(
  fixed: number,
  faces: readonly MeasuredFace[],
  places: readonly number[],
): Difference {
  const gains = (measure: Criterion) =>
    numbers(faces.map(({ tries }, i) => tries[places[i]!]![measure] - tries[fixed]![measure]));
  const identity = gains('identity');
  return {
    psnr: bootstrap(gains('psnr'), mean),
    identity: identity.length > 0 ? bootstrap(identity, mean) : undefined,
  };
}
