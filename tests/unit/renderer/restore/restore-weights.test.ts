import { describe, expect, it } from 'vitest';
import { defaultWeights } from '../../../../engine/method/guidance.ts';
import { moveWeight, paperWeights, sameWeights } from '../../../../renderer/state/restore-weights.ts';

const sum = (weights: number[]) => weights.reduce((total, weight) => total + weight, 0);

describe("the paper's weights", () => {
  it.each([1, 2, 3, 4])("are the engine's for %i guides", (guides) => {
    expect(paperWeights(guides)).toEqual(defaultWeights(guides));
  });

  it.each([0, 5, 1.5, NaN])('are refused for %d guides', (guides) => {
    expect(() => paperWeights(guides)).toThrow(/between 1 and 4/);
  });
});

describe('moving one weight', () => {
  it('lets the others share in the proportion that they had', () => {
    const moved = moveWeight([0.7, 0.2, 0.1], 0, 0.4);
    expect(moved[0]).toBe(0.4);
    expect(moved[1]! / moved[2]!).toBeCloseTo(2);
    expect(sum(moved)).toBeCloseTo(1, 9);
  });

  it('shares equally where the others had nothing', () => {
    expect(moveWeight([1, 0, 0], 0, 0.5)).toEqual([0.5, 0.25, 0.25]);
  });

  it('keeps sum 1 wherever it is moved', () => {
    for (let value = 0; value <= 1; value += 0.013) {
      for (const index of [0, 1, 2, 3]) {
        const moved = moveWeight([0.7, 0.1, 0.1, 0.1], index, value);
        expect(sum(moved)).toBeCloseTo(1, 9);
        expect(Math.min(...moved)).toBeGreaterThanOrEqual(0);
      }
    }
  });

  it('stays between 0 and 1, and leaves a single guide at 1', () => {
    expect(moveWeight([0.5, 0.5], 0, 7)).toEqual([1, 0]);
    expect(moveWeight([0.5, 0.5], 0, -7)).toEqual([0, 1]);
    expect(moveWeight([1], 0, 0.2)).toEqual([1]);
  });
});

it('takes weights for the same within a thousandth', () => {
  expect(sameWeights([0.7, 0.3], [0.7001, 0.2999])).toBe(true);
  expect(sameWeights([0.7, 0.3], [0.71, 0.29])).toBe(false);
  expect(sameWeights([1], [0.5, 0.5])).toBe(false);
});
