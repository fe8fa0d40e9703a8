import { describe, expect, it } from 'vitest';
import {
  constantScale,
  meanScale,
  moveAlong,
  moveTowards,
  regionScale,
} from '../../../../engine/method/dgsa.ts';

const picture = Float32Array.of(0, 1, 2);

describe('constantScale', () => {
  it('is the same at every step', async () => {
    expect(await constantScale(0.4)(picture, 10)).toBe(0.4);
  });

  it.each([-0.1, 1.1, NaN])('refuses %d', (scale) => {
    expect(() => constantScale(scale)).toThrow(
      `Expected a guidance scale between 0 and 1 but received ${scale}`,
    );
  });
});

describe('meanScale', () => {
  it('is the mean of the channels', () => {
    expect(meanScale(Float32Array.of(0, 1, 0.25, 1, 0.5, 1), 2)).toEqual(Float32Array.of(0.25, 1));
  });

  it('refuses a map of another size', () => {
    expect(() => meanScale(picture, 4)).toThrow('Expected 12 values of A_t but received 3');
  });
});

describe('regionScale', () => {
  it('asks the network with the first guide, the estimate and the timestep', async () => {
    const dgsa = (y1: Float32Array, x0Hat: Float32Array, t: number) =>
      Promise.resolve(Float32Array.of(y1[0]!, x0Hat[1]!, t));
    expect(await regionScale({ dgsa }, Float32Array.of(5, 6, 7))(picture, 9)).toEqual(
      Float32Array.of(5, 1, 9),
    );
  });

  it('refuses a network that gives no number', async () => {
    const dgsa = () => Promise.resolve(Float32Array.of(NaN));
    await expect(regionScale({ dgsa }, picture)(picture, 9)).rejects.toMatchObject({ code: 'face/failed' });
  });
});

describe('moveTowards and moveAlong', () => {
  it('take one number or one a value', () => {
    const to = Float32Array.of(2, 2, 2);
    expect([...moveTowards(picture, to, 0.5)]).toEqual([1, 1.5, 2]);
    expect([...moveTowards(picture, to, Float32Array.of(0, 1, 0.5))]).toEqual([0, 2, 2]);
    expect([...moveAlong(picture, to, 0.5, -2)]).toEqual([-2, -1, 0]);
    expect([...moveAlong(picture, to, Float32Array.of(0, 1, 0.5), 1)]).toEqual([0, 3, 3]);
  });
});
