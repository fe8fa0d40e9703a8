import { describe, expect, it } from 'vitest';
import { constantScale, regionScale } from '../../../../engine/method/dgsa.ts';
import {
  closedForm,
  createGuides,
  guidanceLoss,
  normalEquations,
} from '../../../../engine/method/guidance.ts';
import type { Guide, Refinement } from '../../../../engine/method/guidance.ts';
import { createNoise } from '../../../../engine/method/noise.ts';
import type { GuidedRegion } from '../../../../engine/method/regions.ts';
import { sampleExact, sampleSpectral } from '../../../../engine/method/samplers.ts';
import type { SamplerStep, Solver } from '../../../../engine/method/samplers.ts';
import {
  alphaBarAt,
  diffuse,
  linearSchedule,
  posterior,
  timestepsFrom,
} from '../../../../engine/method/schedule.ts';
import type { TimestepSpacing } from '../../../../engine/method/schedule.ts';
import { dct2, idct2 } from '../../../../engine/method/spectral-blur.ts';
import { flowEnd, gaussianPrior } from '../../../fixtures/analytic-networks.ts';
import { largestDifference, noisePicture } from '../../../fixtures/pictures.ts';

const SIZE = 8;
const AREA = SIZE * SIZE;
const START = 700;
const schedule = linearSchedule({ betaStart: 1e-4, betaEnd: 0.02, steps: 1000 });
const xt = noisePicture(SIZE, 1);
const guides = createGuides(noisePicture(SIZE, 2), [60, 30], [0.7, 0.3]);
const decayingPower = (i: number) => 4 / (1 + (i % AREA));
const whitePower = () => 0.25;

function rms(a: Float32Array, b: Float32Array): number {
  return Math.sqrt(a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0) / a.length);
}

function timesteps(count: number, spacing: TimestepSpacing = 'uniform-log-snr'): number[] {
  return timestepsFrom(START, count, spacing, schedule);
}

