/**
 * `npm run bench -- fit [--fit N --report N --guides A,B --rho A,B --spacing A,B --scale dgsa,0.5,1 --steps A,B
 * --refine off,on --least A,B --by psnr|identity|frechet --best N --json FILE]`: the constants of Balanced with the spectral
 * sampler, every combination on the first pairs of the validation set, the best ones also on later pairs, which had no
 * part in the choice. PSNR, SSIM, sharpness (gradient energy as a part of the truth's), distance of face descriptors to
 * the truth, and Frechet distance of all descriptors to the truths' (to be compared between rows of the same pairs only).
 *
 * `--json FILE`: SE's std_hat and expected error of each face, with the measures of each combination.
 * `--auto [--relative]`: fits the manifest's `auto` to the first pairs (see fit-auto.ts), prints it, and sets it against
 * every fixed choice on the later ones, all of which are tried there.
 */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { findPack } from '../cli/find-pack.ts';
import { parseCount } from '../cli/parse-settings.ts';
import { readPairs } from '../cli/read-pairs.ts';
import { frechetDistance, gaussianOf, type Estimate } from '../cli/tables/statistics.ts';
import { restoreSettingsSchema } from '../contract/restore.ts';
import { readCrop } from '../engine/evaluate/evaluate-pair.ts';
import { createFaceDetector } from '../engine/faces/detector.ts';
import { identityDistance } from '../engine/faces/identity.ts';
import { toFloat, toRgb } from '../engine/image/geometry.ts';
import { gradientEnergy, psnr, ssim } from '../engine/image/metrics.ts';
import type { FloatImage } from '../engine/image/types.ts';
import { takeDescriptor } from '../engine/likeness.ts';
import { mapBlurLevel } from '../engine/method/dblm.ts';
import { defaultWeights } from '../engine/method/guidance.ts';
import { resolvePlan, type SamplingPlan } from '../engine/method/presets.ts';
import type { Networks } from '../engine/method/types.ts';
import { loadPack, type Pack } from '../engine/models/manifest.ts';
import { openPackSessions } from '../engine/models/sessions.ts';
import { networksOfFace } from '../engine/prepared-faces.ts';
import { restoreFace } from '../engine/restore-face.ts';
import {
  chosenPlaces,
  differenceTo,
  fitTable,
  meanOf,
  type Choice,
  type FitOptions,
  type MeasuredFace,
  type Measures,
} from './fit-auto.ts';
import { printMachine } from './report.ts';

const PAIRS = '../shared/faces/val-';
const CRITERIA = ['psnr', 'identity', 'frechet'] as const;

export interface Constants extends Choice {
  scale: 'dgsa' | number;
  steps: number;
  refine: boolean;
  /** Least blur, in 512-pixel units. */
  least: number;
}

/** A restored face, measured. */
interface Try extends Measures {
  descriptor: Float32Array | undefined;
}
type Means = Measures & { frechet: number };
type Detector = Awaited<ReturnType<typeof createFaceDetector>>;

interface Face {
  name: string;
  lq: FloatImage;
  truth: FloatImage;
  descriptor: Float32Array | undefined;
  /** RM and SE run once a face, whatever the constants. */
  networks: Networks;
  stdHat: number;
  /** SE's expected error; undefined where it does not tell it. */
  error: number | undefined;
}

/** A face with what the photo, RM and each of the combinations came to. */
interface TriedFace extends Omit<MeasuredFace, 'error'> {
  face: Face;
  error: number | undefined;
  lq: Try;
  rm: Try;
  tries: Try[];
}

interface Bench {
  pack: Pack;
  detector: Detector;
}

async function measure(image: FloatImage, face: Face, detector: Detector): Promise<Try> {
  const shown = toFloat(toRgb(image, 8));
  const descriptor = await takeDescriptor(detector, shown);
  return {
    psnr: psnr(shown, face.truth),
    ssim: ssim(shown, face.truth),
    sharpness: gradientEnergy(shown) / gradientEnergy(face.truth),
    identity: descriptor && face.descriptor ? identityDistance(descriptor, face.descriptor) : NaN,
    descriptor,
  };
}

