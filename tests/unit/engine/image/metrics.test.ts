import { describe, expect, it } from 'vitest';
import { gradientEnergy, psnr, ssim } from '../../../../engine/image/metrics.ts';
import type { FloatImage } from '../../../../engine/image/types.ts';
import { noise, paint } from './synthetic.ts';

const scene = paint(40, 30, (x, y, c) => 0.5 + 0.3 * Math.sin(x / 5 + c) * Math.cos(y / 4));
const plus = (image: FloatImage, value: number): FloatImage => ({
  ...image,
  data: image.data.map((v) => v + value),
});

describe('psnr', () => {
  it.each([
    [0.1, 20],
    [0.01, 40],
    [-0.5, 6.0206],
  ])('an offset of %d is %d dB', (offset, decibels) => {
    expect(psnr(scene, plus(scene, offset))).toBeCloseTo(decibels, 3);
  });
  it('of equal pictures is infinite', () => expect(psnr(scene, scene)).toBe(Infinity));
  it('refuses two sizes', () =>
    expect(() =>
      psnr(
        scene,
        paint(4, 4, () => 0),
      ),
    ).toThrow('40 x 30 and 4 x 4'));
});

describe('ssim', () => {
  it('of equal pictures is 1', () => expect(ssim(scene, scene)).toBeCloseTo(1, 12));

  it('of two flat pictures is the luminance term', () => {
    const [a, b] = [paint(16, 16, () => 0.4), paint(16, 16, () => 0.6)];
    expect(ssim(a, b)).toBeCloseTo((2 * 0.4 * 0.6 + 1e-4) / (0.4 ** 2 + 0.6 ** 2 + 1e-4), 5);
  });

  it('of one window is the formula, worked out pixel by pixel', () => {
    const next = noise(9);
    const a = paint(11, 11, () => 0.5 + 0.1 * next());
    const b = paint(11, 11, () => 0.5 + 0.1 * next());
    const y = (image: FloatImage, i: number) =>
      0.299 * image.data[i]! + 0.587 * image.data[i + 121]! + 0.114 * image.data[i + 242]!;
    const raw = Array.from({ length: 121 }, (_, i) =>
      Math.exp(-(((i % 11) - 5) ** 2 + (Math.floor(i / 11) - 5) ** 2) / 4.5),
    );
    const total = raw.reduce((sum, w) => sum + w, 0);
    const average = (f: (i: number) => number) => raw.reduce((sum, w, i) => sum + (w / total) * f(i), 0);
    const [ma, mb] = [average((i) => y(a, i)), average((i) => y(b, i))];
    const va = average((i) => (y(a, i) - ma) ** 2);
    const vb = average((i) => (y(b, i) - mb) ** 2);
    const cov = average((i) => (y(a, i) - ma) * (y(b, i) - mb));
    const expected =
      ((2 * ma * mb + 1e-4) * (2 * cov + 9e-4)) / ((ma ** 2 + mb ** 2 + 1e-4) * (va + vb + 9e-4));
    expect(ssim(a, b)).toBeCloseTo(expected, 6);
  });

  it('falls with noise', () => {
    const next = noise(2);
    const noisy = { ...scene, data: scene.data.map((v) => v + 0.1 * next()) };
    expect(ssim(scene, noisy)).toBeLessThan(0.8);
  });
  it('refuses pictures smaller than its window', () => {
    expect(() =>
      ssim(
        paint(10, 20, () => 0),
        paint(10, 20, () => 0),
      ),
    ).toThrow('received 10 x 20');
  });
});

describe('gradientEnergy', () => {
  it('of a ramp is the sum of its squared slopes', () => {
    expect(gradientEnergy(paint(20, 20, (x, y) => 0.02 * x + 0.01 * y))).toBeCloseTo(0.0005, 7);
  });
  it('of a flat picture is 0', () => expect(gradientEnergy(paint(5, 5, () => 0.3))).toBe(0));
});
