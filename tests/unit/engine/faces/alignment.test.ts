import { describe, expect, it } from 'vitest';
import { cropTransform, facePoints, faceQuad, faceSizePx } from '../../../../engine/faces/alignment.ts';
import type { Point } from '../../../../engine/faces/types.ts';

const WIDTH = 400;
const HEIGHT = 200;

/** 68 points in pixels: all at the middle, but the eyes (at +-20, -10) and the corners of the mouth (y +30). */
function face(turn: (p: Point) => Point = (p) => p): Point[] {
  const place = (i: number): Point => {
    if (i >= 36 && i < 42) return { x: -20, y: -10 };
    if (i >= 42 && i < 48) return { x: 20, y: -10 };
    if (i === 48) return { x: -15, y: 30 };
    return i === 54 ? { x: 15, y: 30 } : { x: 0, y: 0 };
  };
  return Array.from({ length: 68 }, (_, i) => turn(place(i))).map(({ x, y }) => ({
    x: (x + 200) / WIDTH,
    y: (y + 100) / HEIGHT,
  }));
}

function rotated(degrees: number) {
  const [cos, sin] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  return ({ x, y }: Point): Point => ({ x: cos * x - sin * y, y: sin * x + cos * y });
}

describe('faceQuad', () => {
  it('is the FFHQ square of an upright face', () => {
    // Eyes 40 apart, mouth 40 below: half a side is max(2.0 * 40, 1.8 * 40) = 80, the centre 4 below the eyes.
    const { centre, x, y } = faceQuad(face(), WIDTH, HEIGHT);
    expect(centre.x).toBeCloseTo(200, 9);
    expect(centre.y).toBeCloseTo(94, 9);
    expect([x.x, x.y, y.x, y.y]).toEqual([80, 0, -0, 80].map((v) => expect.closeTo(v, 9) as number));
  });

  it('follows the mouth where it is farther than the eyes are apart', () => {
    const long = face(({ x, y }) => ({ x, y: y > 0 ? 90 : y }));
    expect(faceQuad(long, WIDTH, HEIGHT).x.x).toBeCloseTo(180, 9);
  });

  it.each([30, -45, 90, 180])('turns with the face by %i degrees', (degrees) => {
    const { centre, x } = faceQuad(face(rotated(degrees)), WIDTH, HEIGHT);
    const expectedCentre = rotated(degrees)({ x: 0, y: -6 });
    expect(Math.atan2(x.y, x.x)).toBeCloseTo((degrees * Math.PI) / 180, 9);
    expect(Math.hypot(x.x, x.y)).toBeCloseTo(80, 9);
    expect([centre.x - 200, centre.y - 100]).toEqual([
      expect.closeTo(expectedCentre.x, 9),
      expect.closeTo(expectedCentre.y, 9),
    ]);
  });

  it('refuses what no face can have', () => {
    const mirrored = face(({ x, y }) => ({ x: -x, y }));
    expect(() => faceQuad(mirrored, WIDTH, HEIGHT)).toThrow(/mirrored/);
    expect(() => faceQuad(face().slice(1), WIDTH, HEIGHT)).toThrow('Expected 68 landmarks but received 67');
    const nowhere = Array.from({ length: 68 }, () => ({ x: 0.5, y: 0.5 }));
    expect(() => faceQuad(nowhere, WIDTH, HEIGHT)).toThrow(/area of 0/);
    const broken = face().map((p, i) => (i === 40 ? { x: NaN, y: p.y } : p));
    expect(() => faceQuad(broken, WIDTH, HEIGHT)).toThrow(/area of NaN/);
  });
});

describe('cropTransform', () => {
  it('takes the crop corners to the square corners', () => {
    const [a, b, c, d, e, f] = cropTransform({ landmarks: face() }, WIDTH, HEIGHT, 256);
    expect([c, f]).toEqual([expect.closeTo(120, 9), expect.closeTo(14, 9)]);
    expect([256 * a + 256 * b + c, 256 * d + 256 * e + f]).toEqual([
      expect.closeTo(280, 9),
      expect.closeTo(174, 9),
    ]);
  });

  it('is a similarity for a tilted face', () => {
    const [a, b, , d, e] = cropTransform({ landmarks: face(rotated(30)) }, WIDTH, HEIGHT, 256);
    expect(a).toBeCloseTo(e, 12);
    expect(b).toBeCloseTo(-d, 12);
    expect(Math.hypot(a, d)).toBeCloseTo(160 / 256, 12);
    expect(Math.atan2(d, a)).toBeCloseTo(Math.PI / 6, 12);
  });

  it.each([0, -1, 2.5, NaN])('refuses a size of %d', (size) => {
    expect(() => cropTransform({ landmarks: face() }, WIDTH, HEIGHT, size)).toThrow(`received ${size}`);
  });
});

describe('faceSizePx', () => {
  it('is the side of the square', () => {
    expect(faceSizePx({ landmarks: face() }, WIDTH, HEIGHT)).toBeCloseTo(160, 9);
  });

  it('refuses mirrored landmarks', () => {
    const landmarks = face(({ x, y }) => ({ x: -x, y }));
    expect(() => faceSizePx({ landmarks }, WIDTH, HEIGHT)).toThrow(/mirrored/);
  });
});

describe('facePoints', () => {
  it('averages the eyes and the outer corners of the mouth', () => {
    const { leftEye, rightEye, mouth } = facePoints(face(), WIDTH, HEIGHT);
    expect([leftEye.x, leftEye.y]).toEqual([expect.closeTo(180, 9), expect.closeTo(90, 9)]);
    expect([rightEye.x, mouth.x, mouth.y]).toEqual(
      [220, 200, 130].map((v) => expect.closeTo(v, 9) as number),
    );
  });

  it('refuses another number of points', () => {
    expect(() => facePoints([], WIDTH, HEIGHT)).toThrow('received 0');
  });
});
