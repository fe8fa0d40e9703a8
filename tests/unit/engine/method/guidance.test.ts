import { describe, expect, it } from 'vitest';
import {
  closedForm,
  createGuides,
  defaultWeights,
  guidanceGradient,
  guidanceLoss,
  guideStds,
  normaliseWeights,
  normalEquations,
  refineGuides,
  stdDerivatives,
} from '../../../../engine/method/guidance.ts';
import { dct2, gaussianBlur, gaussianTransfer, stdAtSize } from '../../../../engine/method/spectral-blur.ts';
import { largestDifference, noisePicture } from '../../../fixtures/pictures.ts';

const SIZE = 8;
const axis = { min: 0.1, max: 60 };
const restoration = noisePicture(SIZE, 1);
const guides = createGuides(restoration, [40, 20], [0.8, 0.2]);
const x = dct2(noisePicture(SIZE, 2));

/** Central difference of f at index i. */
function slopeAt(f: (x: Float32Array) => number, at: Float32Array, i: number, h = 1e-2): number {
  const moved = (by: number) => at.map((value, k) => (k === i ? value + by : value));
  return (f(moved(h)) - f(moved(-h))) / (2 * h);
}

describe('defaultWeights', () => {
  it('are those of table 7, of sum 1', () => {
    expect([1, 2, 3, 4].map(defaultWeights)).toEqual([
      [1],
      [0.8, 0.2],
      [0.7, 0.2, 0.1],
      [0.7, 0.1, 0.1, 0.1],
    ]);
  });

  it.each([0, 7, 1.5])('refuses %d guides', (count) => {
    expect(() => defaultWeights(count)).toThrow(`Expected guides between 1 and 4 but received ${count}`);
  });
});

describe('normaliseWeights', () => {
  it('scales to sum 1', () => {
    expect(normaliseWeights([2, 1, 1])).toEqual([0.5, 0.25, 0.25]);
  });

  it('refuses negative weights and a sum of 0', () => {
    expect(() => normaliseWeights([1, -0.5])).toThrow('Expected weights of 0 or more but received -0.5');
    expect(() => normaliseWeights([0, 0])).toThrow('sum above 0 but received [0, 0]');
    expect(() => normaliseWeights([NaN])).toThrow('received NaN');
  });
});

describe('guideStds', () => {
  it('fall by the spacing, on the axis', () => {
    expect(guideStds(5, 4, 1, axis)).toEqual([5, 4, 3, 2]);
    expect(guideStds(1.5, 3, 1, axis)).toEqual([1.5, 0.5, 0.1]);
    expect(guideStds(5, 2, 0, axis)).toEqual([5, 5]);
  });
});

describe('createGuides', () => {
  it('blur the restoration with their own std', () => {
    for (const { image, spectrum, std512 } of guides) {
      expect(largestDifference(image, gaussianBlur(restoration, stdAtSize(std512, SIZE)))).toBeLessThan(1e-6);
      expect(largestDifference(spectrum, dct2(image))).toBeLessThan(1e-5);
    }
  });

  it('refuse another number of weights', () => {
    expect(() => createGuides(restoration, [3, 2, 1], [0.5, 0.5])).toThrow(
      'Expected 3 weights for 3 guides but received 2',
    );
  });
});

describe('guidanceLoss', () => {
  it('is the weighted squared error of the blurred pictures', () => {
    const image = noisePicture(SIZE, 2);
    const expected = guides.reduce((sum, guide) => {
      const blurred = gaussianBlur(image, stdAtSize(guide.std512, SIZE));
      return (
        sum + guide.weight * blurred.reduce((total, value, i) => total + (value - guide.image[i]!) ** 2, 0)
      );
    }, 0);
    expect(guidanceLoss(guides, dct2(image))).toBeCloseTo(expected, 4);
  });

  it('is 0 for the restoration itself', () => {
    expect(guidanceLoss(guides, dct2(restoration))).toBeCloseTo(0, 8);
  });
});

describe('guidanceGradient', () => {
  it('is the slope of the loss', () => {
    const gradient = guidanceGradient(guides, x);
    for (const i of [0, 1, 9, 17, 70, 191]) {
      expect(gradient[i]).toBeCloseTo(
        slopeAt((at) => guidanceLoss(guides, at), x, i),
        3,
      );
    }
  });
});

describe('closedForm', () => {
  const lambda = 0.3;
  const objective = (at: Float32Array) =>
    guidanceLoss(guides, at) + lambda * at.reduce((sum, value, i) => sum + (value - x[i]!) ** 2, 0);

  it('is where lambda || X - X0_hat ||^2 + L has no slope', () => {
    const optimum = closedForm(normalEquations(guides), x, lambda);
    for (const i of [0, 1, 9, 17, 70, 191]) expect(slopeAt(objective, optimum, i)).toBeCloseTo(0, 3);
  });

  it('is the prior for a great lambda and the data for a small one', () => {
    const equations = normalEquations(createGuides(restoration, [0.1], [1]));
    expect(largestDifference(closedForm(equations, x, 1e9), x)).toBeLessThan(1e-5);
    expect(largestDifference(closedForm(equations, x, 1e-9), dct2(restoration))).toBeLessThan(1e-4);
  });
});

describe('stdDerivatives', () => {
  it('are the slope of the loss along the std, and its Gauss-Newton curvature', () => {
    const guide = guides[0]!;
    const lossAt = (std512: number) =>
      guidanceLoss([{ ...guide, transfer: gaussianTransfer(stdAtSize(std512, SIZE), SIZE) }], x);
    const { slope, curvature } = stdDerivatives(guide, x);
    expect(slope).toBeCloseTo((lossAt(40.01) - lossAt(39.99)) / 0.02, 4);
    expect(curvature).toBeGreaterThan(0);
  });
});

describe('refineGuides', () => {
  const truth = dct2(restoration);
  const wrong = guides.map((guide) => ({
    ...guide,
    std512: guide.std512 + 5,
    transfer: gaussianTransfer(stdAtSize(guide.std512 + 5, SIZE), SIZE),
  }));

  it('finds the std that made the guides, where x0_hat is the truth', () => {
    let refined = wrong;
    for (let i = 0; i < 30; i++) refined = refineGuides(refined, truth, { step: 0.5, axis });
    expect(refined.map(({ std512 }) => std512)).toEqual([expect.closeTo(40, 2), expect.closeTo(20, 2)]);
  });

  it('never leaves the axis, and keeps transfer and std together', () => {
    const narrow = { min: 23, max: 44 };
    const refined = refineGuides(wrong, truth, { step: 1, axis: narrow });
    for (const { std512, transfer } of refined) {
      expect(std512).toBeGreaterThanOrEqual(narrow.min);
      expect(std512).toBeLessThanOrEqual(narrow.max);
      expect(transfer).toEqual(gaussianTransfer(stdAtSize(std512, SIZE), SIZE));
    }
  });

  it('leaves the guides where nothing tells the std, and does not change its input', () => {
    const before = wrong.map(({ std512 }) => std512);
    expect(refineGuides(wrong, new Float32Array(truth.length), { step: 1, axis })).toEqual(wrong);
    expect(wrong.map(({ std512 }) => std512)).toEqual(before);
  });
});
