import { describe, expect, it } from 'vitest';
import { fitAsymmetric, FEATURES, naturalSceneFeatures } from '../../../../engine/evaluate/natural-scene.ts';
import { createNoise } from '../../../../engine/method/noise.ts';

const normal = [...createNoise(1, 0).normal(40_000)];

describe('fitAsymmetric', () => {
  it('knows a Gaussian', () => {
    const { shape, mean, left, right } = fitAsymmetric(normal);
    expect(shape).toBeCloseTo(2, 1);
    expect(mean).toBeCloseTo(0, 1);
    expect(left).toBeCloseTo(1, 1);
    expect(right).toBeCloseTo(1, 1);
  });

  it('knows a Laplacian, and one that is wider to the right', () => {
    const laplacian = normal.map((value, i) => Math.sign(value) * -Math.log((i + 0.5) / normal.length));
    expect(fitAsymmetric(laplacian).shape).toBeCloseTo(1, 1);
    const wider = normal.map((value) => (value > 0 ? 3 * value : value));
    const fit = fitAsymmetric(wider);
    expect(fit.right / fit.left).toBeCloseTo(3, 1);
    expect(fit.mean).toBeGreaterThan(0);
  });

  it('gives numbers for a flat patch', () => {
    for (const value of Object.values(fitAsymmetric([0, 0, 0]))) expect(value).toSatisfy(Number.isFinite);
  });
});

describe('naturalSceneFeatures', () => {
  const noisy = (size: number, strength: number) => ({
    width: size,
    height: size,
    data: createNoise(2, 0)
      .normal(3 * size * size)
      .map((value) => 0.5 + strength * value),
  });

  it('gives 36 finite numbers for each of 16 patches', () => {
    const patches = naturalSceneFeatures(noisy(64, 0.1));
    expect(patches).toHaveLength(16);
    for (const patch of patches) {
      expect(patch).toHaveLength(FEATURES);
      for (const value of patch) expect(value).toSatisfy(Number.isFinite);
    }
  });

  it('is not changed by brightness, and by noise and flatness it is', () => {
    const first = (image: ReturnType<typeof noisy>) => naturalSceneFeatures(image)[0]![0]!;
    const picture = noisy(64, 0.1);
    const brighter = { ...picture, data: picture.data.map((value) => value + 0.2) };
    expect(first(brighter)).toBeCloseTo(first(picture), 2);
    const stripes = { ...picture, data: picture.data.map((_, i) => (i % 16 < 8 ? 0.2 : 0.8)) };
    expect(Math.abs(first(stripes) - first(picture))).toBeGreaterThan(0.1);
  });

  it('refuses a picture that is too small', () => {
    expect(() => naturalSceneFeatures(noisy(31, 0.1))).toThrow(
      'Expected at least 32 x 32 pixels but received 31 x 31',
    );
  });
});
