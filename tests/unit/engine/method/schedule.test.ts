import { describe, expect, it } from 'vitest';
import {
  alphaBarAt,
  diffuse,
  halfLogSnr,
  linearSchedule,
  posterior,
  spectralTimesteps,
  timestepsFrom,
} from '../../../../engine/method/schedule.ts';

const schedule = linearSchedule({ betaStart: 1e-4, betaEnd: 0.02, steps: 1000 });

describe('linearSchedule', () => {
  it('is the product of 1 - beta', () => {
    const small = linearSchedule({ betaStart: 0.1, betaEnd: 0.3, steps: 3 });
    expect([...small.alphaBar]).toEqual([1, 0.9, 0.9 * 0.8, expect.closeTo(0.9 * 0.8 * 0.7, 12)]);
  });

  it('has the values of the 1000-step schedule', () => {
    expect(alphaBarAt(schedule, 1)).toBeCloseTo(0.9999, 12);
    expect(alphaBarAt(schedule, 1000)).toBeCloseTo(4.0358e-5, 8);
  });

  it.each([
    { betaStart: 0, betaEnd: 0.02, steps: 10 },
    { betaStart: 0.5, betaEnd: 0.02, steps: 10 },
    { betaStart: 0.1, betaEnd: 1, steps: 10 },
    { betaStart: 0.1, betaEnd: 0.2, steps: 0 },
    { betaStart: 0.1, betaEnd: 0.2, steps: 2.5 },
  ])('refuses %o', (betas) => {
    expect(() => linearSchedule(betas)).toThrow(RangeError);
  });
});

describe('alphaBarAt', () => {
  it.each([-1, 1001, 0.5])('refuses t = %d', (t) => {
    expect(() => alphaBarAt(schedule, t)).toThrow(`Expected t between 0 and 1000 but received ${t}`);
  });
});

describe('posterior', () => {
  it('is Ho et al. eq. 7 for neighbouring timesteps', () => {
    const [abar, before] = [alphaBarAt(schedule, 300), alphaBarAt(schedule, 299)];
    const beta = 1 - abar / before;
    const { x0Weight, xtWeight, variance } = posterior(schedule, 300, 299);
    expect(x0Weight).toBeCloseTo((Math.sqrt(before) * beta) / (1 - abar), 12);
    expect(xtWeight).toBeCloseTo((Math.sqrt(1 - beta) * (1 - before)) / (1 - abar), 12);
    expect(variance).toBeCloseTo((beta * (1 - before)) / (1 - abar), 12);
  });

  it('keeps the marginal q(x_s | x_0), also over a stride', () => {
    const { x0Weight, xtWeight, variance } = posterior(schedule, 700, 300);
    const abar = alphaBarAt(schedule, 700);
    expect(x0Weight + xtWeight * Math.sqrt(abar)).toBeCloseTo(Math.sqrt(alphaBarAt(schedule, 300)), 12);
    expect(xtWeight ** 2 * (1 - abar) + variance).toBeCloseTo(1 - alphaBarAt(schedule, 300), 12);
  });

  it('gives x_0 itself at s = 0', () => {
    const { x0Weight, xtWeight, variance } = posterior(schedule, 1, 0);
    expect(x0Weight).toBeCloseTo(1, 12);
    expect([xtWeight, variance]).toEqual([0, 0]);
  });
});

describe('diffuse', () => {
  it('mixes signal and noise by abar', () => {
    expect([...diffuse(Float32Array.of(1, 0), Float32Array.of(0, 1), 0.36)]).toEqual([
      expect.closeTo(0.6, 6),
      expect.closeTo(0.8, 6),
    ]);
  });
});

