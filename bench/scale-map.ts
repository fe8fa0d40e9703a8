/**
 * `npm run bench -- scale-map --out SHEET.png [--pairs N --steps N --lq LQ --hq HQ --pack ID]`: how A_t moves while a
 * face is sampled (the paper's figure 12), by the preset Detailed with DGSA. Two rows a face: the degraded face and the
 * picture at some timesteps, and below it the truth and A_t at the same ones, black 0 and white 1.
 */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { findPack } from '../cli/find-pack.ts';
import { parseCount } from '../cli/parse-settings.ts';
import { readPairs } from '../cli/read-pairs.ts';
import { mean } from '../cli/score-table.ts';
import { restoreSettingsSchema } from '../contract/restore.ts';
import { readCrop, toSheetPicture } from '../engine/evaluate/evaluate-pair.ts';
import { encodeContactSheet, type LabelledPicture } from '../engine/image/contact-sheet.ts';
import type { FloatImage } from '../engine/image/types.ts';
import { meanScale } from '../engine/method/dgsa.ts';
import { resolvePlan, type SamplingPlan } from '../engine/method/presets.ts';
import type { Networks } from '../engine/method/types.ts';
import { loadPack, type Pack } from '../engine/models/manifest.ts';
import { openPackSessions } from '../engine/models/sessions.ts';
import { writeOutput } from '../engine/output-file.ts';
import { restoreFace } from '../engine/restore-face.ts';

/** Timesteps that a row shows. */
const SHOWN = 5;

/** One step of a face's sampling. */
export interface ScaleStep {
  t: number;
  /** The picture as estimated at this step. */
  picture: FloatImage;
  /** A_t, the mean of its channels, `[S, S]` in 0-1. */
  scale: Float32Array;
}

/** Every step of a restoration with the A_t that DGSA gave. Throws as `restoreFace`. */
export async function scaleSteps(
  lq: FloatImage,
  plan: SamplingPlan,
  pack: Pick<Pack, 'manifest' | 'dsst' | 'facePower'>,
  sessions: Networks,
): Promise<ScaleStep[]> {
  const scales: Float32Array[] = [];
  const steps: ScaleStep[] = [];
  const dgsa: Networks['dgsa'] = async (y1, x0Hat, t) => {
    const scale = await sessions.dgsa(y1, x0Hat, t);
    scales.push(meanScale(scale, scale.length / 3));
    return scale;
  };
  await restoreFace(lq, {
    ...{ sessions: { ...sessions, dgsa }, pack, plan, face: 0 },
    onStep: ({ step, t, preview }) => steps.push({ t, picture: preview, scale: scales[step - 1]! }),
  });
  return steps;
}

/**
 * `count` of the items, evenly from the first to the last; all of them where there are no more.
 * @throws RangeError for a count below 2
 */
export function spread<T>(items: readonly T[], count: number): T[] {
  if (!(count >= 2)) throw new RangeError(`Expected a count of 2 or more but received ${count}`);
  if (items.length <= count) return [...items];
  const at = (i: number) => Math.round((i * (items.length - 1)) / (count - 1));
  return Array.from({ length: count }, (_, i) => items[at(i)]!);
}

/** The two rows of one face. */
export function faceRows(
  lq: FloatImage,
  truth: FloatImage,
  steps: readonly ScaleStep[],
): [LabelledPicture[], LabelledPicture[]] {
  const pictures = steps.map(({ t, picture }) => ({ label: `t ${t}`, image: picture }));
  const maps = steps.map(({ t, picture, scale }) => ({
    label: `a ${t} mean ${mean([...scale]).toFixed(2)}`,
    image: { ...picture, data: Float32Array.from([...scale, ...scale, ...scale]) },
  }));
  return [
    [{ label: 'lq', image: lq }, ...pictures].map(toSheetPicture),
    [{ label: 'truth', image: truth }, ...maps].map(toSheetPicture),
  ];
}

export async function benchScaleMap(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      lq: { type: 'string', default: '../shared/faces/val-lq-00.tar' },
      hq: { type: 'string', default: '../shared/faces/val-hq-00.tar' },
      pack: { type: 'string' },
      pairs: { type: 'string', default: '3' },
      steps: { type: 'string', default: '15' },
      out: { type: 'string' },
    },
  });
  if (values.out === undefined) throw new Error('Expected --out SHEET.png');
  const pack = await loadPack(await findPack(values.pack));
  const sessions = openPackSessions(pack, { provider: 'cpu' });
  const settings = {
    preset: 'detailed',
    dgsa: true,
    sampler: 'spectral',
    steps: parseCount('steps', values.steps),
  };
  const plan = resolvePlan(pack.manifest, restoreSettingsSchema.parse(settings));
  const pairs = (await readPairs(values.lq, values.hq)).slice(0, parseCount('pairs', values.pairs));
  const rows: LabelledPicture[][] = [];
  for (const { name, lq, hq } of pairs) {
    const [crop, truth] = await Promise.all(
      [lq, hq].map((bytes) => readCrop(bytes, name, pack.manifest.resolution)),
    );
    const steps = spread(await scaleSteps(crop!, plan, pack, sessions), SHOWN);
    console.log(name, steps.map(({ t, scale }) => `t ${t}: ${mean([...scale]).toFixed(3)}`).join(', '));
    rows.push(...faceRows(crop!, truth!, steps));
  }
  await sessions.release();
  await writeOutput(resolve(values.out), await encodeContactSheet(rows), { overwrite: true });
}
