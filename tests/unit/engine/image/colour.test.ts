import { describe, expect, it } from 'vitest';
import { applyTone, detectTone, luma, matchColour } from '../../../../engine/image/colour.ts';
import type { FloatImage } from '../../../../engine/image/types.ts';
import { channel, largestDifference, noise, paint, standardDeviation } from './synthetic.ts';

const SIZE = 96;
const shade = (x: number, y: number) => 0.5 + 0.3 * Math.sin(x / 9) * Math.cos(y / 11);
/** A face-like patch: warm skin, a blue and a green area. */
const coloured = paint(SIZE, SIZE, (x, y, c) => {
  const area = x < 32 ? [1, 0.75, 0.6] : x < 64 ? [0.6, 0.7, 1] : [0.7, 1, 0.7];
  return shade(x, y) * area[c]!;
});
const grey = paint(SIZE, SIZE, shade);
const sepia = paint(SIZE, SIZE, (x, y, c) => [0.9, 0.82, 0.65][c]! * shade(x, y) + [0.08, 0.04, 0.02][c]!);
const noisy = (image: FloatImage, std: number, seed = 1): FloatImage => {
  const next = noise(seed);
  return { ...image, data: image.data.map((value) => value + std * next()) };
};

describe('detectTone', () => {
  it.each([
    ['colour', coloured],
    ['monochrome', grey],
    ['sepia', sepia],
  ] as const)('%s, also under noise in every channel', (tone, image) => {
    expect(detectTone(image)).toBe(tone);
    expect(detectTone(noisy(image, 0.035))).toBe(tone);
  });
  it('takes a picture smaller than it judges at', () => {
    expect(detectTone(paint(8, 4, shade))).toBe('monochrome');
  });
});

describe('applyTone', () => {
  it('monochrome puts luma in all channels, exactly alike', () => {
    const result = applyTone(coloured, grey, 'monochrome');
    expect(channel(result, 0)).toEqual(channel(result, 1));
    expect(channel(result, 0)).toEqual(channel(result, 2));
    expect(largestDifference(channel(result, 0), luma(coloured))).toBeLessThan(1e-6);
  });

  it('sepia gives back the print from its own luma', () => {
    const restored = paint(
      SIZE,
      SIZE,
      (x, y) => 0.299 * sepiaAt(x, y, 0) + 0.587 * sepiaAt(x, y, 1) + 0.114 * sepiaAt(x, y, 2),
    );
    expect(largestDifference(applyTone(restored, sepia, 'sepia').data, sepia.data)).toBeLessThan(0.012);
  });
  const sepiaAt = (x: number, y: number, c: number) =>
    sepia.data[c * SIZE * SIZE + Math.floor(y) * SIZE + Math.floor(x)]!;

  it('sepia follows luma into values that the print does not have', () => {
    const white = applyTone(
      paint(4, 4, () => 1),
      sepia,
      'sepia',
    );
    expect(white.data[0]).toBeGreaterThan(white.data[2 * 16]!);
    expect(luma(white)[0]).toBeCloseTo(1, 4);
  });

  it('colour leaves the face as it is; auto goes by the reference', () => {
    expect(applyTone(coloured, grey, 'colour')).toBe(coloured);
    expect(applyTone(coloured, coloured, 'auto')).toBe(coloured);
    expect(applyTone(coloured, grey, 'auto')).toEqual(applyTone(coloured, grey, 'monochrome'));
    expect(applyTone(coloured, sepia, 'auto')).toEqual(applyTone(coloured, sepia, 'sepia'));
  });
});

describe('matchColour', () => {
  it('takes away a cast and keeps detail', () => {
    const detail = (x: number, y: number) => 0.05 * Math.cos(x * 2) * Math.cos(y * 2);
    const reference = paint(SIZE, SIZE, (x, y) => 0.4 + 0.002 * x + 0.001 * y);
    const restored = paint(SIZE, SIZE, (x, y, c) => 0.55 + [0.1, 0, -0.1][c]! + detail(x, y));
    const matched = matchColour(restored, reference);
    for (const c of [0, 1, 2]) {
      const rest = channel(matched, c).map(
        (v, i) => v - reference.data[i]! - detail((i % SIZE) + 0.5, Math.floor(i / SIZE) + 0.5),
      );
      expect(Math.abs(rest.reduce((sum, v) => sum + v, 0) / rest.length)).toBeLessThan(0.003);
      expect(standardDeviation(rest)).toBeLessThan(0.012);
    }
  });
  it('changes nothing where nothing differs', () => {
    expect(largestDifference(matchColour(coloured, coloured).data, coloured.data)).toBeLessThan(1e-6);
  });
});
