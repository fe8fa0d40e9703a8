/**
 * `npm run bench -- fit [--fit N --report N --rho A,B --spacing A,B --scale dgsa,0.5,1 --steps A,B]`: the constants of
 * Balanced with the spectral sampler, every combination on the first pairs of the validation set, the ones named by
 * `--best` best also on later pairs, which had no part in the choice. PSNR, SSIM, sharpness (gradient energy as a part
 * of the truth's) and the distance of face descriptors to the truth.
 */
import { parseArgs } from 'node:util';
import { findPack } from '../cli/find-pack.ts';
import { parseCount } from '../cli/parse-settings.ts';
import { readPairs } from '../cli/read-pairs.ts';
import { mean } from '../cli/score-table.ts';
import { restoreSettingsSchema } from '../contract/restore.ts';
import { readCrop } from '../engine/evaluate/evaluate-pair.ts';
import { createFaceDetector } from '../engine/faces/detector.ts';
import { identityDistance } from '../engine/faces/identity.ts';
import { toFloat, toRgb } from '../engine/image/geometry.ts';
import { gradientEnergy, psnr, ssim } from '../engine/image/metrics.ts';
import type { FloatImage } from '../engine/image/types.ts';
import { takeDescriptor } from '../engine/likeness.ts';
import { resolvePlan, type SamplingPlan } from '../engine/method/presets.ts';
import type { Networks } from '../engine/method/types.ts';
import { loadPack, type Pack } from '../engine/models/manifest.ts';
import { openPackSessions } from '../engine/models/sessions.ts';
import { networksOfFace } from '../engine/prepared-faces.ts';
import { restoreFace } from '../engine/restore-face.ts';
import { printMachine } from './report.ts';

const PAIRS = '../shared/faces/val-';

interface Constants {
  rho: number;
  spacing: number;
  scale: 'dgsa' | number;
  steps: number;
}
type Measures = Record<'psnr' | 'ssim' | 'sharpness' | 'identity', number>;
type Detector = Awaited<ReturnType<typeof createFaceDetector>>;

interface Face {
  lq: FloatImage;
  truth: FloatImage;
  descriptor: Float32Array | undefined;
  /** RM and SE run once a face, whatever the constants. */
  networks: Networks;
}

async function measure(image: FloatImage, face: Face, detector: Detector): Promise<Measures> {
  const shown = toFloat(toRgb(image, 8));
  const descriptor = await takeDescriptor(detector, shown);
  return {
    psnr: psnr(shown, face.truth),
    ssim: ssim(shown, face.truth),
    sharpness: gradientEnergy(shown) / gradientEnergy(face.truth),
    identity: descriptor && face.descriptor ? identityDistance(descriptor, face.descriptor) : NaN,
  };
}

function planOf({ manifest }: Pack, { rho, spacing, scale, steps }: Constants): SamplingPlan {
  const plan = resolvePlan(
    manifest,
    restoreSettingsSchema.parse({ preset: 'balanced', sampler: 'spectral' }),
  );
  const { sampling } = plan;
  if (sampling.sampler !== 'spectral') throw new Error('Expected the spectral sampler');
  return { ...plan, rho, spacing, guidanceScale: scale, sampling: { ...sampling, steps } };
}

function average(all: readonly Measures[]): Measures {
  const of = (name: keyof Measures) =>
    mean(all.map((one) => one[name]).filter((value) => !Number.isNaN(value)));
  return { psnr: of('psnr'), ssim: of('ssim'), sharpness: of('sharpness'), identity: of('identity') };
}

function print(what: string, { psnr, ssim, sharpness, identity }: Measures): void {
  const cells = [psnr.toFixed(2), ssim.toFixed(4), sharpness.toFixed(3), identity.toFixed(3)];
  console.log(`${what.padEnd(44)}${cells.map((cell) => cell.padStart(10)).join('')}`);
}

