import { describe, expect, it } from 'vitest';
import { blendFace, maskFor } from '../../../../engine/image/blend.ts';
import type { BlendOptions, BlendReport } from '../../../../engine/image/blend.ts';
import { toFloat, toRgb, warpAffine } from '../../../../engine/image/geometry.ts';
import { gradientEnergy, psnr } from '../../../../engine/image/metrics.ts';
import type { Affine, FloatImage, RgbImage } from '../../../../engine/image/types.ts';
import { largestDifference, noise, paint } from './synthetic.ts';

const S = 64;
const OPTIONS: BlendOptions = { tone: 'colour', grain: 0, seed: 1 };
const place = (scale: number, degrees: number, x: number, y: number): Affine => {
  const [c, s] = [scale * Math.cos((degrees * Math.PI) / 180), scale * Math.sin((degrees * Math.PI) / 180)];
  return [c, -s, x, s, c, y];
};
const smooth = (x: number, y: number, c: number) => 0.4 + 0.1 * c + 0.1 * Math.sin(x / 25) * Math.cos(y / 30);
const photo = (width: number, height: number, depth: 8 | 16 = 8) =>
  toRgb(paint(width, height, smooth), depth);
const copyOf = (image: RgbImage): RgbImage => ({ ...image, data: image.data.slice() });
const textured = (crop: FloatImage): FloatImage => ({
  ...crop,
  data: crop.data.map(
    (v, i) => v + 0.08 * Math.cos((i % S) * 1.3) * Math.cos(Math.floor((i % (S * S)) / S) * 1.3),
  ),
});

/** Every changed sample lies where the report's mask is above 0. */
function changesStayInMask(before: RgbImage, after: RgbImage, { box, mask }: BlendReport): boolean {
  return before.data.every((value, i) => {
    if (value === after.data[i]) return true;
    const [x, y] = [(Math.floor(i / 3) % before.width) - box.x, Math.floor(i / 3 / before.width) - box.y];
    return x >= 0 && y >= 0 && x < box.width && y < box.height && mask[y * box.width + x]! > 0;
  });
}

function middle(canvas: RgbImage, [x, y]: readonly [number, number], size: number): FloatImage {
  return warpAffine(canvas, [1, 0, x - size / 2, 0, 1, y - size / 2], size, size);
}

describe('maskFor', () => {
  const mask = maskFor(S);
  it('is 1 in the middle, 0 on the border and falls without a step', () => {
    expect(mask[32 * S + 32]).toBe(1);
    for (let i = 0; i < S; i++) {
      for (const edge of [i, (S - 1) * S + i, i * S, i * S + S - 1]) expect(mask[edge]).toBe(0);
    }
    const steps = Array.from(mask.slice(32 * S + 1, 33 * S), (v, i) => Math.abs(v - mask[32 * S + i]!));
    expect(Math.max(...steps)).toBeLessThan(0.25);
    expect(mask.every((v) => v >= 0 && v <= 1)).toBe(true);
  });
  it('is rounder than the crop: corners are out before edges', () => {
    expect(mask[5 * S + 5]).toBe(0);
    expect(mask[32 * S + 5]).toBeGreaterThan(0.3);
  });
});

