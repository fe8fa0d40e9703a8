import { describe, expect, it } from 'vitest';
import {
  angularFrequencies,
  applyTransfer,
  dct2,
  gaussianBlur,
  gaussianTransfer,
  idct2,
  sizeOf,
  stdAtSize,
} from '../../../../engine/method/spectral-blur.ts';
import { largestDifference, noisePicture, picture } from '../../../fixtures/pictures.ts';

/** The definition, row by row and column by column. */
function slowDct2(image: Float32Array, size: number): Float64Array {
  const basis = (k: number, n: number) =>
    Math.sqrt((k === 0 ? 1 : 2) / size) * Math.cos((Math.PI * (n + 0.5) * k) / size);
  return Float64Array.from(image, (_, i) => {
    const [plane, u, v] = [i - (i % size ** 2), Math.floor(i / size) % size, i % size];
    let sum = 0;
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) sum += basis(u, y) * basis(v, x) * image[plane + y * size + x]!;
    }
    return sum;
  });
}

describe('dct2', () => {
  it.each([2, 4, 8, 16])('is the orthonormal DCT-II by its definition at %i', (size) => {
    const image = noisePicture(size);
    expect(largestDifference(dct2(image), slowDct2(image, size))).toBeLessThan(1e-6);
  });

  it.each([2, 32, 128, 256])('is undone by idct2 and keeps the energy at %i', (size) => {
    const image = noisePicture(size);
    const spectrum = dct2(image);
    const energy = (values: Float32Array) => values.reduce((sum, value) => sum + value * value, 0);
    expect(largestDifference(idct2(spectrum), image)).toBeLessThan(1e-5);
    expect(energy(spectrum) / energy(image)).toBeCloseTo(1, 6);
  });

  it('puts a constant picture into one coefficient a plane', () => {
    const spectrum = dct2(picture(8, (plane) => plane + 1));
    expect(spectrum[0]).toBeCloseTo(8, 5);
    expect(spectrum[64]).toBeCloseTo(16, 5);
    expect(spectrum.filter((value) => Math.abs(value) > 1e-6)).toHaveLength(3);
  });

  it('does not change its input', () => {
    const image = noisePicture(8);
    const copy = image.slice();
    idct2(dct2(image));
    expect(image).toEqual(copy);
  });

  it.each([0, 5, 3 * 12 * 12, 3 * 16 * 8])('refuses %i values', (length) => {
    expect(() => dct2(new Float32Array(length))).toThrow(`S a power of two but received ${length}`);
    expect(() => idct2(new Float32Array(length))).toThrow(RangeError);
  });
});

describe('gaussianTransfer', () => {
  it('is exp(-std^2 w^2 / 2) with w = pi u / S', () => {
    const h = gaussianTransfer(2, 8);
    expect(h[0]).toBe(1);
    expect(h[4]).toBeCloseTo(Math.exp(-2 * (Math.PI / 2) ** 2), 14);
    expect(angularFrequencies(8)[4]).toBeCloseTo(Math.PI / 2, 14);
  });

  it.each([-1, NaN, Infinity])('refuses a std of %d', (std) => {
    expect(() => gaussianTransfer(std, 8)).toThrow(`received ${std}`);
  });
});

describe('applyTransfer', () => {
  it('multiplies by h[u] h[v] in every plane', () => {
    const spectrum = noisePicture(4);
    const h = Float64Array.of(1, 0.5, 0.25, 0);
    const filtered = applyTransfer(spectrum, h);
    const expected = picture(4, (plane, u, v) => spectrum[plane * 16 + u * 4 + v]! * h[u]! * h[v]!);
    expect(largestDifference(filtered, expected)).toBeLessThan(1e-7);
  });
});

describe('gaussianBlur', () => {
  it('scales each cosine of the basis by its transfer function', () => {
    const wave = picture(
      16,
      (_, y, x) => Math.cos((Math.PI * 3 * (y + 0.5)) / 16) * Math.cos((Math.PI * 5 * (x + 0.5)) / 16),
    );
    const factor = Math.exp((-(1.5 ** 2) * (Math.PI / 16) ** 2 * (3 ** 2 + 5 ** 2)) / 2);
    expect(
      largestDifference(
        gaussianBlur(wave, 1.5),
        wave.map((value) => value * factor),
      ),
    ).toBeLessThan(1e-6);
  });

  it('spreads a point into a sampled Gaussian', () => {
    const point = picture(64, (_, y, x) => (y === 32 && x === 32 ? 1 : 0));
    const std = 3;
    const bell = picture(
      64,
      (_, y, x) => Math.exp(-((y - 32) ** 2 + (x - 32) ** 2) / (2 * std ** 2)) / (2 * Math.PI * std ** 2),
    );
    expect(largestDifference(gaussianBlur(point, std), bell)).toBeLessThan(1e-6);
  });

  it('reflects at the border: the mean stays', () => {
    const corner = picture(16, (_, y, x) => (y < 2 && x < 2 ? 1 : 0));
    const mean = (image: Float32Array) => image.reduce((sum, value) => sum + value, 0) / image.length;
    expect(mean(gaussianBlur(corner, 4))).toBeCloseTo(mean(corner), 6);
  });

  it('adds variances: std 3 then 4 is std 5', () => {
    const image = noisePicture(32);
    expect(largestDifference(gaussianBlur(gaussianBlur(image, 3), 4), gaussianBlur(image, 5))).toBeLessThan(
      1e-6,
    );
  });

  it('with std 0 gives the same samples in a new picture', () => {
    const image = noisePicture(16);
    const same = gaussianBlur(image, 0);
    expect(same).toEqual(image);
    expect(same).not.toBe(image);
  });

  it('refuses a negative std', () => {
    expect(() => gaussianBlur(noisePicture(8), -0.1)).toThrow('received -0.1');
  });
});

describe('stdAtSize', () => {
  it('scales 512-pixel units', () => {
    expect(stdAtSize(15, 512)).toBe(15);
    expect(stdAtSize(15, 256)).toBe(7.5);
  });
});

describe('sizeOf', () => {
  it('is S of 3 S S values', () => {
    expect(sizeOf(new Float32Array(3 * 64 * 64))).toBe(64);
  });
});