describe('spectralTimesteps', () => {
  const ending = (noiseFloor: number) =>
    spectralTimesteps(700, 15, { timestepSpacing: 'quadratic', noiseFloor }, schedule);

  it('end at the largest t with no more noise than the floor', () => {
    const t = ending(0.03).at(-1)!;
    expect(1 - schedule.alphaBar[t]!).toBeLessThanOrEqual(0.03);
    expect(1 - schedule.alphaBar[t + 1]!).toBeGreaterThan(0.03);
    expect(ending(0.03)).toHaveLength(15);
  });

  it('are the start alone where it has no more noise than the floor', () => {
    expect(ending(1)).toEqual([700]);
  });

  it('go on as without an end where every t has more noise than the floor', () => {
    expect(ending(0)).toEqual(timestepsFrom(700, 15, 'quadratic', schedule));
  });
});

describe('timestepsFrom', () => {
  it('is even in t', () => {
    expect(timestepsFrom(700, 7, 'uniform-t', schedule)).toEqual([700, 600, 500, 400, 300, 200, 100]);
  });

  it('is even in log-SNR, from the start to 1', () => {
    const timesteps = timestepsFrom(700, 9, 'uniform-log-snr', schedule);
    const gaps = timesteps
      .slice(1)
      .map((t, i) => halfLogSnr(schedule, t) - halfLogSnr(schedule, timesteps[i]!));
    expect(timesteps[0]).toBe(700);
    expect(timesteps.at(-1)).toBe(1);
    expect(Math.max(...gaps.slice(0, 6)) / Math.min(...gaps.slice(0, 6))).toBeLessThan(1.1);
  });

  it('lies evenly in the square root of t', () => {
    expect(timestepsFrom(400, 4, 'quadratic', schedule)).toEqual([400, 225, 100, 25]);
  });

  it.each(['uniform-t', 'quadratic', 'uniform-log-snr'] as const)(
    'falls strictly to at least 1, whatever the start (%s)',
    (spacing) => {
      for (const start of [1, 2, 7, 50, 333, 1000]) {
        for (const count of [1, 4, 15, 50, 1000]) {
          const timesteps = timestepsFrom(start, count, spacing, schedule);
          expect(timesteps).toHaveLength(Math.min(start, count));
          expect(timesteps[0]).toBe(start);
          expect(timesteps.every((t, i) => t >= 1 && (i === 0 || t < timesteps[i - 1]!))).toBe(true);
        }
      }
    },
  );

  it('ends at the last one, evenly above it', () => {
    expect(timestepsFrom(450, 5, 'quadratic', schedule, 50)).toEqual([450, 275, 150, 75, 50]);
    expect(timestepsFrom(450, 5, 'uniform-t', schedule, 50)).toEqual([450, 350, 250, 150, 50]);
    expect(timestepsFrom(450, 5, 'uniform-log-snr', schedule, 50).at(-1)).toBe(50);
  });

  it.each(['uniform-t', 'quadratic', 'uniform-log-snr'] as const)(
    'falls strictly to the last one, in fewer steps where it is near, the start alone under it (%s)',
    (spacing) => {
      for (const start of [1, 49, 50, 51, 57, 333]) {
        for (const count of [1, 2, 5, 15]) {
          const timesteps = timestepsFrom(start, count, spacing, schedule, 50);
          expect(timesteps).toHaveLength(Math.max(1, Math.min(count, start - 49)));
          expect(timesteps[0]).toBe(start);
          if (timesteps.length > 1) expect(timesteps.at(-1)).toBe(50);
          expect(timesteps.every((t, i) => i === 0 || t < timesteps[i - 1]!)).toBe(true);
        }
      }
    },
  );

  it('is every timestep where asked for as many as there are', () => {
    expect(timestepsFrom(5, 5, 'uniform-t', schedule)).toEqual([5, 4, 3, 2, 1]);
  });

  it('refuses a start outside the schedule and a count below 1', () => {
    expect(() => timestepsFrom(1001, 5, 'uniform-t', schedule)).toThrow(
      'between 1 and 1000 but received 1001',
    );
    expect(() => timestepsFrom(0, 5, 'uniform-t', schedule)).toThrow(RangeError);
    expect(() => timestepsFrom(10, 0, 'uniform-t', schedule)).toThrow('received 0');
  });
});
