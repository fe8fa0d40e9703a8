/**
 * `npm run bench -- regions [--hq HQ --pack ID --limit N --preset ID --speed SPEED --from STD --to STD
 * --truth]`: what blur per region brings where a photo is blurred more on one side than on the other. True faces are
 * blurred by a Gaussian whose std rises from the left to the right, with mild noise, and restored with blur per region
 * off and on, everything else equal. `--truth` puts what SE is trained to say, which needs the true face, in SE's place:
 * what the method would do with a perfect estimate, also for a pack without a grid.
 */
import { parseArgs } from 'node:util';
import { DEFAULT_PACK, findPack } from '../cli/find-pack.ts';
import { parseCount, parseSettings } from '../cli/parse-settings.ts';
import { readPairs } from '../cli/read-pairs.ts';
import { mean } from '../cli/score-table.ts';
import { bootstrap } from '../cli/tables/statistics.ts';
import { restoreSettingsSchema, type RestoreSettings } from '../contract/restore.ts';
import { readCrop, secondsSince } from '../engine/evaluate/evaluate-pair.ts';
import { toFloat, toRgb } from '../engine/image/geometry.ts';
import { gradientEnergy, psnr, ssim } from '../engine/image/metrics.ts';
import type { FloatImage } from '../engine/image/types.ts';
import { createNoise } from '../engine/method/noise.ts';
import { resolvePlan } from '../engine/method/presets.ts';
import { gaussianBlur, stdAtSize } from '../engine/method/spectral-blur.ts';
import type { Networks } from '../engine/method/types.ts';
import { loadPack, type Pack } from '../engine/models/manifest.ts';
import { openPackSessions } from '../engine/models/sessions.ts';
import { restoreFace } from '../engine/restore-face.ts';
import { printMachine } from './report.ts';
import { trueBlur } from './true-blur.ts';

/** Blurred pictures between which each pixel is mixed. */
const BLURS = 12;
/** Standard deviation of the noise, in 0-1. */
const NOISE = 3 / 255;
const METHODS = ['LQ', 'RM', 'off', 'on'] as const;

type Method = (typeof METHODS)[number];
interface Score {
  /** dB over the whole face and over its halves. */
  whole: number;
  sharp: number;
  blurred: number;
  ssim: number;
  /** Mean gradient energy as a part of the truth's: 1 is as sharp. */
  energy: number;
  seconds: number;
}
export type Scores = Record<Method, Score> & { levels: number };

export interface RegionTools {
  pack: Pick<Pack, 'manifest' | 'dsst' | 'facePower'>;
  sessions: Networks;
  settings: Pick<RestoreSettings, 'preset' | 'speed'>;
}

/** Stds in 512-pixel units at the left and at the right edge. */
export interface Slope {
  from: number;
  to: number;
}

/** A true face as a photo that is blurred more the further to the right, with noise, in 8 bits. */
export function degradeUnevenly(truth: FloatImage, { from, to }: Slope, seed: number): FloatImage {
  const { width: size, data } = truth;
  const stds = Array.from({ length: BLURS }, (_, i) => from + ((to - from) * i) / (BLURS - 1));
  const blurs = stds.map((std) => gaussianBlur(data, stdAtSize(std, size)));
  const noise = createNoise(seed, 0).normal(data.length);
  const degraded = data.map((_, i) => {
    const place = ((i % size) / (size - 1)) * (BLURS - 1);
    const before = Math.min(BLURS - 2, Math.floor(place));
    const [a, b] = [blurs[before]![i]!, blurs[before + 1]![i]!];
    return a + (place - before) * (b - a) + NOISE * noise[i]!;
  });
  return toFloat(toRgb({ ...truth, data: degraded }, 8));
}

function columns({ width, height, data }: FloatImage, from: number, to: number): FloatImage {
  const inside = data.filter((_, i) => i % width >= from && i % width < to);
  return { width: to - from, height, data: inside };
}

function score(picture: FloatImage, truth: FloatImage, seconds: number): Score {
  const shown = toFloat(toRgb(picture, 8));
  const part = (from: number, to: number) => psnr(columns(shown, from, to), columns(truth, from, to));
  const { width } = truth;
  return {
    whole: psnr(shown, truth),
    sharp: part(0, width / 2),
    blurred: part(width / 2, width),
    ssim: ssim(shown, truth),
    energy: gradientEnergy(shown) / gradientEnergy(truth),
    seconds,
  };
}

