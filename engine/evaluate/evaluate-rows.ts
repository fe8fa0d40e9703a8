import type { EngineParams, EngineResult } from '../../contract/engine.ts';
import { RECIPES, type RecipeId } from '../../contract/evaluation.ts';
import type { FaceDetector } from '../faces/types.ts';
import { toRgb } from '../image/geometry.ts';
import { gradientEnergy } from '../image/metrics.ts';
import type { FloatImage } from '../image/types.ts';
import type { OpenModels } from '../open-models.ts';
import { createJudge, readCrop, secondsSince, type Judge } from './evaluate-pair.ts';
import { naturalSceneFeatures } from './natural-scene.ts';
import type { UserNetworks } from './user-networks.ts';
import { runRecipe } from './run-recipe.ts';

type Request = Omit<EngineParams<'evaluateRows'>, 'models' | 'networks'>;
type Measured = EngineResult<'evaluateRows'>['rows'][number];

interface Laboratory {
  truth: FloatImage;
  judge: Judge;
  detector: FaceDetector;
  networks: UserNetworks | undefined;
}

/** Makes the faces of the asked rows out of one degraded aligned face, and measures each, and the truth itself. */
export async function evaluateRows(
  { name, lq, hq, rows, seed, index }: Request,
  detector: FaceDetector,
  models: OpenModels,
  networks: UserNetworks | undefined,
  signal: AbortSignal,
): Promise<EngineResult<'evaluateRows'>> {
  const size = models.pack.manifest.resolution;
  const degraded = await readCrop(lq, `${name} (lq)`, size);
  const truth = await readCrop(hq, `${name} (hq)`, size);
  const laboratory = { truth, judge: await createJudge(truth, detector), detector, networks };
  const measured: Measured[] = [await measure('truth', truth, 0, laboratory)];
  for (const row of rows) {
    const began = performance.now();
    const face = await runRecipe(RECIPES[row], degraded, { models, seed, index, signal });
    measured.push(await measure(row, face, secondsSince(began), laboratory));
  }
  return { rows: measured };
}

async function measure(
  row: RecipeId | 'truth',
  image: FloatImage,
  seconds: number,
  { truth, judge, detector, networks }: Laboratory,
): Promise<Measured> {
  const { method: _, ...score } = await judge(row, image, seconds);
  return {
    ...{ row, ...score },
    sharpness: gradientEnergy(image),
    descriptor: Float32Array.from(await detector.descriptor(toRgb(image, 8))),
    naturalScene: naturalSceneFeatures(image),
    ...(networks && (await networks.measure(image, truth))),
  };
}