describe('blendFace', () => {
  const transforms: [string, Affine][] = [
    ['a small turned face', place(0.4, 30, 60, 40)],
    ['a face of the same size', place(1, 0, 40, 30)],
    ['a large turned face', place(2.2, -20, 30, 60)],
    ['a face over the border', place(1.5, 10, -40, 90)],
    ['a face that covers the photo', place(6, 5, -60, -80)],
    ['a face outside the photo', place(1, 0, 500, 500)],
  ];
  it.each(transforms)('%s changes only what its mask covers, in 8 and 16 bits', (_, cropToCanvas) => {
    for (const depth of [8, 16] as const) {
      const before = photo(200, 180, depth);
      const canvas = copyOf(before);
      const original = warpAffine(before, cropToCanvas, S, S);
      const report = blendFace(canvas, original, textured(original), cropToCanvas, { ...OPTIONS, grain: 1 });
      expect(report.mask.length).toBe(report.box.width * report.box.height);
      expect(changesStayInMask(before, canvas, report)).toBe(true);
      expect(canvas.data.some((v, i) => v !== before.data[i])).toBe(report.mask.length > 0);
    }
  });

  it('puts the restored face where it belongs', () => {
    for (const scale of [0.5, 1, 2]) {
      const cropToCanvas = place(scale, 15, 90, 40);
      const canvas = photo(300, 260);
      const original = warpAffine(canvas, cropToCanvas, S, S);
      const spot = paint(S, S, (x, y) => (Math.hypot(x - 40, y - 24) < 4 ? 0.35 : 0));
      const restored = { ...original, data: original.data.map((v, i) => v + spot.data[i]!) };
      const before = copyOf(canvas);
      blendFace(canvas, original, restored, cropToCanvas, OPTIONS);
      const change = toFloat(canvas).data.map((v, i) => Math.max(0, v - beforeAt(before, i)));
      const [cx, cy] = centroid(change.slice(0, 300 * 260), 300);
      const [a, b, c, d, e, f] = cropToCanvas;
      expect(Math.hypot(cx - (a * 40 + b * 24 + c), cy - (d * 40 + e * 24 + f))).toBeLessThan(
        0.3 * Math.max(1, scale),
      );
    }
  });

  it('a face restored to itself changes nothing to speak of', () => {
    for (const scale of [0.4, 1, 1.1, 1.6, 3]) {
      const cropToCanvas = place(scale, 12, 40, 20);
      const before = photo(260, 240);
      const canvas = copyOf(before);
      const original = warpAffine(before, cropToCanvas, S, S);
      blendFace(canvas, original, original, cropToCanvas, OPTIONS);
      expect(largestDifference(canvas.data, before.data)).toBeLessThanOrEqual(2);
    }
  });

  it('never makes a face softer that is sharper than the crop', () => {
    const next = noise(4);
    const sharp = toRgb(
      paint(300, 300, (x, y, c) => smooth(x, y, c) + 0.06 * next()),
      8,
    );
    const cropToCanvas = place(4, 0, 20, 20);
    const canvas = copyOf(sharp);
    const original = warpAffine(sharp, cropToCanvas, S, S);
    blendFace(canvas, original, textured(original), cropToCanvas, OPTIONS);
    const [before, after] = [middle(sharp, [148, 148], 120), middle(canvas, [148, 148], 120)];
    expect(gradientEnergy(after)).toBeGreaterThan(0.97 * gradientEnergy(before));
  });

  it('a small face is wholly the restored one', () => {
    const next = noise(5);
    const noisy = toRgb(
      paint(120, 120, (x, y, c) => smooth(x, y, c) + 0.05 * next()),
      8,
    );
    const clean = photo(120, 120);
    const cropToCanvas = place(0.5, 0, 40, 40);
    const canvas = copyOf(noisy);
    const restored = warpAffine(clean, cropToCanvas, S, S);
    blendFace(canvas, warpAffine(noisy, cropToCanvas, S, S), restored, cropToCanvas, OPTIONS);
    const quality = (image: RgbImage) => psnr(middle(image, [56, 56], 16), middle(clean, [56, 56], 16));
    expect(quality(canvas)).toBeGreaterThan(quality(noisy) + 10);
  });

  it('leaves no seam: a cast of the restored face is taken away', () => {
    const before = photo(200, 200);
    const cropToCanvas = place(2, 0, 30, 30);
    const original = warpAffine(before, cropToCanvas, S, S);
    const restored = { ...original, data: original.data.map((v) => v + 0.15) };
    const canvas = copyOf(before);
    blendFace(canvas, original, restored, cropToCanvas, OPTIONS);
    expect(largestDifference(canvas.data, before.data)).toBeLessThanOrEqual(3);
  });

  it('keeps a grey photo grey', () => {
    const canvas = toRgb(
      paint(150, 150, (x, y) => smooth(x, y, 1)),
      8,
    );
    const cropToCanvas = place(1.3, 8, 30, 20);
    const original = warpAffine(canvas, cropToCanvas, S, S);
    const restored = {
      ...original,
      data: original.data.map((v, i) => v + (i < S * S ? 0.1 * Math.sin(i) : 0)),
    };
    const report = blendFace(canvas, original, restored, cropToCanvas, { tone: 'auto', grain: 1, seed: 3 });
    expect(report.mask.some((m) => m > 0)).toBe(true);
    const samples = Array.from(canvas.data);
    expect(samples.every((v, i) => v === samples[i - (i % 3)])).toBe(true);
  });

  it('gives the grain of the photo back, the same for the same seed', () => {
    const next = noise(8);
    const grainy = toRgb(
      paint(160, 160, (x, y) => smooth(x, y, 1)),
      16,
    );
    for (let i = 0; i < grainy.data.length; i += 3) {
      const value = Math.max(0, Math.min(65535, grainy.data[i]! + 0.04 * 65535 * next()));
      grainy.data.fill(value, i, i + 3);
    }
    const cropToCanvas = place(1, 0, 40, 40);
    const original = warpAffine(grainy, cropToCanvas, S, S);
    const restored = warpAffine(
      toRgb(
        paint(160, 160, (x, y) => smooth(x, y, 1)),
        16,
      ),
      cropToCanvas,
      S,
      S,
    );
    const energy = (options: Partial<BlendOptions>) => {
      const canvas = copyOf(grainy);
      blendFace(canvas, original, restored, cropToCanvas, { ...OPTIONS, ...options });
      return { canvas, energy: gradientEnergy(middle(canvas, [72, 72], 30)) };
    };
    const own = gradientEnergy(middle(grainy, [72, 72], 30));
    expect(energy({ grain: 0 }).energy).toBeLessThan(0.1 * own);
    expect(energy({ grain: 1 }).energy / own).toBeGreaterThan(0.6);
    expect(energy({ grain: 1 }).energy / own).toBeLessThan(1.4);
    expect(energy({ grain: 1 }).canvas).toEqual(energy({ grain: 1 }).canvas);
    expect(energy({ grain: 1, seed: 2 }).canvas).not.toEqual(energy({ grain: 1 }).canvas);
  });

  it('cuts a tall face into strips that fit together', () => {
    const canvas = photo(40, 40);
    const wide: RgbImage = {
      ...canvas,
      width: 2000,
      height: 600,
      data: new Uint8Array(2000 * 600 * 3).fill(100),
    };
    const cropToCanvas: Affine = [30, 0, 40, 0, 9, 10];
    const original = warpAffine(wide, cropToCanvas, S, S);
    const restored = paint(S, S, (x, y) => 100 / 255 + 0.2 * Math.sin(x) * Math.sin(y));
    const report = blendFace(wide, original, restored, cropToCanvas, OPTIONS);
    expect(report.box.width * report.box.height).toBeGreaterThan(1 << 19);
    const column = Array.from({ length: 500 }, (_, y) => wide.data[3 * ((y + 50) * 2000 + 1000)]!);
    const steps = column.slice(1).map((v, i) => Math.abs(v - column[i]!));
    expect(Math.max(...steps)).toBeLessThan(20);
    expect(Math.max(...column) - Math.min(...column)).toBeGreaterThan(40);
  });

  it('refuses crops of two sizes and a transform without an inverse', () => {
    const crop = paint(S, S, () => 0.5);
    expect(() =>
      blendFace(
        photo(9, 9),
        crop,
        paint(32, 32, () => 0),
        place(1, 0, 0, 0),
        OPTIONS,
      ),
    ).toThrow('64 x 64 and 32 x 32');
    expect(() => blendFace(photo(9, 9), crop, crop, [0, 0, 0, 0, 0, 0], OPTIONS)).toThrow('invertible');
  });
});

function beforeAt(image: RgbImage, i: number): number {
  const plane = image.width * image.height;
  return image.data[3 * (i % plane) + Math.floor(i / plane)]! / 255;
}

function centroid(weights: Float32Array, width: number): [number, number] {
  let [sum, x, y] = [0, 0, 0];
  weights.forEach((raw, i) => {
    const w = raw < 0.08 ? 0 : raw;
    sum += w;
    x += w * ((i % width) + 0.5);
    y += w * (Math.floor(i / width) + 0.5);
  });
  return [x / sum, y / sum];
}
