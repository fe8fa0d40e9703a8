import { describe, expect, it } from 'vitest';
import { degradeUnevenly, measureRegions } from '../../../bench/regions.ts';
import { gaussianBlur, stdAtSize } from '../../../engine/method/spectral-blur.ts';
import type { Guide } from '../../../engine/method/guidance.ts';
import { loadPack } from '../../../engine/models/manifest.ts';
import { largestDifference, picture } from '../../fixtures/pictures.ts';
import {
  TINY_PACK,
  TINY_SIZE,
  tinyDenoiser,
  tinyDgsa,
  tinyGrid,
  tinyGuided,
  tinyRestoration,
  tinyStd,
} from '../../fixtures/tiny-pack.ts';

const slope = { from: 2, to: 60 };
const truth = {
  width: TINY_SIZE,
  height: TINY_SIZE,
  data: picture(
    TINY_SIZE,
    (plane, row, column) => 0.3 + row / 80 + 0.3 * Math.sin(row + plane) * Math.cos(column),
  ),
};

describe('degradeUnevenly', () => {
  it('blurs by one std at the left edge and by the other at the right, with noise', () => {
    const { data } = degradeUnevenly(truth, slope, 3);
    const column = (of: Float32Array, at: number) => of.filter((_, i) => i % TINY_SIZE === at);
    const blurred = (std: number) => gaussianBlur(truth.data, stdAtSize(std, TINY_SIZE));
    const noise = (at: number, std: number) => largestDifference(column(data, at), column(blurred(std), at));
    expect(noise(0, slope.from)).toBeLessThan(0.06);
    expect(noise(TINY_SIZE - 1, slope.to)).toBeLessThan(0.06);
    expect(noise(0, slope.to)).toBeGreaterThan(0.2);
    expect(data.every((value) => Math.abs(value * 255 - Math.round(value * 255)) < 1e-3)).toBe(true);
  });

  it('is the same for the same seed alone', () => {
    expect(degradeUnevenly(truth, slope, 3)).toEqual(degradeUnevenly(truth, slope, 3));
    expect(degradeUnevenly(truth, slope, 3)).not.toEqual(degradeUnevenly(truth, slope, 4));
  });
});

describe('measureRegions', () => {
  it('scores the photo, RM, and both ways to restore it, each half by itself', async () => {
    const sessions = {
      restoration: (y: Float32Array) => Promise.resolve({ picture: tinyRestoration(y) }),
      estimator: (y: Float32Array) => Promise.resolve({ std: tinyStd(y), grid: tinyGrid(y), tm: y }),
      denoiser: (xt: Float32Array, t: number) => Promise.resolve(tinyDenoiser(xt, t)),
      guided: ({ xt, t, guides }: { xt: Float32Array; t: number; guides: readonly unknown[] }) =>
        Promise.resolve(tinyGuided(xt, t, guides as Guide[])),
      dgsa: (y1: Float32Array, x0Hat: Float32Array, t: number) => Promise.resolve(tinyDgsa(y1, x0Hat, t)),
    };
    const settings = { preset: 'balanced', speed: 'draft' as const };
    const tools = { pack: await loadPack(TINY_PACK), sessions, settings };
    const { levels, LQ, RM, off, on } = await measureRegions(degradeUnevenly(truth, slope, 3), truth, tools);
    expect(levels).toBeGreaterThan(1);
    expect(LQ.sharp).toBeGreaterThan(LQ.blurred + 1);
    // The mean squared errors of the halves have that of the whole as their mean.
    const error = (psnr: number) => 10 ** (-psnr / 10);
    for (const score of [LQ, RM, off, on])
      expect((error(score.sharp) + error(score.blurred)) / 2 / error(score.whole)).toBeCloseTo(1, 6);
    expect(on.whole).not.toBe(off.whole);
    expect(LQ.energy).toBeLessThan(1);
  });
});