describe('sampleSpectral', () => {
  const solvers = { schedule, regions: [{ guides }], lambda: () => 1 };

  /** Without guidance (A = 0), the distance from the exact end of the probability flow of a Gaussian prior. */
  async function priorError(solver: Solver, steps: number): Promise<number> {
    const networks = gaussianPrior(decayingPower, schedule);
    const options = { ...solvers, solver, guidanceScale: constantScale(0) };
    const { x0 } = await sampleSpectral(networks, xt, timesteps(steps), options);
    return rms(
      x0,
      flowEnd(xt, alphaBarAt(schedule, START), () => 0, decayingPower),
    );
  }

  it('with noise anew ends on the prior too, elsewhere each time, and the same from the same seed', async () => {
    const networks = gaussianPrior(whitePower, schedule);
    const sampled = async (seed: number, eta: number) => {
      const fresh = { eta, noise: createNoise(seed, 0) };
      const options = { ...solvers, solver: 'ddim' as const, guidanceScale: constantScale(0), fresh };
      return (await sampleSpectral(networks, xt, timesteps(200), options)).x0;
    };
    const [plain, first, again, other] = await Promise.all([
      sampled(1, 0),
      sampled(1, 1),
      sampled(1, 1),
      sampled(2, 1),
    ]);
    expect(again).toEqual(first);
    expect(rms(first, plain)).toBeGreaterThan(0.3);
    expect(rms(first, other)).toBeGreaterThan(0.3);
    const power = first.reduce((sum, value) => sum + value ** 2, 0) / first.length;
    expect(power).toBeGreaterThan(0.25 * 0.75);
    expect(power).toBeLessThan(0.25 * 1.25);
  });

  it('converges to the exact sample of a Gaussian prior: DDIM by halves, DPM-Solver++ 2M by quarters', async () => {
    const [ddim32, ddim64] = [await priorError('ddim', 32), await priorError('ddim', 64)];
    const [second32, second64] = [await priorError('dpmpp-2m', 32), await priorError('dpmpp-2m', 64)];
    expect(ddim32 / ddim64).toBeCloseTo(2, 0);
    expect(second32 / second64).toBeGreaterThan(3.5);
    expect(second64).toBeLessThan(5e-4);
    expect(second32).toBeLessThan(ddim64 / 5);
  });

  /**
   * With a flat prior, `x0_hat = x_t / sqrt(abar)` has the variance (1 - abar) / abar, so the closed form with
   * `lambda_t = s^2 abar / (1 - abar)` is the exact posterior mean given x_t and guides of noise variance s^2: the
   * sampler must end on the posterior N(N / D, s^2 / D) of each frequency.
   */
  async function posteriorError(solver: Solver, steps: number, spacing: TimestepSpacing): Promise<number> {
    const variance = 0.5;
    const lambda = (t: number) => (variance * alphaBarAt(schedule, t)) / (1 - alphaBarAt(schedule, t));
    const options = { ...solvers, lambda, solver, guidanceScale: constantScale(1) };
    const networks = gaussianPrior(() => Infinity, schedule);
    const { x0 } = await sampleSpectral(networks, xt, timesteps(steps, spacing), options);
    const { mean, precision } = dataOf(guides);
    return rms(
      x0,
      flowEnd(xt, alphaBarAt(schedule, START), mean, (i) => variance / precision(i)),
    );
  }

  function dataOf(of: readonly Guide[]) {
    const h = (guide: Guide, i: number) =>
      guide.transfer[Math.floor((i % AREA) / SIZE)]! * guide.transfer[i % SIZE]!;
    const sum = (value: (guide: Guide) => number) =>
      of.reduce((total, guide) => total + guide.weight * value(guide), 0);
    const precision = (i: number) => sum((guide) => h(guide, i) ** 2);
    return {
      precision,
      mean: (i: number) => sum((guide) => h(guide, i) * guide.spectrum[i]!) / precision(i),
    };
  }

  it('converges to the closed-form posterior under guidance', async () => {
    expect(await posteriorError('dpmpp-2m', 128, 'uniform-log-snr')).toBeLessThan(1e-3);
    expect(await posteriorError('dpmpp-2m', 128, 'uniform-t')).toBeLessThan(1e-3);
    const [ddim64, ddim128] = [
      await posteriorError('ddim', 64, 'uniform-t'),
      await posteriorError('ddim', 128, 'uniform-t'),
    ];
    expect(ddim64 / ddim128).toBeCloseTo(2, 0);
  });

  it('takes the guided estimate itself as the last step', async () => {
    const networks = { denoiser: (x: Float32Array) => Promise.resolve(x.map((value) => value / 2)) };
    const options = { ...solvers, solver: 'dpmpp-2m' as const, guidanceScale: constantScale(0) };
    const { x0 } = await sampleSpectral(networks, xt, [300], options);
    expect(x0).toEqual(xt.map((value) => value / 2));
  });

  it('mixes estimate and closed form by A_t where it is a map', async () => {
    const networks = {
      denoiser: (x: Float32Array) => Promise.resolve(x.slice()),
      dgsa: (y1: Float32Array) => Promise.resolve(y1.map((_, i) => (i < AREA ? 0 : 1))),
    };
    const options = { ...solvers, solver: 'ddim' as const, lambda: () => 1e-9 };
    const data = createGuides(noisePicture(SIZE, 2), [0.1], [1]);
    const scale = regionScale(networks, data[0]!.image);
    const { x0, scale: last } = await sampleSpectral(networks, xt, [300], {
      ...options,
      regions: [{ guides: data }],
      guidanceScale: scale,
    });
    expect(largestDifference(x0.subarray(0, AREA), xt.subarray(0, AREA))).toBeLessThan(1e-6);
    expect(largestDifference(x0.subarray(AREA), data[0]!.image.subarray(AREA))).toBeLessThan(1e-4);
    expect(last).toHaveLength(3 * AREA);
  });

  /** The left half guided as if the whole face were blurred by 20, the right half by 60. */
  describe('by regions', () => {
    const isLeft = (i: number) => i % SIZE < SIZE / 2;
    const [left, right] = [true, false].map((side) =>
      Float32Array.from({ length: AREA }, (_, i) => Number(isLeft(i) === side)),
    );
    const ofStd = (std: number) => createGuides(noisePicture(SIZE, 2), [std], [1]);
    const [sharp, blurred] = [ofStd(20), ofStd(60)];
    const networks = gaussianPrior(decayingPower, schedule);
    const sample = (regions: readonly GuidedRegion[], count = 1, refinement?: Refinement) =>
      sampleSpectral(networks, xt, timesteps(count), {
        ...{ ...solvers, regions, refinement },
        solver: 'dpmpp-2m',
        guidanceScale: constantScale(1),
      });

    it('takes the closed form of each region where it has the share', async () => {
      const { x0 } = await sample([
        { guides: sharp, share: left },
        { guides: blurred, share: right },
      ]);
      const [asSharp, asBlurred] = [await sample([{ guides: sharp }]), await sample([{ guides: blurred }])];
      expect(x0).toEqual(x0.map((_, i) => (isLeft(i) ? asSharp : asBlurred).x0[i]!));
      expect(largestDifference(asSharp.x0, asBlurred.x0)).toBeGreaterThan(0.1);
    });

    it('is the sampler without regions where they are alike', async () => {
      const share = new Float32Array(AREA).fill(0.5);
      const { x0 } = await sample(
        [
          { guides: sharp, share },
          { guides: sharp, share },
        ],
        8,
      );
      expect(largestDifference(x0, (await sample([{ guides: sharp }], 8)).x0)).toBeLessThan(1e-5);
    });

    it('starts a region at its own timestep, as if it were sampled from there', async () => {
      const yDot = sharp[0]!.image;
      const noise = noisePicture(SIZE, 7);
      const from = (t: number) => diffuse(yDot, noise, alphaBarAt(schedule, t));
      const options = { ...solvers, solver: 'ddim' as const, guidanceScale: constantScale(0.5) };
      const held: SamplerStep[] = [];
      const late = await sampleSpectral(networks, from(700), [700, 500, 300, 100], {
        ...options,
        regions: [{ guides: sharp, start: 400 }],
        onStep: (step) => held.push(step),
      });
      const alone = await sampleSpectral(networks, from(300), [300, 100], {
        ...options,
        regions: [{ guides: sharp }],
      });
      expect(largestDifference(late.x0, alone.x0)).toBeLessThan(1e-5);
      expect(held.map(({ x0Hat }) => x0Hat === yDot)).toEqual([true, true, false, false]);
    });

    it("refines each region's kernels by themselves", async () => {
      const refinement = { step: 0.5, axis: { min: 0.1, max: 90 } };
      const regions = [
        { guides: sharp, share: left },
        { guides: blurred, share: right },
      ];
      const refined = await sample(regions, 1, refinement);
      const stds = refined.regions.map(({ guides: [guide] }) => guide!.std512);
      const alone = await Promise.all(
        regions.map(({ guides: own }) => sample([{ guides: own }], 1, refinement)),
      );
      expect(stds).toEqual(alone.map((one) => one.regions[0]!.guides[0]!.std512));
      expect(stds).not.toEqual([20, 60]);
      expect(refined.regions.map(({ share }) => share)).toEqual([left, right]);
    });
  });

  it('refines the kernels towards the ones that made the guides', async () => {
    const truth = noisePicture(SIZE, 2);
    const [right] = createGuides(truth, [40], [1]);
    const [wrong] = createGuides(truth, [45], [1]);
    const mistaken = { ...wrong!, spectrum: right!.spectrum, image: right!.image };
    const networks = { denoiser: () => Promise.resolve(truth) };
    const options = {
      ...solvers,
      solver: 'ddim' as const,
      regions: [{ guides: [mistaken] }],
      guidanceScale: constantScale(1),
    };
    const refinement = { step: 0.5, axis: { min: 0.1, max: 60 } };
    const refined = await sampleSpectral(networks, xt, timesteps(20), { ...options, refinement });
    const kept = await sampleSpectral(networks, xt, timesteps(20), options);
    expect(refined.regions[0]!.guides[0]!.std512).toBeCloseTo(40, 1);
    expect(kept.regions[0]!.guides[0]!.std512).toBe(45);
  });
});