function name({ rho, spacing, scale, steps }: Constants): string {
  return `rho ${rho}, spacing ${spacing}, scale ${scale}, ${steps} steps`;
}

/** Every combination of the lists. */
function combinations(lists: { [Key in keyof Constants]: Constants[Key][] }): Constants[] {
  return lists.rho.flatMap((rho) =>
    lists.spacing.flatMap((spacing) =>
      lists.scale.flatMap((scale) => lists.steps.map((steps) => ({ rho, spacing, scale, steps }))),
    ),
  );
}

function numbers(option: string, text: string): number[] {
  const values = text.split(',').map(Number);
  if (values.every((value) => value >= 0)) return values;
  throw new Error(`Expected ${option} as numbers of 0 or more but received ${text}`);
}

export async function benchFit(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      pack: { type: 'string' },
      fit: { type: 'string', default: '24' },
      report: { type: 'string', default: '48' },
      best: { type: 'string', default: '2' },
      rho: { type: 'string', default: '0.0001,0.0003,0.001,0.003,0.01,0.03' },
      spacing: { type: 'string', default: '4' },
      scale: { type: 'string', default: 'dgsa,1' },
      steps: { type: 'string', default: '5' },
    },
  });
  const candidates = combinations({
    rho: numbers('--rho', values.rho),
    spacing: numbers('--spacing', values.spacing),
    scale: values.scale.split(',').map((part) => (part === 'dgsa' ? part : numbers('--scale', part)[0]!)),
    steps: numbers('--steps', values.steps),
  });
  const [fitted, reported] = [parseCount('fit', values.fit), parseCount('report', values.report)];
  const pack = await loadPack(await findPack(values.pack));
  const sessions = openPackSessions(pack, { provider: 'cpu' });
  const detector = await createFaceDetector();
  const pairs = (await readPairs(`${PAIRS}lq-00.tar`, `${PAIRS}hq-00.tar`)).slice(0, fitted + reported);
  const size = pack.manifest.resolution;
  const faces: Face[] = [];
  for (const pair of pairs) {
    const [lq, truth] = [await readCrop(pair.lq, pair.name, size), await readCrop(pair.hq, pair.name, size)];
    faces.push({
      lq,
      truth,
      descriptor: await takeDescriptor(detector, truth),
      networks: networksOfFace(sessions, lq),
    });
  }
  const tryOn = async (constants: Constants, some: readonly Face[]) => {
    const plan = planOf(pack, constants);
    const measures: Measures[] = [];
    for (const face of some) {
      const { image } = await restoreFace(face.lq, { sessions: face.networks, pack, plan, face: 0 });
      measures.push(await measure(image, face, detector));
    }
    return average(measures);
  };
  const plainly = async (what: 'LQ' | 'RM', some: readonly Face[]) => {
    const measures: Measures[] = [];
    for (const face of some) {
      const image =
        what === 'LQ' ? face.lq : { ...face.lq, data: await face.networks.restoration(face.lq.data) };
      measures.push(await measure(image, face, detector));
    }
    print(what, average(measures));
  };
  const table = async (constants: readonly Constants[], some: readonly Face[]) => {
    console.log(`\n${`${some.length} pairs`.padEnd(44)}      PSNR      SSIM sharpness  identity`);
    await plainly('LQ', some);
    await plainly('RM', some);
    const rows: { constants: Constants; measures: Measures }[] = [];
    for (const one of constants) {
      const measures = await tryOn(one, some);
      print(name(one), measures);
      rows.push({ constants: one, measures });
    }
    return rows;
  };
  printMachine({ node: process.versions.node });
  console.log(`Pack      ${pack.manifest.id} ${pack.manifest.version}, Balanced, spectral`);
  const rows = await table(candidates, faces.slice(0, fitted));
  const best = rows
    .sort((a, b) => a.measures.identity - b.measures.identity)
    .slice(0, parseCount('best', values.best));
  await table(
    best.map(({ constants }) => constants),
    faces.slice(fitted),
  );
  await sessions.release();
}
