import { describe, expect, it } from 'vitest';
import { resizeSpectral, restoreThrough } from '../../../../engine/models/restorer.ts';

/** A smooth picture `[3, S, S]`: it holds nothing above half of the lowest Nyquist here. */
function waves(size: number): Float32Array {
  return Float32Array.from({ length: 3 * size * size }, (_, i) => {
    const [x, y] = [(i % size) + 0.5, (Math.floor(i / size) % size) + 0.5];
    return 0.5 + 0.2 * Math.cos((Math.PI * 3 * x) / size) + 0.2 * Math.cos((Math.PI * 5 * y) / size);
  });
}

function largest(a: Float32Array, b: Float32Array): number {
  return Math.max(...a.map((value, i) => Math.abs(value - b[i]!)));
}

describe('resizeSpectral', () => {
  it.each([
    [32, 64],
    [64, 32],
    [32, 128],
  ])('draws the same picture at another size (%i to %i)', (from, to) => {
    expect(largest(resizeSpectral(waves(from), to), waves(to))).toBeLessThan(1e-5);
  });

  it('gives back what it enlarged, whatever that was', () => {
    const noise = Float32Array.from({ length: 3 * 32 * 32 }, (_, i) => ((i * 7919) % 256) / 255);
    expect(largest(resizeSpectral(resizeSpectral(noise, 64), 32), noise)).toBeLessThan(1e-5);
  });
});

describe('restoreThrough', () => {
  it('feeds size and range of the network and takes its picture back', async () => {
    const y = waves(32);
    const fed: Float32Array[] = [];
    const restored = await restoreThrough({ size: 64, range: 'symmetric' }, y, (picture) => {
      fed.push(picture);
      return Promise.resolve(picture.map((value) => -value));
    });
    expect(
      largest(
        fed[0]!,
        waves(64).map((value) => 2 * value - 1),
      ),
    ).toBeLessThan(1e-5);
    expect(
      largest(
        restored,
        y.map((value) => 1 - value),
      ),
    ).toBeLessThan(1e-5);
  });

  it('leaves a picture of the own size and range as it is', async () => {
    const y = waves(32);
    expect(await restoreThrough({ size: 32, range: 'unit' }, y, (picture) => Promise.resolve(picture))).toBe(
      y,
    );
  });
});