/** Balanced with the constants in place of its own. */
export function planOf({ manifest }: Pick<Pack, 'manifest'>, constants: Constants): SamplingPlan {
  const settings = { preset: 'balanced', sampler: 'spectral', auto: false };
  const plan = resolvePlan(manifest, restoreSettingsSchema.parse(settings));
  const { sampling } = plan;
  if (sampling.sampler !== 'spectral') throw new Error('Expected the spectral sampler');
  const { guides, rho, spacing, scale, steps, refine, least } = constants;
  return {
    ...plan,
    axis: { ...manifest.stdAxis, min: least },
    ...{ weights: defaultWeights(guides), rho, spacing, guidanceScale: scale, kernelRefinement: refine },
    sampling: { ...sampling, steps },
  };
}

async function tryFace(
  face: Face,
  constants: readonly Constants[],
  { pack, detector }: Bench,
): Promise<TriedFace> {
  const { name, stdHat, error, lq, networks } = face;
  const rm = { ...lq, data: (await networks.restoration(lq.data)).picture };
  const tries: Try[] = [];
  for (const one of constants) {
    const { image } = await restoreFace(lq, { sessions: networks, pack, plan: planOf(pack, one), face: 0 });
    tries.push(await measure(image, face, detector));
  }
  const plain = { lq: await measure(lq, face, detector), rm: await measure(rm, face, detector) };
  return { face, name, stdHat, error, ...plain, tries };
}

async function tryAll(
  faces: readonly Face[],
  constants: readonly Constants[],
  bench: Bench,
): Promise<TriedFace[]> {
  const tried: TriedFace[] = [];
  for (const face of faces) {
    tried.push(await tryFace(face, constants, bench));
    process.stderr.write(`\r${tried.length} of ${faces.length}`);
  }
  process.stderr.write('\n');
  return tried;
}

/** Means over the faces, `tryOf` giving the try of each. */
function average(faces: readonly TriedFace[], tryOf: (face: TriedFace, place: number) => Try): Means {
  const tries = faces.map(tryOf);
  const of = (name: keyof Measures) => meanOf(tries.map((one) => one[name]));
  return {
    ...{ psnr: of('psnr'), ssim: of('ssim'), sharpness: of('sharpness'), identity: of('identity') },
    frechet: frechetOf(
      faces.flatMap(({ face }, i) => bothDescriptors(tries[i]!.descriptor, face.descriptor)),
    ),
  };
}

function bothDescriptors(own: Float32Array | undefined, truth: Float32Array | undefined) {
  return own && truth ? [{ own, truth }] : [];
}

function frechetOf(both: readonly { own: Float32Array; truth: Float32Array }[]): number {
  if (both.length < 2) return NaN;
  return frechetDistance(gaussianOf(both.map(({ own }) => own)), gaussianOf(both.map(({ truth }) => truth)));
}

function print(what: string, { psnr, ssim, sharpness, identity, frechet }: Means): void {
  const cells = [
    psnr.toFixed(2),
    ssim.toFixed(4),
    ...[sharpness, identity, frechet].map((n) => n.toFixed(3)),
  ];
  console.log(`${what.padEnd(60)}${cells.map((cell) => cell.padStart(10)).join('')}`);
}

function nameOf({ guides, rho, spacing, scale, steps, refine, least }: Constants): string {
  const apart = guides === 1 ? '' : `, spacing ${spacing}`;
  return `guides ${guides}${apart}, least ${least}, rho ${rho}, scale ${scale}, ${steps} steps${refine ? ', refined' : ''}`;
}

