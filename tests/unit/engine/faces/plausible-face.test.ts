import { describe, expect, it } from 'vitest';
import { meanLandmarks } from '../../../../engine/faces/mean-face.ts';
import { isPlausible } from '../../../../engine/faces/plausible-face.ts';
import type { Point } from '../../../../engine/faces/types.ts';

const picture = { width: 400, height: 400, depth: 8 as const, data: new Uint8Array(3 * 400 * 400) };
const box = { x: 150, y: 150, width: 100, height: 120 };
const mean = meanLandmarks(box, 0, picture);

function stretched(x: number, y: number): Point[] {
  return mean.map((p) => ({ x: 0.5 + (p.x - 0.5) * x, y: 0.5 + (p.y - 0.5) * y }));
}

function plausible(landmarks: Point[], disagreement = 0.01): boolean {
  return isPlausible({ landmarks, disagreement }, box, 0, picture);
}

describe('isPlausible', () => {
  it('takes a mean face, a narrow one and a leaning one', () => {
    expect(plausible(mean)).toBe(true);
    expect(plausible(stretched(0.7, 1))).toBe(true);
    const lean = mean.map(({ x, y }) => ({
      x: 0.5 + 0.87 * (x - 0.5) - 0.5 * (y - 0.5),
      y: 0.5 + 0.5 * (x - 0.5) + 0.87 * (y - 0.5),
    }));
    expect(plausible(lean)).toBe(true);
  });

  it('refuses looks that disagree', () => {
    expect(plausible(mean, 0.08)).toBe(false);
  });

  it('refuses the proportions of no face', () => {
    expect(plausible(stretched(0.1, 1))).toBe(false);
    expect(plausible(stretched(1.5, 0.3))).toBe(false);
  });

  it('refuses a face of another size, beside the box or on its side', () => {
    expect(plausible(stretched(0.4, 0.4))).toBe(false);
    expect(plausible(mean.map(({ x, y }) => ({ x: x + 0.2, y })))).toBe(false);
    expect(plausible(meanLandmarks(box, 90, picture))).toBe(false);
  });

  it('refuses a mouth above the eyes, which alignment could do nothing with', () => {
    const eyes = mean.slice(36, 48).reduce((sum, { y }) => sum + y / 12, 0);
    expect(plausible(mean.map(({ x, y }) => ({ x, y: 2 * eyes - y })))).toBe(false);
  });

  it('refuses another number of landmarks', () => {
    expect(() => plausible(mean.slice(2))).toThrow('received 66');
  });
});
