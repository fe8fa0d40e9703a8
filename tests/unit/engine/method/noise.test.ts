import { describe, expect, it } from 'vitest';
import { createNoise, xoshiro128 } from '../../../../engine/method/noise.ts';

describe('xoshiro128', () => {
  it('gives the values of the reference implementation for the state 1, 2, 3, 4', () => {
    const next = xoshiro128([1, 2, 3, 4]);
    expect(Array.from({ length: 6 }, next)).toEqual([11520, 0, 5927040, 70819200, 2031721883, 1637235492]);
  });
});

describe('createNoise', () => {
  it('is standard normal', () => {
    const values = Array.from(createNoise(7, 0).normal(200_000));
    const moment = (power: number) => values.reduce((sum, value) => sum + value ** power, 0) / values.length;
    expect(moment(1)).toBeCloseTo(0, 2);
    expect(moment(2)).toBeCloseTo(1, 2);
    expect(Math.abs(moment(3))).toBeLessThan(0.03);
    expect(Math.abs(moment(4) - 3)).toBeLessThan(0.1);
    expect(values.filter((value) => Math.abs(value) < 1.959964).length / values.length).toBeCloseTo(0.95, 2);
  });

  it('gives the values that an independent Python version gives for seed 7, face 0', () => {
    const values = [...createNoise(7, 0).normal(4)];
    expect(values.map((value) => value.toFixed(6))).toEqual([
      '0.274296',
      '1.322507',
      '-0.593211',
      '-0.499227',
    ]);
  });

  it('goes on where it stopped', () => {
    const whole = createNoise(3, 0).normal(8);
    const parts = createNoise(3, 0);
    expect([...parts.normal(4), ...parts.normal(4)]).toEqual([...whole]);
  });

  it('gives each seed and each face a stream of its own', () => {
    const streams = [createNoise(0, 0), createNoise(0, 1), createNoise(1, 0), createNoise(1, 1)];
    const values = streams.map((stream) => stream.normal(10_000));
    for (const [i, a] of values.entries()) {
      for (const b of values.slice(i + 1)) {
        const correlation = a.reduce((sum, value, k) => sum + value * b[k]!, 0) / a.length;
        expect(Math.abs(correlation)).toBeLessThan(0.05);
      }
    }
  });

  it.each([-1, 1.5, 2 ** 32, NaN])('refuses %d as seed or face', (value) => {
    expect(() => createNoise(value, 0)).toThrow(
      `Expected seed between 0 and 4294967295 but received ${value}`,
    );
    expect(() => createNoise(0, value)).toThrow('Expected face');
  });
});