/** Prints the rows, and gives those of the constants. */
function printTable(constants: readonly Constants[], faces: readonly TriedFace[]): Means[] {
  const titles = ['PSNR', 'SSIM', 'sharpness', 'identity', 'Fréchet'];
  console.log(`\n${`${faces.length} pairs`.padEnd(60)}${titles.map((title) => title.padStart(10)).join('')}`);
  print(
    'LQ',
    average(faces, ({ lq }) => lq),
  );
  print(
    'RM',
    average(faces, ({ rm }) => rm),
  );
  return constants.map((one, i) => {
    const means = average(faces, ({ tries }) => tries[i]!);
    print(nameOf(one), means);
    return means;
  });
}

type Lists = { [Key in keyof Constants]: readonly Constants[Key][] };

/** Every combination of the lists; a single guide has no spacing, and is there once for all of them. */
export function combinations({ guides, rho, spacing, scale, steps, refine, least }: Lists): Constants[] {
  const spacings = (count: number) => (count === 1 ? spacing.slice(0, 1) : spacing);
  return guides.flatMap((count) =>
    spacings(count).flatMap((apart) =>
      rho.flatMap((trust) =>
        scale.flatMap((a) =>
          steps.flatMap((number) =>
            refine.flatMap((refined) =>
              least.map((blur) => ({
                ...{ guides: count, spacing: apart, rho: trust },
                ...{ scale: a, steps: number, refine: refined, least: blur },
              })),
            ),
          ),
        ),
      ),
    ),
  );
}

/** The combinations, the best first. */
export function bestFirst(
  constants: readonly Constants[],
  means: readonly Pick<Means, (typeof CRITERIA)[number]>[],
  by: (typeof CRITERIA)[number],
): Constants[] {
  const sign = by === 'psnr' ? -1 : 1;
  const places = constants.map((_, i) => i).sort((a, b) => sign * (means[a]![by] - means[b]![by]));
  return places.map((place) => constants[place]!);
}

function numbers(option: string, text: string): number[] {
  const values = text.split(',').map(Number);
  if (values.every((value) => value >= 0)) return values;
  throw new Error(`Expected ${option} as numbers of 0 or more but received ${text}`);
}

function switches(option: string, text: string): boolean[] {
  const words = text.split(',');
  if (words.every((word) => word === 'on' || word === 'off')) return words.map((word) => word === 'on');
  throw new Error(`Expected ${option} as off, on or both but received ${text}`);
}

function criterion(text: string): (typeof CRITERIA)[number] {
  const by = CRITERIA.find((one) => one === text);
  if (by) return by;
  throw new Error(`Expected --by as ${CRITERIA.join(', ')} but received ${text}`);
}

/** A table tells guides, spacing and rho; and a Frechet distance is of many faces, not of one. */
function expectAuto({ scale, steps, refine, least }: Lists, by: string, faces: readonly Face[]): void {
  if ([scale, steps, refine, least].some((list) => list.length > 1))
    throw new Error('Expected one --scale, --steps, --refine and --least each with --auto');
  if (by === 'frechet') throw new Error('Expected --by psnr or identity with --auto but received frechet');
  if (faces.some(({ error }) => error === undefined))
    throw new Error('Expected a pack whose blur estimator tells its error with --auto');
}

/** `expectAuto` has seen that SE tells its error. */
function withError(face: TriedFace): TriedFace & MeasuredFace {
  return { ...face, error: face.error! };
}

function printAuto(
  fitted: readonly TriedFace[],
  reported: readonly TriedFace[],
  constants: readonly Constants[],
  options: FitOptions,
): void {
  const choices = constants.map(({ guides, spacing, rho }) => ({ guides, spacing, rho }));
  const table = fitTable(fitted.map(withError), choices, options);
  console.log(`\nauto: ${JSON.stringify(table)}\n`);
  const faces = reported.map(withError);
  const places = chosenPlaces(table, faces, choices);
  print(
    `auto on the ${faces.length} later pairs`,
    average(faces, ({ tries }, i) => tries[places[i]!] as Try),
  );
  console.log('auto less each fixed choice on them, means with 95 % bootstrap intervals');
  for (const [i, one] of constants.entries()) {
    const { psnr, identity } = differenceTo(i, faces, places);
    console.log(`${nameOf(one).padEnd(60)} PSNR ${show(psnr)}  identity ${identity ? show(identity) : '-'}`);
  }
}