describe('sampleExact', () => {
  const exact = { schedule, guides, scale: 1, normalise: 'none' as const };

  it('samples a Gaussian prior with its variance, every step from 1000 down', async () => {
    const noise = createNoise(5, 0);
    const options = { ...exact, guidanceScale: constantScale(0), noise };
    const every = timestepsFrom(1000, 1000, 'uniform-t', schedule);
    const networks = gaussianPrior(whitePower, schedule);
    const large = { ...options, guides: createGuides(noise.normal(3 * 32 * 32), [1], [1]) };
    const { x0 } = await sampleExact(networks, noise.normal(3 * 32 * 32), every, large);
    const variance = x0.reduce((sum, value) => sum + value ** 2, 0) / x0.length;
    expect(variance / 0.25).toBeGreaterThan(0.92);
    expect(variance / 0.25).toBeLessThan(1.08);
  });

  /** The same recursion, written for one number per frequency. */
  it('takes an ancestral step less the gradient through the denoiser', async () => {
    const networks = gaussianPrior(whitePower, schedule);
    const drawn = noisePicture(SIZE, 9);
    const noise = { normal: () => drawn };
    const { x0Weight, xtWeight, variance } = posterior(schedule, 400, 390);
    const abar = alphaBarAt(schedule, 400);
    const gain = (Math.sqrt(abar) * 0.25) / (abar * 0.25 + 1 - abar);
    const [X, Z] = [dct2(xt), dct2(drawn)];
    const stepped = idct2(
      X.map((value, i) => {
        const slope = guides.reduce((sum, { weight, transfer, spectrum }) => {
          const h = transfer[Math.floor((i % AREA) / SIZE)]! * transfer[i % SIZE]!;
          return sum + 2 * weight * gain * h * (h * gain * value - spectrum[i]!);
        }, 0);
        return x0Weight * gain * value + xtWeight * value + Math.sqrt(variance) * Z[i]! - 0.3 * 0.5 * slope;
      }),
    );
    const seen: Float32Array[] = [];
    const recording = {
      guided: (input: Parameters<typeof networks.guided>[0]) => {
        seen.push(input.xt);
        return networks.guided(input);
      },
    };
    const options = { ...exact, scale: 0.3, guidanceScale: constantScale(0.5), noise };
    await sampleExact(recording, xt, [400, 390], options);
    expect(largestDifference(seen[1]!, stepped)).toBeLessThan(1e-5);
  });

  it('divides the gradient by the residual norm where told to', async () => {
    const gradient = new Float32Array(3 * AREA).fill(6);
    const networks = {
      guided: () => Promise.resolve({ x0Hat: new Float32Array(3 * AREA), gradient, loss: 4 }),
    };
    const options = { ...exact, scale: 0.5, guidanceScale: constantScale(1), noise: createNoise(0, 0) };
    const plain = await sampleExact(networks, xt, [1], options);
    const divided = await sampleExact(networks, xt, [1], { ...options, normalise: 'residual-norm' });
    expect(plain.x0[0]).toBeCloseTo(-3, 6);
    expect(divided.x0[0]).toBeCloseTo(-1.5, 6);
  });

  it('ends under the noise floor with the closed form, and asks the prior no further', async () => {
    const asked: number[] = [];
    const x0Hat = noisePicture(SIZE, 4);
    const networks = {
      guided: ({ t }: { t: number }) => {
        asked.push(t);
        return Promise.resolve({ x0Hat, gradient: new Float32Array(3 * AREA), loss: 1 });
      },
    };
    const finish = { noiseFloor: 0.03, lambda: () => 0.5 };
    const steps: SamplerStep[] = [];
    const { x0 } = await sampleExact(networks, xt, [60, 55, 50, 45, 1], {
      ...exact,
      finish,
      guidanceScale: constantScale(0.25),
      noise: createNoise(0, 0),
      onStep: (step) => steps.push(step),
    });
    const optimum = idct2(closedForm(normalEquations(guides), dct2(x0Hat), 0.5));
    const expected = x0Hat.map((value, i) => value + 0.25 * (optimum[i]! - value));
    expect(asked).toEqual([60, 55, 50]);
    expect(largestDifference(x0, expected)).toBeLessThan(1e-6);
    expect(steps.at(-1)).toMatchObject({ step: 3, of: 3 });
    expect(steps.at(-1)?.x0Hat).toBe(x0);
  });

  it('does not divide by a residual of 0', async () => {
    const still = new Float32Array(3 * AREA);
    const networks = { guided: () => Promise.resolve({ x0Hat: still, gradient: still, loss: 0 }) };
    const options = {
      ...exact,
      normalise: 'residual-norm' as const,
      guidanceScale: constantScale(1),
      noise: createNoise(0, 0),
    };
    expect((await sampleExact(networks, xt, [1], options)).x0).toEqual(still);
  });

  it('ends nearer to the guides the greater A_t is', async () => {
    const losses: number[] = [];
    for (const scale of [0, 0.05, 0.3]) {
      const options = { ...exact, guidanceScale: constantScale(scale), noise: createNoise(5, 0) };
      const { x0 } = await sampleExact(
        gaussianPrior(whitePower, schedule),
        xt,
        timesteps(START, 'uniform-t'),
        options,
      );
      losses.push(guidanceLoss(guides, dct2(x0)));
    }
    expect(losses[1]).toBeLessThan(losses[0]! / 10);
    expect(losses[2]).toBeLessThan(losses[1]! / 2);
  });
});

