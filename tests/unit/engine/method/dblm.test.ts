import { describe, expect, it } from 'vitest';
import { mapBlurLevel } from '../../../../engine/method/dblm.ts';

const axis = { min: 0.1, max: 15 };
const y = new Float32Array(12).fill(0.5);

function networks(std: number, restored = 0.25, grid?: Float32Array, error?: number) {
  return {
    restoration: (input: Float32Array) => Promise.resolve({ picture: input.map(() => restored) }),
    estimator: (tm: Float32Array) => Promise.resolve({ std, tm, grid, error }),
  };
}

describe('mapBlurLevel', () => {
  it('gives RM(y) and the estimated std', async () => {
    expect(await mapBlurLevel(networks(3), y, axis)).toEqual({
      restoration: y.map(() => 0.25),
      stdHat: 3,
      axis,
    });
  });

  it.each([
    [-2, 0.1],
    [99, 15],
  ])('clamps an estimate of %d to %d', async (std, stdHat) => {
    expect((await mapBlurLevel(networks(std), y, axis)).stdHat).toBe(stdHat);
  });

  it("gives SE's grid, clamped, where it has one", async () => {
    const { grid } = await mapBlurLevel(networks(3, 0.25, Float32Array.of(-1, 4, 99)), y, axis);
    expect(grid).toEqual(Float32Array.of(0.1, 4, 15));
    expect((await mapBlurLevel(networks(3), y, axis)).grid).toBeUndefined();
  });

  it("gives SE's expected error, 0 or more, where it has one", async () => {
    expect((await mapBlurLevel(networks(3, 0.25, undefined, 0.7), y, axis)).error).toBe(0.7);
    expect((await mapBlurLevel(networks(3, 0.25, undefined, -0.1), y, axis)).error).toBe(0);
    expect((await mapBlurLevel(networks(3), y, axis)).error).toBeUndefined();
  });

  it("takes less of a preset's least blur where SE says that RM's picture needs less", async () => {
    const knots = [0.1, 2, 8];
    const unsure = { ...networks(0.5), estimator: expecting(0.5, [-1, -2, -3]) };
    const sure = { ...networks(0.5), estimator: expecting(0.5, [-6, -7, -8]) };
    // RM's picture is no flat one, so that there is detail to be lost.
    const restoration = (input: Float32Array) =>
      Promise.resolve({ picture: input.map((_, i) => (i % 2 ? 0.8 : 0.2)) });
    const least = { min: 3, max: 15 };
    expect(await mapBlurLevel({ ...unsure, restoration }, y, least)).toMatchObject({
      stdHat: 3,
      axis: least,
    });
    const kept = await mapBlurLevel({ ...sure, restoration }, y, least);
    expect(kept).toMatchObject({ stdHat: 0.5, axis: { min: 0.1, max: 15 } });
    const notANumber = { ...networks(0.5), estimator: expecting(0.5, [NaN, -7, -8]), restoration };
    await expect(mapBlurLevel(notANumber, y, least)).rejects.toMatchObject({ code: 'face/failed' });

    function expecting(std: number, log10: number[]) {
      return (tm: Float32Array) =>
        Promise.resolve({ std, tm, curve: { knots, log10: Float32Array.from(log10) } });
    }
  });

  it('takes a given blur level instead, without asking SE', async () => {
    const withoutEstimator = { ...networks(3), estimator: () => Promise.reject(new Error('asked')) };
    const given = await mapBlurLevel(withoutEstimator, y, axis, 7);
    expect(given.stdHat).toBe(7);
    expect(given.grid).toBeUndefined();
  });

  it('refuses networks that give no number', async () => {
    const failure = { code: 'face/failed' };
    await expect(mapBlurLevel(networks(NaN), y, axis)).rejects.toMatchObject(failure);
    await expect(mapBlurLevel(networks(3, Infinity), y, axis)).rejects.toMatchObject(failure);
    const grid = Float32Array.of(1, NaN);
    await expect(mapBlurLevel(networks(3, 0.25, grid), y, axis)).rejects.toMatchObject(failure);
    const unsure = networks(3, 0.25, undefined, NaN);
    await expect(mapBlurLevel(unsure, y, axis)).rejects.toMatchObject(failure);
  });
});
