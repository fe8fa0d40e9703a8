import type { GuideChoice } from '../contract/restore.ts';
import type { FloatImage } from './image/types.ts';
import { planGuides } from './method/auto-guides.ts';
import { mapBlurLevel } from './method/dblm.ts';
import { constantScale, regionScale } from './method/dgsa.ts';
import type { GuidanceScale, ScaleMap } from './method/dgsa.ts';
import { startingStep } from './method/dsst.ts';
import { equaliseFace, equaliseGuide } from './method/face-power.ts';
import { createGuides, guideStds } from './method/guidance.ts';
import { neededRho } from './method/least-blur.ts';
import { createNoise } from './method/noise.ts';
import type { NoiseSource } from './method/noise.ts';
import type { SamplingPlan } from './method/presets.ts';
import { blendRegions, blurRegions } from './method/regions.ts';
import type { BlurRegion, GuidedRegion } from './method/regions.ts';
import { sampleExact, sampleSpectral } from './method/samplers.ts';
import type { Sample, SamplerStep } from './method/samplers.ts';
import { alphaBarAt, diffuse, linearSchedule, spectralTimesteps, timestepsFrom } from './method/schedule.ts';
import type { Schedule } from './method/schedule.ts';
import { dct2 } from './method/spectral-blur.ts';
import type { BlurEstimate, Networks } from './method/types.ts';
import type { Pack } from './models/manifest.ts';

