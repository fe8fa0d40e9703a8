import { COMPARISONS, RECIPE_IDS, type RecipeId } from '../../contract/evaluation.ts';
import { mean } from '../score-table.ts';
import type { Measured, Results } from './collect.ts';
import { bootstrap, frechetDistance, gaussianOf, niqe, type Gaussian } from './statistics.ts';
import {
  FRECHET_RESAMPLES,
  LEAST_FOR_FRECHET,
  ratio,
  truthsOf,
  undistortedOf,
  type Measures,
} from './summarise.ts';

/** What a row has more than another one on the same pairs, measure by measure. */
export interface Difference extends Measures {
  title: string;
}

/** A face in two restorations, and its truth. */
interface Twice {
  own: Measured;
  other: Measured;
  truth: Measured;
}

/** `COMPARISONS`, those whose two rows at least two pairs have. */
export function compareRows(results: Results): Difference[] {
  return differencesOf(
    results,
    COMPARISONS.map(([id, than, title]) => ({ title, faces: twice(results, id, results, than) })),
  );
}

/** Every row that both have, by its id, on the pairs (by name) that have it in both. */
export function compareResults(results: Results, others: Results): Difference[] {
  return differencesOf(
    results,
    RECIPE_IDS.map((id) => ({ title: id, faces: twice(results, id, others, id) })),
  );
}

/** Leaves out those of fewer than two pairs. */
function differencesOf(
  results: Results,
  compared: readonly { title: string; faces: readonly Twice[] }[],
): Difference[] {
  if (truthsOf(results).length === 0) return [];
  const undistorted = undistortedOf(results);
  return compared
    .filter(({ faces }) => faces.length > 1)
    .map(({ title, faces }) => ({ title, ...differenceOf(faces, undistorted) }));
}

function twice(results: Results, id: RecipeId, others: Results, than: RecipeId): Twice[] {
  const byName = new Map(others.pairs.map(({ name, rows }) => [name, rows]));
  return results.pairs.flatMap(({ name, rows }) => {
    const own = rows.find(({ row }) => row === id);
    const truth = rows.find(({ row }) => row === 'truth');
    const other = byName.get(name)?.find(({ row }) => row === than);
    return own && truth && other ? [{ own, other, truth }] : [];
  });
}

function differenceOf(faces: readonly Twice[], undistorted: Gaussian): Measures {
  const identity = differences(faces, (face) => face.identity);
  const landmarks = differences(faces, (face) => face.landmarks);
  return {
    pairs: faces.length,
    psnr: bootstrap(
      differences(faces, ({ psnr }) => psnr),
      mean,
    ),
    ssim: bootstrap(
      differences(faces, ({ ssim }) => ssim),
      mean,
    ),
    ...(identity.length > 0 && { identity: bootstrap(identity, mean) }),
    ...(landmarks.length > 0 && { landmarks: bootstrap(landmarks, mean) }),
    niqe: bootstrap(
      differences(faces, ({ naturalScene }) => niqe(naturalScene, undistorted)),
      mean,
    ),
    ...(faces.length >= LEAST_FOR_FRECHET && {
      frechet: bootstrap(faces, frechetDifference(faces), FRECHET_RESAMPLES),
    }),
    sharpness: bootstrap(faces, (sample) => ratio(sample) - ratio(sample.map(swap))),
  };
}

/** Of the faces in which both have the measure. */
function differences(faces: readonly Twice[], measure: (face: Measured) => number | undefined): number[] {
  return faces.flatMap(({ own, other }) => {
    const [a, b] = [measure(own), measure(other)];
    return a === undefined || b === undefined ? [] : a - b;
  });
}

function frechetDifference(faces: readonly Twice[]): (sample: readonly Twice[]) => number {
  const truths = gaussianOf(faces.map(({ truth }) => truth.descriptor));
  const distance = (sample: readonly Measured[]) =>
    frechetDistance(gaussianOf(sample.map(({ descriptor }) => descriptor)), truths);
  return (sample) => distance(sample.map(({ own }) => own)) - distance(sample.map(({ other }) => other));
}

function swap({ own, other, truth }: Twice): Twice {
  return { own: other, other: own, truth };
}