function show({ value, low, high }: Estimate): string {
  return `${value.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`;
}

/** What `--json` writes of a table; what is no number becomes null. */
function asJson(choices: readonly Constants[], faces: readonly TriedFace[]) {
  return {
    choices,
    faces: faces.map(({ name, stdHat, error, lq, rm, tries }) => ({
      ...{ name, stdHat, error: error ?? null },
      ...{ lq: plain(lq), rm: plain(rm), tries: tries.map(plain) },
    })),
  };
}

function plain({ descriptor: _, ...measures }: Try): Measures {
  return measures;
}

async function readFaces(count: number, { pack, detector }: Bench, sessions: Networks): Promise<Face[]> {
  const { resolution: size, stdAxis } = pack.manifest;
  const pairs = (await readPairs(`${PAIRS}lq-00.tar`, `${PAIRS}hq-00.tar`)).slice(0, count);
  const faces: Face[] = [];
  for (const { name, ...pair } of pairs) {
    const [lq, truth] = [await readCrop(pair.lq, name, size), await readCrop(pair.hq, name, size)];
    const networks = networksOfFace(sessions, lq);
    const { stdHat, error } = await mapBlurLevel(networks, lq.data, stdAxis);
    const descriptor = await takeDescriptor(detector, truth);
    faces.push({ name, lq, truth, descriptor, networks, stdHat, error });
  }
  return faces;
}

export async function benchFit(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      pack: { type: 'string' },
      fit: { type: 'string', default: '24' },
      report: { type: 'string', default: '48' },
      best: { type: 'string', default: '2' },
      by: { type: 'string', default: 'identity' },
      guides: { type: 'string', default: '3' },
      rho: { type: 'string', default: '0.0001,0.0003,0.001,0.003,0.01,0.03' },
      spacing: { type: 'string', default: '4' },
      scale: { type: 'string', default: 'dgsa,1' },
      steps: { type: 'string', default: '5' },
      refine: { type: 'string', default: 'off' },
      least: { type: 'string', default: '1.5' },
      auto: { type: 'boolean', default: false },
      relative: { type: 'boolean', default: false },
      json: { type: 'string' },
    },
  });
  const lists: Lists = {
    guides: values.guides.split(',').map((count) => parseCount('guides', count, 4)),
    rho: numbers('--rho', values.rho),
    spacing: numbers('--spacing', values.spacing),
    scale: values.scale.split(',').map((part) => (part === 'dgsa' ? part : numbers('--scale', part)[0]!)),
    steps: numbers('--steps', values.steps),
    refine: switches('--refine', values.refine),
    least: numbers('--least', values.least),
  };
  const candidates = combinations(lists);
  const by = criterion(values.by);
  const [count, later] = [parseCount('fit', values.fit), parseCount('report', values.report)];
  const pack = await loadPack(await findPack(values.pack));
  const sessions = openPackSessions(pack, { provider: 'cpu' });
  const bench = { pack, detector: await createFaceDetector() };
  const faces = await readFaces(count + later, bench, sessions);
  if (values.auto) expectAuto(lists, by, faces);
  printMachine({ node: process.versions.node });
  console.log(`Pack      ${pack.manifest.id} ${pack.manifest.version}, Balanced, spectral`);
  const fitted = await tryAll(faces.slice(0, count), candidates, bench);
  const ordered = bestFirst(candidates, printTable(candidates, fitted), by);
  const best = values.auto ? candidates : ordered.slice(0, parseCount('best', values.best));
  const reported = await tryAll(faces.slice(count), best, bench);
  printTable(best, reported);
  if (values.auto && by !== 'frechet') printAuto(fitted, reported, best, { by, relative: values.relative });
  if (values.json !== undefined) {
    const json = {
      pack: pack.manifest.version,
      fit: asJson(candidates, fitted),
      report: asJson(best, reported),
    };
    await writeFile(values.json, `${JSON.stringify(json)}\n`);
  }
  await sessions.release();
}