export interface RestoreFaceOptions {
  /** A pack's sessions, or any other five networks. */
  sessions: Networks;
  pack: Pick<Pack, 'manifest' | 'dsst' | 'facePower'>;
  plan: SamplingPlan;
  /** Index of the face in its photo: each has its own noise. */
  face: number;
  /** `tm`: TM's own output in place of the first guide's blurred restoration, as the paper's table 6 compares. */
  firstGuide?: 'blurred' | 'tm' | undefined;
  /** Noise in place of the plan's seed, for parity tests. */
  noise?: NoiseSource | undefined;
  onStep?: ((step: FaceStep) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/** One finished step of the sampler. */
export interface FaceStep {
  /** From 1 to `of`. */
  step: number;
  of: number;
  t: number;
  /** The picture as estimated at this step. */
  preview: FloatImage;
}

export interface FaceRestoration {
  image: FloatImage;
  /** RM(y), what the guides are made of, before it is made crisper. */
  restoration: FloatImage;
  /** In 512-pixel units. */
  stdHat: number;
  /** std of each region's blur level, rising; `stdHat` alone where the whole face was taken for equally blurred. */
  levels: number[];
  /** Where the plan leaves the guides to SE's confidence: what it chose. */
  auto?: GuideChoice;
  /** Timestep at which sampling started. */
  start: number;
  /** The guides' std at the end, in 512-pixel units, level by level: where refinement took them. */
  guideStds: number[];
  /** The last A_t: one number, or one a pixel and channel. */
  scaleMap: ScaleMap;
  milliseconds: { blurLevel: number; sampling: number };
}

/**
 * Restores one aligned face (algorithms 1 and 3): RM and SE map it to a known Gaussian blur, the DSST says where to
 * start, and a sampler goes down from there under the guides.
 * @param crop S x S, RGB in 0-1
 * @throws HeirloomError `job/cancelled` between steps, `face/failed` where a network gives something not a number,
 *   `argument/invalid` where guides by SE's confidence were asked for and SE does not tell it
 * @throws RangeError where the crop is not the pack's S x S
 */
export async function restoreFace(crop: FloatImage, options: RestoreFaceOptions): Promise<FaceRestoration> {
  const { sessions, pack, face } = options;
  const { manifest, dsst } = pack;
  expectSize(crop, manifest.resolution);
  const started = performance.now();
  const blurLevel = await mapBlurLevel(sessions, crop.data, options.plan.axis, options.plan.blur);
  const { restoration, stdHat, grid, axis } = blurLevel;
  const mapped = performance.now();
  const { plan: preset, choice } = planGuides({ ...options.plan, axis }, blurLevel);
  const plan = { ...preset, rho: neededRho(preset.rho, axis.min / options.plan.axis.min) };
  const blurs = blurRegions(stdHat, plan.perRegion ? grid : undefined, manifest.resolution);
  const levels = blurs.map(({ std512 }) => std512);
  const { facePower } = pack;
  const guide = facePower ? equaliseGuide(restoration, facePower, plan.crispness) : restoration;
  const blurred = guideRegions(blurs, toDiffusionRange(guide), { plan, pack });
  const regions =
    options.firstGuide === 'tm'
      ? await withTm(blurred, sessions.estimator(crop.data, { picture: restoration }))
      : blurred;
  const schedule = linearSchedule(manifest.schedule);
  const start = plan.start ?? startingStep(dsst, Math.max(...levels));
  const noise = options.noise ?? createNoise(plan.seed, face);
  const yDot = blendRegions(regions.map(({ guides, share }) => ({ share, picture: guides[0]!.image })));
  const xt = diffuse(yDot, noise.normal(yDot.length), alphaBarAt(schedule, start));
  const sample = await runSampler(xt, start, { ...options, plan, schedule, regions, yDot, noise });
  const drawn = toPicture(sample.x0, crop);
  const raised = facePower && equaliseFace(drawn.data, restoration, facePower, plan.crispness);
  return {
    image: { ...drawn, data: raised ?? drawn.data },
    restoration: { ...crop, data: restoration },
    stdHat,
    levels,
    ...(choice && { auto: choice }),
    start,
    guideStds: sample.regions.flatMap(({ guides }) => guides.map(({ std512 }) => std512)),
    scaleMap: sample.scale,
    milliseconds: { blurLevel: mapped - started, sampling: performance.now() - mapped },
  };
}

/** Each region with guides around its own blur level, and its own start. */
function guideRegions(
  regions: readonly BlurRegion[],
  restoration: Float32Array,
  { plan, pack }: Pick<RestoreFaceOptions, 'plan' | 'pack'>,
): GuidedRegion[] {
  const { weights, spacing, axis } = plan;
  return regions.map(({ std512, share }) => {
    const stds = guideStds(std512, weights.length, spacing, axis);
    const start = plan.start ?? startingStep(pack.dsst, std512);
    return { guides: createGuides(restoration, stds, weights), share, start };
  });
}

async function withTm(
  regions: readonly GuidedRegion[],
  estimate: Promise<BlurEstimate>,
): Promise<GuidedRegion[]> {
  const image = toDiffusionRange((await estimate).tm);
  const spectrum = dct2(image);
  return regions.map(({ guides: [first, ...others], ...region }) => ({
    ...region,
    guides: [{ ...first!, image, spectrum }, ...others],
  }));
}

interface SamplerRun extends RestoreFaceOptions {
  schedule: Schedule;
  regions: GuidedRegion[];
  /** What sampling starts from, `[3, S, S]` in diffusion range. */
  yDot: Float32Array;
  noise: NoiseSource;
}

function runSampler(xt: Float32Array, start: number, run: SamplerRun): Promise<Sample> {
  const { sessions, pack, plan, schedule, regions, noise } = run;
  const { spectral, exact, refinement } = pack.manifest;
  const common = {
    schedule,
    guidanceScale: guidanceScale(run),
    refinement: plan.kernelRefinement ? { step: refinement.step, axis: plan.axis } : undefined,
    onStep: run.onStep && previewing(run.onStep, pack.manifest.resolution),
    signal: run.signal,
  };
  const lambda = (t: number) => priorWeight(schedule, t, plan.rho * spectral.lambda, spectral.noiseFloor);
  const { sampling } = plan;
  if (sampling.sampler === 'exact') {
    const timesteps = timestepsFrom(start, sampling.steps ?? start, 'uniform-t', schedule);
    const finish = { noiseFloor: spectral.noiseFloor, lambda };
    // A plan of the exact sampler has one region.
    const [{ guides }] = regions as [GuidedRegion];
    return sampleExact(sessions, xt, timesteps, { ...common, ...exact, guides, noise, finish });
  }
  const { solver, eta, steps, timestepSpacing } = sampling;
  const { noiseFloor } = spectral;
  const timesteps = spectralTimesteps(start, steps, { timestepSpacing, noiseFloor }, schedule);
  return sampleSpectral(sessions, xt, timesteps, {
    ...common,
    regions,
    solver,
    fresh: { eta, noise },
    lambda,
  });
}

/**
 * `lambda_t = rho lambda abar_t / max(1 - abar_t, noiseFloor)`: the data decides while the noise is high, the prior at
 * the end. The floor is that of the prior's training loss: below it the prior was not trained to beat the data.
 */
function priorWeight(schedule: Schedule, t: number, factor: number, noiseFloor: number): number {
  const alphaBar = alphaBarAt(schedule, t);
  return (factor * alphaBar) / Math.max(1 - alphaBar, noiseFloor);
}

function guidanceScale({ plan, sessions, yDot }: SamplerRun): GuidanceScale {
  const { guidanceScale: scale } = plan;
  return scale === 'dgsa' ? regionScale(sessions, yDot) : constantScale(scale);
}

function previewing(onStep: (step: FaceStep) => void, size: number): (step: SamplerStep) => void {
  return ({ step, of, t, x0Hat }) =>
    onStep({ step, of, t, preview: toPicture(x0Hat, { width: size, height: size }) });
}

/** A picture in [0, 1] in [-1, 1]. */
export function toDiffusionRange(picture: Float32Array): Float32Array {
  return picture.map((value) => 2 * value - 1);
}

/** x0 in [-1, 1] as a picture in [0, 1]. */
export function toPicture(
  x0: Float32Array,
  { width, height }: { width: number; height: number },
): FloatImage {
  return { width, height, data: x0.map((value) => (value + 1) / 2) };
}

function expectSize({ width, height, data }: FloatImage, size: number): void {
  if (width !== size || height !== size || data.length !== 3 * size * size) {
    throw new RangeError(`Expected a crop of ${size} x ${size} but received ${width} x ${height}`);
  }
}
