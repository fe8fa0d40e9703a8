import { describe, expect, it } from 'vitest';
import { neededBlur, neededRho } from '../../../../engine/method/least-blur.ts';
import { picture } from '../../../fixtures/pictures.ts';

const SIZE = 32;
const KNOTS = [0.1, 20, 40, 80, 160];
/** A cosine of the DCT-II basis: of mean square 0.02, all of it at one frequency. */
const wave = (u: number) =>
  picture(SIZE, (_, row) => 0.5 + 0.2 * Math.cos((Math.PI * u * (row + 0.5)) / SIZE));
/** Mean square of what a blur leaves of the wave. */
const left = (u: number, std512: number) =>
  0.02 * Math.exp(-(((std512 * SIZE) / 512) ** 2) * ((Math.PI * u) / SIZE) ** 2);
const curve = (errors: number[]) => ({ knots: KNOTS, log10: Float32Array.from(errors, Math.log10) });
/** An RM whose error is a part of the wave itself. */
const partOf = (u: number, part: number) => curve(KNOTS.map((std) => part * left(u, std)));

describe('neededBlur', () => {
  it('is the whole least blur where RM shows less than it errs by', () => {
    expect(neededBlur(wave(3), partOf(3, 1.1), 80)).toBe(80);
    expect(neededBlur(wave(3), partOf(3, 1.1), 60)).toBe(60);
  });

  it('is none where RM shows more', () => {
    expect(neededBlur(wave(3), partOf(3, 0.9), 80)).toBe(0.1);
  });

  it('is the whole least blur of a picture without any detail', () => {
    const flat = picture(SIZE, () => 0.5);
    expect(neededBlur(flat, partOf(3, 1), 80)).toBe(80);
  });

  it('lies between where RM has the coarse right and the fine not', () => {
    // The error is at a frequency that is gone with a std of 40; the wave is not gone before 160.
    const fine = curve([0.0105, 0.005, 1e-5, 1e-6, 1e-7]);
    const needed = neededBlur(wave(1), fine, 160);
    expect(needed).toBeGreaterThan(40);
    expect(needed).toBeLessThan(160);
    // A smaller least blur that RM has not right stays as it is.
    expect(neededBlur(wave(1), fine, 40)).toBe(40);
  });

  it('does not jump: it goes up with the error', () => {
    const needed = [0.0005, 0.001, 0.002, 0.004, 0.008, 0.0105].map((error) =>
      neededBlur(wave(1), curve([error, error / 2, 1e-5, 1e-6, 1e-7]), 160),
    );
    expect(needed).toEqual(needed.toSorted((a, b) => a - b));
    expect(new Set(needed).size).toBeGreaterThan(3);
  });

  it('leaves a least blur that the curve does not reach', () => {
    expect(neededBlur(wave(3), partOf(3, 0.1), 0.1)).toBe(0.1);
    expect(neededBlur(wave(3), partOf(3, 0.1), 0.05)).toBe(0.05);
  });

  it('refuses a curve of another length than its knots', () => {
    const short = { knots: KNOTS, log10: Float32Array.of(-2, -3) };
    expect(() => neededBlur(wave(3), short, 80)).toThrow(
      'Expected an error for each of 5 knots but received 2',
    );
  });
});

describe('neededRho', () => {
  it('is the preset’s where its whole least blur is needed, and falls with the part that is', () => {
    expect(neededRho(0.05, 1)).toBe(0.05);
    expect(neededRho(0.05, 0.5)).toBeCloseTo(0.0125, 12);
    expect(neededRho(0.05, 0.1)).toBeLessThan(0.001);
  });
});
