import { describe, expect, it } from 'vitest';
import {
  composeAffine,
  enlarge,
  insideFraction,
  invertAffine,
  resizeFloat,
  rotateQuarter,
  toFloat,
  toRgb,
  warpAffine,
} from '../../../../engine/image/geometry.ts';
import type { Affine, FloatImage, RgbImage } from '../../../../engine/image/types.ts';
import { channel, largestDifference, noise, paint, standardDeviation } from './synthetic.ts';

const IDENTITY: Affine = [1, 0, 0, 0, 1, 0];
const similarity = (scale: number, degrees: number, x: number, y: number): Affine => {
  const [c, s] = [scale * Math.cos((degrees * Math.PI) / 180), scale * Math.sin((degrees * Math.PI) / 180)];
  return [c, -s, x, s, c, y];
};
const ramp = (x: number, y: number, c: number) => 0.1 + 0.002 * x + 0.003 * y + 0.1 * c;
const inner = (image: FloatImage, margin: number) => {
  const { width, height } = image;
  return image.data.filter((_, i) => {
    const [x, y] = [(i % (width * height)) % width, Math.floor((i % (width * height)) / width)];
    return x >= margin && y >= margin && x < width - margin && y < height - margin;
  });
};

describe('affine transforms', () => {
  it('compose applies the inner first', () => {
    expect(composeAffine([2, 0, 0, 0, 2, 0], [1, 0, 5, 0, 1, 7])).toEqual([2, 0, 10, 0, 2, 14]);
  });
  it('invert undoes', () => {
    const transform = similarity(3.7, 33, -12, 140);
    const product = composeAffine(invertAffine(transform), transform);
    expect(largestDifference(product, IDENTITY)).toBeLessThan(1e-12);
  });
  it.each([[[1, 2, 0, 2, 4, 0]], [[NaN, 0, 0, 0, 1, 0]]])('refuses %s', (transform) => {
    expect(() => invertAffine(transform as unknown as Affine)).toThrow(
      'Expected an invertible transform but received',
    );
  });
});

describe('warpAffine', () => {
  it('the identity changes nothing, from 8 bits, 16 bits and floats', () => {
    const image = paint(20, 15, ramp);
    expect(largestDifference(warpAffine(image, IDENTITY, 20, 15).data, image.data)).toBeLessThan(1e-6);
    for (const depth of [8, 16] as const) {
      const rgb = toRgb(image, depth);
      expect(toRgb(warpAffine(rgb, IDENTITY, 20, 15), depth)).toEqual(rgb);
    }
  });

  it('moves by whole pixels and mirrors outside', () => {
    const image = paint(4, 1, (x) => x / 10);
    const warped = warpAffine(image, [1, 0, -3, 0, 1, 0], 10, 1);
    const expected = [0.25, 0.15, 0.05, 0.05, 0.15, 0.25, 0.35, 0.35, 0.25, 0.15];
    expect(largestDifference(channel(warped, 1), expected)).toBeLessThan(1e-6);
  });

  it.each([0.3, 1, 1.7, 2.9, 4.4, 9.2])('keeps a ramp under a turn and a shrink of %d', (scale) => {
    const size = 32;
    const source = paint(size * 14, size * 14, ramp);
    const toSource = similarity(scale, 20, 130, 20);
    const warped = warpAffine(source, toSource, size, size);
    const [a, b, c, d, e, f] = toSource;
    const expected = paint(size, size, (x, y, k) => ramp(a * x + b * y + c, d * x + e * y + f, k));
    expect(largestDifference(inner(warped, 0), inner(expected, 0))).toBeLessThan(0.003);
  });

  it('interpolates a smooth wave when it enlarges', () => {
    const wave = (x: number, y: number) => 0.5 + 0.4 * Math.sin(x / 3) * Math.cos(y / 4);
    const warped = warpAffine(paint(64, 64, wave), similarity(0.37, 0, 10, 10), 100, 100);
    const expected = paint(100, 100, (x, y) => wave(0.37 * x + 10, 0.37 * y + 10));
    expect(largestDifference(warped.data, expected.data)).toBeLessThan(0.004);
  });

  it.each([1.5, 2.5, 3.9, 4.1, 7.5])(
    'lets no pattern above the Nyquist frequency through at a shrink of %d',
    (scale) => {
      const stripes = (x: number, y: number) =>
        0.5 + 0.5 * Math.cos(2 * Math.PI * (x * 0.9 + y * 0.3) * (0.85 / scale));
      const warped = warpAffine(paint(400, 400, stripes), similarity(scale, 15, 100, 20), 32, 32);
      expect(standardDeviation(inner(warped, 0))).toBeLessThan(0.035);
    },
  );

  it.each([1.5, 2.5, 3.9, 4.1, 7.5])('keeps a wave of 8 output pixels at a shrink of %d', (scale) => {
    const wave = (x: number) => 0.5 + 0.4 * Math.cos((2 * Math.PI * x) / (8 * scale));
    const warped = warpAffine(paint(400, 300, wave), similarity(scale, 0, 20, 20), 40, 32);
    expect(standardDeviation(warped.data) / (0.4 / Math.SQRT2)).toBeGreaterThan(0.93);
  });

  it('averages noise as much as it shrinks', () => {
    const next = noise(3);
    const source = paint(320, 320, () => 0.5 + 0.1 * next());
    const deviation = standardDeviation(warpAffine(source, similarity(8, 0, 0, 0), 40, 40).data);
    expect(deviation).toBeGreaterThan(0.1 / 8 / 1.3);
    expect(deviation).toBeLessThan((0.1 / 8) * 1.3);
  });

  it('shrinks each axis by its own amount', () => {
    const source = paint(64, 16, (x) => (Math.floor(x) % 2 === 0 ? 0 : 1));
    const warped = warpAffine(source, [8, 0, 0, 0, 1, 0], 8, 16);
    expect(
      largestDifference(inner(warped, 1), new Float32Array(inner(warped, 1).length).fill(0.5)),
    ).toBeLessThan(0.01);
  });

  it('refuses an empty output', () => {
    expect(() => warpAffine(paint(4, 4, ramp), IDENTITY, 0, 4)).toThrow('received 0 x 4');
  });
});