describe('both samplers', () => {
  const networks = gaussianPrior(whitePower, schedule);
  const common = { schedule, guidanceScale: constantScale(0.1) };
  const spectralOptions = { ...common, regions: [{ guides }], solver: 'dpmpp-2m' as const, lambda: () => 1 };
  const exactOptions = { ...common, guides, scale: 1, normalise: 'none' as const, noise: createNoise(1, 0) };
  type Extras = { onStep?: (step: SamplerStep) => void; signal?: AbortSignal };
  const samplers = {
    spectral: (model: typeof networks, extras: Extras) =>
      sampleSpectral(model, xt, [300, 200, 100], { ...spectralOptions, ...extras }),
    exact: (model: typeof networks, extras: Extras) =>
      sampleExact(model, xt, [300, 200, 100], { ...exactOptions, ...extras }),
  };

  it.each(['spectral', 'exact'] as const)('%s reports each step with its estimate', async (name) => {
    const steps: SamplerStep[] = [];
    await samplers[name](networks, { onStep: (step) => steps.push(step) });
    expect(steps.map(({ step, of, t }) => [step, of, t])).toEqual([
      [1, 3, 300],
      [2, 3, 200],
      [3, 3, 100],
    ]);
    expect(steps.every(({ x0Hat }) => x0Hat.length === xt.length)).toBe(true);
  });

  it.each(['spectral', 'exact'] as const)('%s stops between steps once cancelled', async (name) => {
    const controller = new AbortController();
    const steps: number[] = [];
    const onStep = ({ step }: SamplerStep) => {
      steps.push(step);
      if (step === 2) controller.abort();
    };
    const run = samplers[name](networks, { onStep, signal: controller.signal });
    await expect(run).rejects.toMatchObject({
      code: 'job/cancelled',
      message: 'Cancelled after step 2 of 3',
    });
    expect(steps).toEqual([1, 2]);
  });

  it.each(['spectral', 'exact'] as const)('%s refuses a network that gives no number', async (name) => {
    const broken = xt.map((value, i) => (i === 7 ? NaN : value));
    const model = {
      denoiser: () => Promise.resolve(broken),
      guided: () => Promise.resolve({ x0Hat: broken, gradient: xt, loss: 1 }),
    };
    const failure = { code: 'face/failed', message: expect.stringContaining('t = 300') as string };
    await expect(samplers[name](model, {})).rejects.toMatchObject(failure);
  });

  it.each(['spectral', 'exact'] as const)('%s leaves its input as it was', async (name) => {
    const copy = xt.slice();
    await samplers[name](networks, {});
    expect(xt).toEqual(copy);
  });
});
