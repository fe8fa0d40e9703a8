import { HeirloomError } from '../../contract/errors.ts';
import { moveAlong, moveTowards } from './dgsa.ts';
import type { GuidanceScale, ScaleMap } from './dgsa.ts';
import { expectFinite } from './expect-finite.ts';
import { closedForm, normalEquations, refineGuides } from './guidance.ts';
import type { Guide, NormalEquations, Refinement } from './guidance.ts';
import type { NoiseSource } from './noise.ts';
import { blendRegions } from './regions.ts';
import type { GuidedRegion } from './regions.ts';
import { alphaBarAt, halfLogSnr, posterior } from './schedule.ts';
import type { Schedule } from './schedule.ts';
import { dct2, idct2 } from './spectral-blur.ts';
import type { Networks } from './types.ts';

/**
 * Both samplers: `(networks, x, timesteps, options) -> x0`. `x` is x_t at `timesteps[0]`, `[3, S, S]` in diffusion
 * range; `timesteps` fall strictly, and the last step goes to t = 0. They throw `job/cancelled` between steps once
 * `signal` is aborted, and `face/failed` where a network gives something that is not a number.
 */
export interface SamplerOptions {
  schedule: Schedule;
  /** A_t. */
  guidanceScale: GuidanceScale;
  /** Present: the guides' kernels are refined after each step. */
  refinement?: Refinement | undefined;
  onStep?: ((progress: SamplerStep) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/** One finished step. */
export interface SamplerStep {
  /** From 1 to `of`. */
  step: number;
  of: number;
  t: number;
  /** The estimate of the picture at this step, `[3, S, S]` in about [-1, 1]; guided, where the sampler guides it. */
  x0Hat: Float32Array;
}

export interface Sample {
  /** `[3, S, S]` in about [-1, 1]. */
  x0: Float32Array;
  /** Their guides with the std they ended at. */
  regions: readonly GuidedRegion[];
  /** The last A_t. */
  scale: ScaleMap;
}

export type Solver = 'ddim' | 'dpmpp-2m';

export interface SpectralOptions extends SamplerOptions {
  /** None: the prior decides alone. */
  regions: readonly GuidedRegion[];
  solver: Solver;
  /**
   * Present: each DDIM step adds noise anew, `eta` of an ancestral step's (0-1). What is drawn wrong at one step is
   * drowned before the next, which leaves fewer strokes.
   */
  fresh?: { eta: number; noise: NoiseSource };
  /** lambda_t, above 0: weight of the prior in the closed form. */
  lambda: (t: number) => number;
}

/**
 * "Ours 2": the closed-form guided estimate in few steps, by DDIM (deterministic unless `eta` is above 0) or DPM-Solver++ 2M.
 * @example const { x0 } = await sampleSpectral(networks, xt, timestepsFrom(t, 15, 'uniform-t', schedule), options);
 */
export async function sampleSpectral(
  networks: Pick<Networks, 'denoiser'>,
  x: Float32Array,
  timesteps: readonly number[],
  options: SpectralOptions,
): Promise<Sample> {
  const { lambda, guidanceScale, refinement } = options;
  const estimates: Estimate[] = [];
  let regions = options.regions.map(withEquations);
  let scale: ScaleMap = 0;
  for (const [i, t] of timesteps.entries()) {
    throwIfCancelled(options.signal, i, timesteps.length);
    const x0Hat = expectFinite(await networks.denoiser(x, t), `The denoiser at t = ${t}`);
    scale = await guidanceScale(x0Hat, t);
    const x0 = regions.length > 0 ? guided(x0Hat, regions, scale, lambda(t), t) : x0Hat;
    estimates.unshift({ t, x0 });
    x = solverStep(options, x, estimates.slice(0, 2), timesteps[i + 1] ?? 0);
    if (refinement) regions = refineRegions(regions, x0Hat, refinement);
    options.onStep?.({ step: i + 1, of: timesteps.length, t, x0Hat: x0 });
  }
  return { x0: x, regions, scale };
}

interface SolvableRegion extends GuidedRegion {
  equations: NormalEquations;
}

function withEquations(region: GuidedRegion): SolvableRegion {
  return { ...region, equations: normalEquations(region.guides) };
}

function refineRegions(
  regions: readonly SolvableRegion[],
  x0Hat: Float32Array,
  refinement: Refinement,
): SolvableRegion[] {
  const spectrum = dct2(x0Hat);
  return regions.map((region) =>
    withEquations({ ...region, guides: refineGuides(region.guides, spectrum, refinement) }),
  );
}

/** An estimate of x_0 made at timestep t. */
interface Estimate {
  t: number;
  x0: Float32Array;
}

/**
 * x_s from x_t and the estimates, newest first. In data prediction DDIM is DPM-Solver++'s first order,
 * `x_s = (sigma_s / sigma_t) x_t + (alpha_s - alpha_t sigma_s / sigma_t) D` with D = x0; the second order
 * (Lu et al. 2022, algorithm 2) takes `D = x0 + (x0 - x0_before) / 2r`, r the ratio of the last two steps in
 * half log-SNR. The step to t = 0 is of first order, and is D itself. With `eta` DDIM takes noise out of x_t and puts as
 * much in anew, `sigma = eta sqrt((1 - abar_s) / (1 - abar_t)) sqrt(1 - abar_t / abar_s)` (Song et al. 2021, eq. 16).
 */
function solverStep(
  { solver, schedule, fresh }: SpectralOptions,
  x: Float32Array,
  [newest, before]: readonly Estimate[],
  s: number,
): Float32Array {
  const { t, x0 } = newest!;
  const alphaBar = alphaBarAt(schedule, t);
  const alphaBarS = alphaBarAt(schedule, s);
  const sigma =
    (fresh?.eta ?? 0) * Math.sqrt(((1 - alphaBarS) / (1 - alphaBar)) * (1 - alphaBar / alphaBarS));
  const xtWeight = Math.sqrt((1 - alphaBarS - sigma ** 2) / (1 - alphaBar));
  const x0Weight = Math.sqrt(alphaBarS) - Math.sqrt(alphaBar) * xtWeight;
  if (fresh && sigma > 0)
    return combine([xtWeight, x], [x0Weight, x0], [sigma, fresh.noise.normal(x.length)]);
  if (solver === 'ddim' || !before || s === 0) return combine([xtWeight, x], [x0Weight, x0]);
  const ratio = stepInLogSnr(schedule, before.t, t) / stepInLogSnr(schedule, t, s);
  const extrapolation = x0Weight / (2 * ratio);
  return combine([xtWeight, x], [x0Weight + extrapolation, x0], [-extrapolation, before.x0]);
}

function stepInLogSnr(schedule: Schedule, t: number, s: number): number {
  return halfLogSnr(schedule, s) - halfLogSnr(schedule, t);
}

type Term = readonly [weight: number, picture: Float32Array];

/** The weighted sum of pictures. */
function combine(...terms: readonly Term[]): Float32Array {
  const sum = new Float64Array(terms[0]![1].length);
  for (const [weight, picture] of terms) {
    for (let i = 0; i < sum.length; i++) sum[i] = sum[i]! + weight * picture[i]!;
  }
  return new Float32Array(sum);
}

export interface ExactOptions extends SamplerOptions {
  /** Of the whole face: the graph with the gradient knows one kernel a guide. */
  guides: readonly Guide[];
  /** Step size of the gradient, before A_t. */
  scale: number;
  /** `residual-norm`: the gradient is divided by the norm of the weighted residual, `sqrt(L)`, as in DPS. */
  normalise: 'residual-norm' | 'none';
  noise: NoiseSource;
  /** Present: the walk ends with a guided estimate instead of the denoiser's own. See [Note: Where the prior ends]. */
  finish?: ExactFinish | undefined;
}

/**
 * [Note: Where the prior ends] A prior whose loss has a floor on 1 - abar_t was never asked to keep, at less noise
 * than that, what the photo still shows: on x_1 a small one returns a softer picture than it was given, and of noise
 * that is added anew there it leaves a grain. Below the floor it is not asked. The last step of both samplers goes to
 * t = 0 from the first t under it, by the closed form (the spectral one's timesteps: `spectralTimesteps`).
 */
export interface ExactFinish {
  /** On 1 - abar_t. */
  noiseFloor: number;
  /** lambda_t of the closed form. */
  lambda: (t: number) => number;
}

/**
 * The paper's sampler (eq. 5-7, algorithms 1 and 3): ancestral steps, and
 * `x_{t-1} = x'_{t-1} - scale A_t . dL/dx_t` with the gradient through the denoiser.
 * `timesteps` usually hold every t from the start to 1; a strided list works too, with the posterior of the pair.
 */
export async function sampleExact(
  networks: Pick<Networks, 'guided'>,
  x: Float32Array,
  timesteps: readonly number[],
  options: ExactOptions,
): Promise<Sample> {
  const { schedule, noise, guidanceScale, refinement, finish } = options;
  const walk = finish ? aboveFloor(timesteps, schedule, finish.noiseFloor) : timesteps;
  let guides = options.guides;
  let scale: ScaleMap = 0;
  for (const [i, t] of walk.entries()) {
    throwIfCancelled(options.signal, i, walk.length);
    const { x0Hat, gradient, loss } = await networks.guided({
      xt: x,
      t,
      alphaBar: alphaBarAt(schedule, t),
      guides,
    });
    expectFinite(x0Hat, `The denoiser at t = ${t}`);
    expectFinite(gradient, `The gradient at t = ${t}`);
    scale = await guidanceScale(x0Hat, t);
    const next = walk[i + 1] ?? 0;
    if (next === 0 && finish) x = guided(x0Hat, [withEquations({ guides })], scale, finish.lambda(t), t);
    else {
      const ancestral = ancestralStep(schedule, x, x0Hat, t, next, noise);
      x = moveAlong(ancestral, gradient, scale, -stepSize(options, loss));
    }
    if (refinement) guides = refineGuides(guides, dct2(x0Hat), refinement);
    options.onStep?.({ step: i + 1, of: walk.length, t, x0Hat: next === 0 ? x : x0Hat });
  }
  return { x0: x, regions: [{ guides }], scale };
}

/** The timesteps with more noise than the floor, and the first one under it. */
function aboveFloor(timesteps: readonly number[], schedule: Schedule, floor: number): readonly number[] {
  const under = timesteps.findIndex((t) => 1 - alphaBarAt(schedule, t) <= floor);
  return under < 0 ? timesteps : timesteps.slice(0, under + 1);
}

/** x0_hat + A_t . (x* - x0_hat), x* of each region at its own blur; y_dot in a region that has not started. */
function guided(
  x0Hat: Float32Array,
  regions: readonly SolvableRegion[],
  scale: ScaleMap,
  lambda: number,
  t: number,
): Float32Array {
  const spectrum = dct2(x0Hat);
  const estimates = regions.map(({ equations, share, guides, start = t }) => ({
    share,
    picture:
      t > start
        ? guides[0]!.image
        : moveTowards(x0Hat, idct2(closedForm(equations, spectrum, lambda)), scale),
  }));
  return blendRegions(estimates);
}

function stepSize({ scale, normalise }: ExactOptions, loss: number): number {
  return normalise === 'none' || loss === 0 ? scale : scale / Math.sqrt(loss);
}

/** x'_s ~ q(x_s | x_t, x0_hat); without noise where s = 0. */
function ancestralStep(
  schedule: Schedule,
  x: Float32Array,
  x0Hat: Float32Array,
  t: number,
  s: number,
  noise: NoiseSource,
): Float32Array {
  const { x0Weight, xtWeight, variance } = posterior(schedule, t, s);
  if (variance === 0) return combine([x0Weight, x0Hat], [xtWeight, x]);
  return combine([x0Weight, x0Hat], [xtWeight, x], [Math.sqrt(variance), noise.normal(x.length)]);
}

function throwIfCancelled(signal: AbortSignal | undefined, done: number, of: number): void {
  if (signal?.aborted) throw new HeirloomError('job/cancelled', `Cancelled after step ${done} of ${of}`);
}
