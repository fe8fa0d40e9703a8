/** Noise schedule of the diffusion (Ho et al. 2020): betas linear in t, t = 1 ... steps. */
export interface Schedule {
  steps: number;
  /** abar_t for t = 0 ... steps; abar_0 = 1. */
  alphaBar: Float64Array;
}

/** Throws a RangeError unless 0 < betaStart <= betaEnd < 1 and steps is a whole number from 1 on. */
export function linearSchedule({ betaStart, betaEnd, steps }: LinearBetas): Schedule {
  if (!(0 < betaStart && betaStart <= betaEnd && betaEnd < 1)) {
    throw new RangeError(`Expected betas with 0 < start <= end < 1 but received ${betaStart} and ${betaEnd}`);
  }
  if (!Number.isInteger(steps) || steps < 1) {
    throw new RangeError(`Expected a whole number of steps from 1 on but received ${steps}`);
  }
  const alphaBar = new Float64Array(steps + 1).fill(1);
  for (let t = 1; t <= steps; t++) {
    const beta = betaStart + ((betaEnd - betaStart) * (t - 1)) / Math.max(1, steps - 1);
    alphaBar[t] = alphaBar[t - 1]! * (1 - beta);
  }
  return { steps, alphaBar };
}

export interface LinearBetas {
  betaStart: number;
  betaEnd: number;
  steps: number;
}

/** abar_t. Throws a RangeError for a t that the schedule does not have. */
export function alphaBarAt(schedule: Schedule, t: number): number {
  const alphaBar = schedule.alphaBar[t];
  if (alphaBar === undefined) {
    throw new RangeError(`Expected t between 0 and ${schedule.steps} but received ${t}`);
  }
  return alphaBar;
}

/** Half the log signal-to-noise ratio, log(alpha_t / sigma_t): rises as t falls. */
export function halfLogSnr(schedule: Schedule, t: number): number {
  const alphaBar = alphaBarAt(schedule, t);
  return 0.5 * Math.log(alphaBar / (1 - alphaBar));
}

/**
 * q(x_s | x_t, x_0), s < t: mean `x0Weight * x0 + xtWeight * x_t` and `variance` (Ho et al. 2020, eq. 7, written
 * for any pair of timesteps with alpha = abar_t / abar_s).
 */
export function posterior(schedule: Schedule, t: number, s: number): Posterior {
  const alphaBarT = alphaBarAt(schedule, t);
  const alphaBarS = alphaBarAt(schedule, s);
  const alpha = alphaBarT / alphaBarS;
  const noise = 1 - alphaBarT;
  return {
    x0Weight: (Math.sqrt(alphaBarS) * (1 - alpha)) / noise,
    xtWeight: (Math.sqrt(alpha) * (1 - alphaBarS)) / noise,
    variance: ((1 - alpha) * (1 - alphaBarS)) / noise,
  };
}

export interface Posterior {
  x0Weight: number;
  xtWeight: number;
  variance: number;
}

/** x_t = sqrt(abar_t) x_0 + sqrt(1 - abar_t) noise. */
export function diffuse(x0: Float32Array, noise: Float32Array, alphaBar: number): Float32Array {
  const signal = Math.sqrt(alphaBar);
  const sigma = Math.sqrt(1 - alphaBar);
  return x0.map((value, i) => signal * value + sigma * noise[i]!);
}

/**
 * How the timesteps of a sampler lie between the start and 1: evenly in t, evenly in the square root of t (Song et al.
 * 2021, appendix D.2), or evenly in log-SNR. The last two end with small steps at little noise, where fine texture is
 * decided.
 */
export const TIMESTEP_SPACINGS = ['uniform-t', 'quadratic', 'uniform-log-snr'] as const;
export type TimestepSpacing = (typeof TIMESTEP_SPACINGS)[number];

/**
 * `count` timesteps from `start` down, strictly falling, all at least 1; fewer where start < count. With `last` they end
 * there, and are fewer where there are not so many between it and the start; the start alone where it lies under it.
 * The sampler goes from the last one straight to t = 0.
 * Throws a RangeError for a start outside the schedule or a count below 1.
 */
export function timestepsFrom(
  start: number,
  count: number,
  spacing: TimestepSpacing,
  schedule: Schedule,
  last?: number,
): number[] {
  if (!Number.isInteger(start) || start < 1 || start > schedule.steps) {
    throw new RangeError(`Expected a start between 1 and ${schedule.steps} but received ${start}`);
  }
  if (!Number.isInteger(count) || count < 1) {
    throw new RangeError(`Expected a whole number of steps from 1 on but received ${count}`);
  }
  const end = Math.min(start, last ?? 1);
  const steps = Math.min(count, start - end + 1);
  if (spacing === 'uniform-log-snr')
    return strictlyFalling(uniformInLogSnr(start, end, steps, schedule), end);
  const power = spacing === 'quadratic' ? 2 : 1;
  if (last === undefined || steps === 1) return strictlyFalling(uniformInPower(start, 0, steps, power), end);
  return strictlyFalling([...uniformInPower(start, end, steps - 1, power), end], end);
}

/**
 * The spectral sampler's timesteps: `count` from `start` down to the largest t with `1 - abar_t <= noiseFloor`, from
 * where it goes straight to t = 0 (down to 1 where the schedule has none such). See [Note: Where the prior ends].
 * Throws a RangeError as `timestepsFrom`.
 */
export function spectralTimesteps(
  start: number,
  count: number,
  { timestepSpacing, noiseFloor }: { timestepSpacing: TimestepSpacing; noiseFloor: number },
  schedule: Schedule,
): number[] {
  const last = schedule.alphaBar.findLastIndex((alphaBar) => 1 - alphaBar <= noiseFloor);
  return timestepsFrom(start, count, timestepSpacing, schedule, last > 0 ? last : undefined);
}

/** Before `end`, evenly in the `power`-th root of what is above it. */
function uniformInPower(start: number, end: number, steps: number, power: number): number[] {
  return Array.from({ length: steps }, (_, i) => Math.round(end + (start - end) * (1 - i / steps) ** power));
}

function uniformInLogSnr(start: number, end: number, steps: number, schedule: Schedule): number[] {
  const from = halfLogSnr(schedule, start);
  const to = halfLogSnr(schedule, end);
  return Array.from({ length: steps }, (_, i) =>
    i === 0 ? start : nearestTimestep(from + ((to - from) * i) / (steps - 1), start, schedule),
  );
}

/** The t from 1 to `highest` whose half log-SNR is nearest. */
function nearestTimestep(target: number, highest: number, schedule: Schedule): number {
  let t = highest;
  while (t > 1 && halfLogSnr(schedule, t) < target) t--;
  if (t === highest) return t;
  const above = target - halfLogSnr(schedule, t + 1);
  return above < halfLogSnr(schedule, t) - target ? t + 1 : t;
}

/** Moves timesteps apart where rounding made them equal: within [end + count - 1 - i, start - i] for the i-th. */
function strictlyFalling(timesteps: number[], end: number): number[] {
  const start = timesteps[0]!;
  let next = end - 1;
  return timesteps
    .map((t, i) => Math.min(t, start - i))
    .reduceRight<number[]>((falling, t) => {
      next = Math.max(t, next + 1);
      falling.unshift(next);
      return falling;
    }, []);
}
