import { describe, expect, it } from 'vitest';
import {
  equaliseFace,
  equaliseGuide,
  LARGEST_GAIN,
  parseFacePower,
} from '../../../../engine/method/face-power.ts';
import type { FacePower } from '../../../../engine/method/face-power.ts';
import { dct2, idct2 } from '../../../../engine/method/spectral-blur.ts';

const SIZE = 32;
/** Its middles lie at 2, 4 and 8 cycles. */
const EDGES = [2, 4, 8, 16].map((edge) => edge / Math.SQRT2);

/** Predicts, of each ring, its own power times e to the given number. */
function table(logRatios: readonly number[]): FacePower {
  const weights = logRatios.map((ratio, ring) => [
    ratio,
    ...EDGES.slice(1).map((_, i) => Number(i === ring)),
  ]);
  return { edges: EDGES, weights, resolution: SIZE, guides: 1 };
}

/** RM's picture, all of whose rings guide as strongly as the face is raised. */
function raisedBy(ratios: FacePower, picture: Float32Array, crispness = 1): Float32Array {
  return equaliseGuide(picture, ratios, crispness);
}

/** A grey with a wave of each number of cycles from top to bottom, all planes alike. */
function waves(...cycles: number[]): Float32Array {
  const spectrum = new Float32Array(3 * SIZE * SIZE);
  for (let plane = 0; plane < 3; plane++) {
    spectrum[plane * SIZE * SIZE] = 0.5 * SIZE;
    for (const count of cycles) spectrum[plane * SIZE * SIZE + 2 * count * SIZE] = 1;
  }
  return idct2(spectrum);
}

/** Of the first plane's waves. */
function amplitudes(picture: Float32Array, ...cycles: number[]): number[] {
  const spectrum = dct2(picture);
  return cycles.map((count) => spectrum[2 * count * SIZE]!);
}

function close(values: readonly number[], expected: readonly number[]): void {
  expect(values).toHaveLength(expected.length);
  values.forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i]!, 4);
  });
}

