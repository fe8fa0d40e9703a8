import { describe, expect, it } from 'vitest';
import { drawFaces } from '../../../../engine/faces/draw.ts';
import type { DetectedFace } from '../../../../engine/faces/types.ts';
import type { RgbImage } from '../../../../engine/image/types.ts';

const YELLOW = [255, 200, 0];
const GREEN = [0, 255, 120];

function grey(depth: 8 | 16 = 8): RgbImage {
  const data = depth === 8 ? new Uint8Array(3 * 100 * 80) : new Uint16Array(3 * 100 * 80);
  return { width: 100, height: 80, depth, data: data.fill(90) };
}

const face: DetectedFace = {
  box: { x: 0.3, y: 0.4, width: 0.4, height: 0.5 },
  confidence: 0.9,
  landmarks: [{ x: 0.505, y: 0.755 }],
  turn: 0,
};

function pixel({ data, width }: RgbImage, x: number, y: number): number[] {
  return [...data.subarray(3 * (y * width + x), 3 * (y * width + x) + 3)];
}

describe('drawFaces', () => {
  it('draws the box, the landmarks and a number above it into a copy', () => {
    const image = grey();
    const drawn = drawFaces(image, [face]);
    expect(pixel(drawn, 30, 50)).toEqual(YELLOW);
    expect(pixel(drawn, 69, 71)).toEqual(YELLOW);
    expect(pixel(drawn, 50, 60)).toEqual(GREEN);
    expect(pixel(drawn, 40, 50)).toEqual([90, 90, 90]);
    const plate = Array.from({ length: 14 }, (_, y) => pixel(drawn, 30, 18 + y));
    expect(plate.every((colour) => colour.join() === YELLOW.join())).toBe(true);
    expect(image.data.every((value) => value === 90)).toBe(true);
  });

  it('writes the label that it is given', () => {
    expect(drawFaces(grey(), [face], ['7']).data).not.toEqual(drawFaces(grey(), [face], ['8']).data);
    expect(drawFaces(grey(), [face], ['1']).data).toEqual(drawFaces(grey(), [face]).data);
  });

  it('uses the whole range of 16 bits', () => {
    expect(pixel(drawFaces(grey(16), [face]), 30, 50)).toEqual([65535, 200 * 257, 0]);
  });

  it('cuts off what reaches outside', () => {
    const outside = {
      ...face,
      box: { x: -0.1, y: -0.2, width: 1.3, height: 1.5 },
      landmarks: [{ x: 1.2, y: -0.3 }],
    };
    expect(drawFaces(grey(), [outside]).data).toHaveLength(3 * 100 * 80);
  });

  it('refuses other labels', () => {
    expect(() => drawFaces(grey(), [face], [])).toThrow('Expected 1 labels but received 0');
    expect(() => drawFaces(grey(), [face], ['A'])).toThrow('received "A"');
    expect(() => drawFaces({ ...grey(), width: 3 }, [])).toThrow('3 x 80');
  });
});
