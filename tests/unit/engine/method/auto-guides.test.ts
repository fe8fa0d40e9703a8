import { describe, expect, it } from 'vitest';
import { boundedError, chooseLevel, planGuides } from '../../../../engine/method/auto-guides.ts';
import type { SamplingPlan } from '../../../../engine/method/presets.ts';

const levels = [
  { error: 0.8, guides: 1, spacing: 1 },
  { error: 1.5, guides: 2, spacing: 1, rho: 0.2 },
  { guides: 4, spacing: 2 },
];
const table = { relative: false, levels };
const plan: SamplingPlan = {
  ...{ preset: 'balanced', weights: [0.5, 0.5], spacing: 3, rho: 0.1, guidanceScale: 1, crispness: 0 },
  axis: { min: 0.1, max: 15 },
  ...{ kernelRefinement: false, perRegion: false, start: undefined, blur: undefined, seed: 0 },
  sampling: { sampler: 'spectral', solver: 'ddim', steps: 5, timestepSpacing: 'uniform-t', eta: 0 },
  auto: { ...table, required: false },
};

describe('chooseLevel', () => {
  it.each([
    [0, 1],
    [0.8, 1],
    [0.81, 2],
    [1.5, 2],
    [99, 4],
  ])('takes for an expected error of %d the level of %d guides', (error, guides) => {
    expect(chooseLevel(table, 5, error).guides).toBe(guides);
  });

  it('takes the error relative to the blur where the table is meant so, never to less than 1', () => {
    const relative = { ...table, relative: true };
    expect(chooseLevel(relative, 5, 4).guides).toBe(1);
    expect(chooseLevel(relative, 2, 4).guides).toBe(4);
    expect(chooseLevel(relative, 0.1, 0.7).guides).toBe(1);
    expect(boundedError(0.1, 0.7, true)).toBe(0.7);
  });

  it.each([-1, NaN])('refuses an error of %d', (error) => {
    expect(() => chooseLevel(table, 5, error)).toThrow(
      `Expected an error of 0 or more but received ${error}`,
    );
  });

  it('refuses a table that ends too early', () => {
    const short = { relative: false, levels: levels.slice(0, 1) };
    expect(() => chooseLevel(short, 5, 2)).toThrow('Expected a level for an error of 2 but received none');
  });
});

describe('planGuides', () => {
  it("puts the level's guides into the plan, and says what it chose", () => {
    const { plan: planned, choice } = planGuides(plan, { stdHat: 3, error: 1 });
    expect(choice).toEqual({ error: 1, guides: 2, spacing: 1 });
    expect(planned).toEqual({ ...plan, weights: [0.8, 0.2], spacing: 1, rho: 0.2 });
    expect(planGuides(plan, { stdHat: 3, error: 2 }).plan.rho).toBe(0.1);
  });

  it('leaves a plan without a table as it is, and one whose SE tells no error', () => {
    const without = { ...plan, auto: undefined };
    expect(planGuides(without, { stdHat: 3, error: 1 })).toEqual({ plan: without });
    expect(planGuides(plan, { stdHat: 3 })).toEqual({ plan });
  });

  it('refuses an SE that tells no error where a person asked for it', () => {
    const asked = { ...plan, auto: { ...table, required: true } };
    expect(() => planGuides(asked, { stdHat: 3 })).toThrow(
      expect.objectContaining({
        code: 'argument/invalid',
        message: expect.stringContaining('tells its error with auto') as string,
      }),
    );
  });
});