describe('power spectrum equalization', () => {
  const picture = waves(1, 2, 4, 8, 14);

  it('raises a ring to the power that a face has there, and none beside it', () => {
    const raised = raisedBy(table([0, Math.log(9), 0]), picture);
    close(amplitudes(raised, 1, 2, 4, 8, 14), [1, 1, 3, 1, 1]);
    expect(dct2(raised)[0]).toBeCloseTo(0.5 * SIZE, 3);
  });

  it('raises it by the power of the strength', () => {
    close(amplitudes(raisedBy(table([0, Math.log(9), 0]), picture, 0.5), 4), [Math.sqrt(3)]);
    expect(raisedBy(table([0, Math.log(9), 0]), picture, 0)).toEqual(picture);
  });

  it('raises a guide by its part of the crispness', () => {
    const ratios = { ...table([0, Math.log(9), 0]), guides: 0.25 };
    close(amplitudes(raisedBy(ratios, picture), 2, 4), [1, 9 ** 0.125]);
  });

  it('raises what a face has to what it should have by RM', () => {
    const faint = picture.map((value) => 0.5 + (value - 0.5) / 2);
    const ratios = { ...table([Math.log(4), 0, Math.log(4)]), guides: 0, raisedFrom: 3.9 };
    close(amplitudes(equaliseFace(faint, picture, ratios, 1), 1, 2, 4, 8), [0.5, 0.5, 1, 2]);
    close(amplitudes(equaliseFace(faint, picture, ratios, 0.5), 8), [1]);
    expect(equaliseFace(faint, picture, ratios, 0)).toBe(faint);
    expect(equaliseFace(faint, picture, { ...ratios, raisedFrom: undefined }, 1)).toBe(faint);
    close(amplitudes(equaliseFace(faint, picture, { ...ratios, raisedFrom: 100 }, 1), 8), [0.5]);
  });

  it('lowers the grid of the squares that networks draw in', () => {
    const ratios = { ...table([0, 0, Math.log(9)]), raisedFrom: 2, squares: 4 }; // 8 cycles, and 16
    close(amplitudes(equaliseFace(picture, picture, ratios, 0.75), 4, 8, 14), [1, 0.25, 9 ** 0.375]);
    const along = waves();
    along.forEach((_, i) => (along[i]! += 0.1 * Math.cos((Math.PI / SIZE) * 8 * ((i % SIZE) + 0.5))));
    expect(dct2(equaliseFace(along, along, { ...ratios, squares: 16 }, 1))[4]).toBeCloseTo(0, 4);
    expect(dct2(equaliseFace(along, along, ratios, 1))[0]).toBeCloseTo(0.5 * SIZE, 3);
  });

  it('goes evenly from one ring to the next, and holds the last one beyond its middle', () => {
    const raised = raisedBy(table([0, 0, Math.log(9)]), waves(3, 6, 14));
    const share = Math.log2(6 / 4);
    close(amplitudes(raised, 3, 6, 14), [1, 3 ** share, 3]);
  });

  it('reads the power of every ring for each', () => {
    const crossed = table([0, 0, 0]);
    crossed.weights[2] = [Math.log(4), 0, 1, 0]; // four times the middle ring's mean power
    const counts = [4, 8].map((middle) => ringCount(middle));
    close(amplitudes(raisedBy(crossed, waves(4, 8)), 4, 8), [1, Math.sqrt((4 * counts[1]!) / counts[0]!)]);
  });

  it('lowers none, and raises none by more than the largest gain', () => {
    close(amplitudes(raisedBy(table([-3, 50, -3]), picture), 2, 4, 8), [1, LARGEST_GAIN, 1]);
  });

  it('leaves a blank picture blank', () => {
    const blank = new Float32Array(3 * SIZE * SIZE).fill(0.25);
    const raised = raisedBy(table([0, 5, 5]), blank);
    expect(Math.max(...raised.map((value) => Math.abs(value - 0.25)))).toBeLessThan(1e-5);
  });

  it('refuses a picture of another size', () => {
    const message = 'Expected a picture of 32 pixels a side but received 16';
    const small = new Float32Array(3 * 16 * 16);
    expect(() => equaliseGuide(small, table([0, 0, 0]), 1)).toThrow(message);
    expect(() => equaliseFace(picture, small, { ...table([0, 0, 0]), raisedFrom: 2 }, 1)).toThrow(message);
  });
});

/** Frequencies in the ring around a middle. */
function ringCount(middle: number): number {
  let count = 0;
  for (let u = 0; u < SIZE; u++)
    for (let v = 0; v < SIZE; v++) {
      const radius = Math.hypot(u, v) / 2;
      if (radius >= middle / Math.SQRT2 && radius < middle * Math.SQRT2) count++;
    }
  return count;
}

describe('parseFacePower', () => {
  it('takes a table', () => {
    expect(parseFacePower(table([0, 1, 2]), 'face-power.json')).toEqual(table([0, 1, 2]));
    const { guides: _, ...older } = table([0, 1, 2]);
    expect(parseFacePower(older, 'face-power.json')).toEqual(table([0, 1, 2]));
  });

  it.each([
    ['edges that fall', { ...table([0, 0, 0]), edges: [1, 3, 2, 4] }, 'face-power.json: edges do not rise'],
    ['a ring too few', { ...table([0, 0]) }, 'face-power.json: weights are not a row for each ring'],
    ['squares of no size', { ...table([0, 0, 0]), squares: 1 }, 'face-power.json: squares'],
    ['a bound below 0', { ...table([0, 0, 0]), raisedFrom: -1 }, 'face-power.json: raisedFrom'],
    [
      'a row too short',
      { ...table([0, 0, 0]), weights: [[0], [0], [0]] },
      'face-power.json: weights are not',
    ],
    ['not a number', { ...table([0, 0, 0]), weights: [['a']] }, 'face-power.json: weights.0.0'],
    ['not an object', 3, 'face-power.json: '],
  ])('refuses %s', (_, json, message) => {
    expect(() => parseFacePower(json, 'face-power.json')).toThrow(message);
    expect(() => parseFacePower(json, 'face-power.json')).toThrow(
      expect.objectContaining({ code: 'pack/invalid' }),
    );
  });
});
