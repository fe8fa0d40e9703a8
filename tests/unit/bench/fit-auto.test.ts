import { describe, expect, it } from 'vitest';
import { chosenPlaces, differenceTo, fitTable, meanOf, type MeasuredFace } from '../../../bench/fit-auto.ts';

const choices = [
  { guides: 1, spacing: 4, rho: 0.001 },
  { guides: 3, spacing: 4, rho: 0.001 },
];

/** A face of expected error 1, 2, 3, ... where three guides are better by `gain`. */
function face(i: number, gain: number, stdHat = 1): MeasuredFace {
  const measures = (psnr: number) => ({ psnr, ssim: 0.7, sharpness: 0.5, identity: 1 - psnr / 100 });
  const tries = [measures(22 + i / 100), measures(22 + i / 100 + gain)];
  return { name: String(i), stdHat, error: 1 + i, tries };
}

/** One guide is better where SE is sure, three where it is not. */
const crossed = Array.from({ length: 12 }, (_, i) => face(i, i < 4 ? -0.5 : 0.4));
const options = { by: 'psnr' as const, relative: false };

describe('fitTable', () => {
  it('finds where the better choice changes, and joins neighbours with the same one', () => {
    expect(fitTable(crossed, choices, options)).toEqual({
      relative: false,
      levels: [{ error: 4, ...choices[0] }, choices[1]],
    });
    expect(fitTable(crossed, choices, { ...options, by: 'identity' })).toEqual(
      fitTable(crossed, choices, options),
    );
  });

  it('measures the error relative to the blur where it is asked to', () => {
    const blurred = crossed.map((one) => ({ ...one, stdHat: 2 }));
    const { relative, levels } = fitTable(blurred, choices, { ...options, relative: true });
    expect(relative).toBe(true);
    expect(levels[0]?.error).toBe(2);
  });

  it('keeps the common choice where a gain is not clear', () => {
    const noisy = crossed.map((one, i) => (i < 4 ? face(i, i === 0 ? -3 : 0.9) : one));
    expect(fitTable(noisy, choices, options).levels).toEqual([choices[1]]);
  });

  it('goes by the faces that have a descriptor', () => {
    const without = crossed.map((one, i) => (i % 4 === 0 ? withoutIdentity(one) : one));
    expect(fitTable(without, choices, { ...options, by: 'identity' }).levels).toHaveLength(2);
  });

  it('refuses too few faces, and no choice', () => {
    expect(() => fitTable(crossed.slice(0, 2), choices, options)).toThrow('Expected 3 faces or more');
    expect(() => fitTable(crossed, [], options)).toThrow('but received 12, 0');
  });
});

function withoutIdentity(one: MeasuredFace): MeasuredFace {
  return { ...one, tries: one.tries.map((measures) => ({ ...measures, identity: NaN })) };
}

describe('chosenPlaces', () => {
  const table = fitTable(crossed, choices, options);

  it('is what the table chooses for each face', () => {
    expect(chosenPlaces(table, crossed, choices)).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1]);
  });

  it('refuses a table that chooses something else', () => {
    expect(() => chosenPlaces(table, crossed, choices.slice(1))).toThrow(
      'Expected a choice of 1 guides, 4 apart',
    );
  });
});

describe('differenceTo', () => {
  it('is auto less a fixed choice on the same faces', () => {
    const places = chosenPlaces(fitTable(crossed, choices, options), crossed, choices);
    const { psnr, identity } = differenceTo(1, crossed, places);
    expect(psnr.value).toBeCloseTo((4 * 0.5) / 12, 9);
    expect(psnr.low).toBeLessThan(psnr.value);
    expect(identity?.value).toBeCloseTo((-4 * 0.005) / 12, 9);
    expect(differenceTo(1, crossed.map(withoutIdentity), places).identity).toBeUndefined();
  });

  it('refuses no faces', () => {
    expect(() => differenceTo(0, [], [])).toThrow(RangeError);
  });
});

it('means over what is a number', () => {
  expect(meanOf([1, NaN, 3])).toBe(2);
  expect(meanOf([NaN])).toBeNaN();
});