describe('resizeFloat', () => {
  it('keeps a ramp in place', () => {
    const small = resizeFloat(paint(60, 40, ramp), 20, 20);
    const expected = paint(20, 20, (x, y, c) => ramp(3 * x, 2 * y, c));
    expect(largestDifference(inner(small, 2), inner(expected, 2))).toBeLessThan(1e-3);
  });
});

describe('insideFraction', () => {
  const picture = { width: 100, height: 100 };
  it.each([
    [similarity(1, 0, 10, 10), 1],
    [similarity(1, 0, -20, 10), 0.5],
    [similarity(1, 0, -20, 80), 0.25],
    [similarity(1, 0, 200, 0), 0],
    [similarity(1, 45, 100, 10), 0.5],
    [similarity(10, 0, 0, 0), 0.0625],
  ])('%s: %d', (transform, expected) => {
    expect(insideFraction(transform, 40, 40, picture)).toBeCloseTo(expected, 6);
  });
});

describe('toFloat and toRgb', () => {
  it('undo each other in both depths', () => {
    for (const depth of [8, 16] as const) {
      const max = depth === 16 ? 65535 : 255;
      const values = Array.from({ length: 48 }, (_, i) => Math.round((i * max) / 47));
      const data = depth === 16 ? Uint16Array.from(values) : Uint8Array.from(values);
      const image: RgbImage = { width: 4, height: 4, depth, data };
      expect(toRgb(toFloat(image), depth)).toEqual(image);
    }
  });
  it('cuts off and rounds', () => {
    const image: FloatImage = { width: 1, height: 1, data: Float32Array.of(-0.2, 0.5, 1.3) };
    expect(Array.from(toRgb(image, 8).data)).toEqual([0, 128, 255]);
  });
});

describe('rotateQuarter', () => {
  const data = Uint8Array.from({ length: 18 }, (_, i) => i);
  const image: RgbImage = { width: 3, height: 2, depth: 8, data };
  const reds = (turned: RgbImage) =>
    Array.from(turned.data)
      .filter((_, i) => i % 3 === 0)
      .map((v) => v / 3);
  it.each([
    [0, 3, [0, 1, 2, 3, 4, 5]],
    [90, 2, [3, 0, 4, 1, 5, 2]],
    [180, 3, [5, 4, 3, 2, 1, 0]],
    [270, 2, [2, 5, 1, 4, 0, 3]],
  ] as const)('by %i', (turn, width, expected) => {
    const turned = rotateQuarter(image, turn);
    expect(turned.width).toBe(width);
    expect(reds(turned)).toEqual(expected);
    expect(turned.data[1]).toBe(turned.data[0]! + 1);
  });
  it('four quarters are none, in 16 bits too', () => {
    const deep: RgbImage = { width: 3, height: 2, depth: 16, data: Uint16Array.from(data, (v) => v * 1000) };
    let turned = deep;
    for (let i = 0; i < 4; i++) turned = rotateQuarter(turned, 90);
    expect(turned).toEqual(deep);
  });
});

describe('enlarge', () => {
  it.each([
    [2, 8],
    [4, 16],
  ] as const)('by %i in %i bits keeps pixel centres in place', async (factor, depth) => {
    const large = await enlarge(toRgb(paint(40, 30, ramp), depth), factor);
    expect(large).toMatchObject({ width: 40 * factor, height: 30 * factor, depth });
    const expected = paint(40 * factor, 30 * factor, (x, y, c) => ramp(x / factor, y / factor, c));
    const tolerance = depth === 8 ? 1.2 / 255 : 0.001;
    expect(largestDifference(inner(toFloat(large), 3 * factor), inner(expected, 3 * factor))).toBeLessThan(
      tolerance,
    );
  });
  it('refuses what would exceed 200 million pixels', async () => {
    const image: RgbImage = { width: 4000, height: 4000, depth: 8, data: new Uint8Array(0) };
    await expect(enlarge(image, 4)).rejects.toMatchObject({ code: 'input/too-large' });
  });
});