/** Restores one degraded face both ways. */
export async function measureRegions(
  lq: FloatImage,
  truth: FloatImage,
  { pack, sessions, settings }: RegionTools,
): Promise<Scores> {
  const restore = async (perRegion: boolean) => {
    const plan = resolvePlan(pack.manifest, restoreSettingsSchema.parse({ ...settings, perRegion }));
    const began = performance.now();
    const result = await restoreFace(lq, { sessions, pack, plan, face: 0 });
    return { ...result, score: score(result.image, truth, secondsSince(began)) };
  };
  const began = performance.now();
  const restoration = { ...lq, data: (await sessions.restoration(lq.data)).picture };
  const seconds = secondsSince(began);
  const [off, on] = [await restore(false), await restore(true)];
  return {
    LQ: score(lq, truth, 0),
    RM: score(restoration, truth, seconds),
    off: off.score,
    on: on.score,
    levels: on.levels.length,
  };
}

/** The networks with the true blur of one face in SE's place. */
async function withTrueBlur(
  lq: FloatImage,
  truth: FloatImage,
  { pack, sessions, settings }: RegionTools,
): Promise<RegionTools> {
  const restoration = { ...lq, data: (await sessions.restoration(lq.data)).picture };
  const blur = { ...trueBlur(restoration, truth, pack.manifest.tol.std), tm: lq.data };
  return { pack, settings, sessions: { ...sessions, estimator: () => Promise.resolve(blur) } };
}

function parseStd(option: string, text: string): number {
  const std = Number(text);
  if (text !== '' && std >= 0) return std;
  throw new Error(`Expected ${option} as a std of 0 or more but received ${text}`);
}

function printTable(faces: readonly Scores[]): void {
  const cells = (values: (string | number)[]) =>
    console.log(values.map((value, i) => String(value)[i === 0 ? 'padEnd' : 'padStart'](9)).join(''));
  cells(['', 'PSNR', 'sharp', 'blurred', 'SSIM', 'energy', 's a face']);
  for (const method of METHODS) {
    const average = (measure: keyof Score) => mean(faces.map((face) => face[method][measure]));
    const decibels = (['whole', 'sharp', 'blurred'] as const).map((part) => average(part).toFixed(2));
    const rest = [average('ssim').toFixed(4), average('energy').toFixed(3), average('seconds').toFixed(2)];
    cells([method, ...decibels, ...rest]);
  }
}

function printGain(faces: readonly Scores[], measure: keyof Score, digits: number): void {
  const gains = faces.map(({ on, off }) => on[measure] - off[measure]);
  const { value, low, high } = bootstrap(gains, mean);
  const better = gains.filter((gain) => gain > 0).length;
  const [a, b, c] = [value, low, high].map((number) => number.toFixed(digits));
  console.log(
    `on - off, ${measure.padEnd(8)} ${a} (95 % ${b} to ${c}), better on ${better} of ${gains.length}`,
  );
}

export async function benchRegions(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      hq: { type: 'string', default: '../shared/faces/val-hq-00.tar' },
      pack: { type: 'string', default: DEFAULT_PACK },
      limit: { type: 'string', default: '40' },
      preset: { type: 'string', default: 'balanced' },
      speed: { type: 'string', default: 'normal' },
      from: { type: 'string', default: '1' },
      to: { type: 'string', default: '12' },
      truth: { type: 'boolean', default: false },
    },
  });
  const { preset, speed } = parseSettings({ preset: values.preset, speed: values.speed });
  const slope = { from: parseStd('from', values.from), to: parseStd('to', values.to) };
  const pack = await loadPack(await findPack(values.pack));
  const sessions = openPackSessions(pack, { provider: 'cpu' });
  const pairs = (await readPairs(values.hq, values.hq)).slice(0, parseCount('limit', values.limit));
  const { id, version, resolution } = pack.manifest;
  const truths = await Promise.all(pairs.map(({ name, hq }) => readCrop(hq, name, resolution)));
  if (!values.truth && !(await sessions.estimator(truths[0]!.data, { picture: truths[0]!.data })).grid)
    throw new Error(
      `The blur estimator of pack ${id} ${version} has no grid: it knows one blur for the face`,
    );
  printMachine({ node: process.versions.node });
  const tools = { pack, sessions, settings: { preset, speed } };
  // Loads every model.
  await measureRegions(truths[0]!, truths[0]!, tools);
  const faces: Scores[] = [];
  for (const [seed, truth] of truths.entries()) {
    const lq = degradeUnevenly(truth, slope, seed);
    faces.push(await measureRegions(lq, truth, values.truth ? await withTrueBlur(lq, truth, tools) : tools));
    process.stderr.write(`\r${faces.length} of ${truths.length}`);
  }
  console.log(
    `Pack      ${id} ${version}, ${preset}, ${speed}; std ${slope.from} to ${slope.to}${values.truth ? ', true blur' : ''}, ${faces.length} faces, ${mean(faces.map(({ levels }) => levels)).toFixed(1)} levels a face\n`,
  );
  printTable(faces);
  console.log('');
  for (const part of ['whole', 'sharp', 'blurred'] as const) printGain(faces, part, 2);
  printGain(faces, 'ssim', 4);
  printGain(faces, 'energy', 3);
  await sessions.release();
}
