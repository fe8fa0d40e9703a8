import { describe, expect, it } from 'vitest';
import { faceQuad } from '../../../../engine/faces/alignment.ts';
import { boxOfAlignedCrop, meanLandmarks } from '../../../../engine/faces/mean-face.ts';
import { isPlausible } from '../../../../engine/faces/plausible-face.ts';
import type { Turn } from '../../../../engine/faces/types.ts';

const crop = { width: 256, height: 256, depth: 8 as const, data: new Uint8Array(3 * 256 * 256) };

describe('meanLandmarks', () => {
  it('aligns a whole FFHQ crop with itself', () => {
    const { centre, x } = faceQuad(meanLandmarks(boxOfAlignedCrop(crop), 0, crop), 256, 256);
    expect(Math.abs(centre.x - 128)).toBeLessThan(3);
    expect(Math.abs(centre.y - 128)).toBeLessThan(5);
    expect(Math.abs(2 * x.x - 256)).toBeLessThan(8);
  });

  it.each([0, 90, 180, 270] as Turn[])('stands upright in the picture turned by %i degrees', (turn) => {
    const box = { x: 90, y: 80, width: 80, height: 80 };
    const landmarks = meanLandmarks(box, turn, crop);
    const { x } = faceQuad(landmarks, 256, 256);
    const radians = (-turn * Math.PI) / 180;
    expect(x.x / Math.hypot(x.x, x.y)).toBeCloseTo(Math.cos(radians), 6);
    expect(x.y / Math.hypot(x.x, x.y)).toBeCloseTo(Math.sin(radians), 6);
    expect(isPlausible({ landmarks, disagreement: 0 }, box, turn, crop)).toBe(true);
  });
});
