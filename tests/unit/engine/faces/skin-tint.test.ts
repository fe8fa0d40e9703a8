import { describe, expect, it } from 'vitest';
import { inSkinTint } from '../../../../engine/faces/skin-tint.ts';
import type { RgbImage } from '../../../../engine/image/types.ts';

function greys(values: number[], depth: 8 | 16 = 8): RgbImage {
  const samples = values.flatMap((value) => [value, value, value]);
  const data = depth === 8 ? Uint8Array.from(samples) : Uint16Array.from(samples);
  return { width: values.length, height: 1, depth, data };
}

describe('inSkinTint', () => {
  it('stretches a flat picture from black to white and warms it', () => {
    const { data, depth } = inSkinTint(greys([100, 120, 140]));
    expect(depth).toBe(8);
    expect([...data]).toEqual([0, 0, 0, 147, 128, 102, 255, 255, 204]);
  });

  it('lets a few pixels clip', () => {
    const values = [0, ...Array.from({ length: 500 }, (_, i) => 100 + (i % 101)), 255];
    const { data } = inSkinTint(greys(values));
    expect(data[3]).toBe(0);
    expect(data[3 * 101 + 1]).toBe(255);
  });

  it('takes 16 bits for the same picture', () => {
    const wide = inSkinTint(greys([100 * 257, 120 * 257, 140 * 257], 16));
    expect([...wide.data]).toEqual([...inSkinTint(greys([100, 120, 140])).data]);
  });

  it('leaves a picture of one tone without a mark', () => {
    expect(new Set(inSkinTint(greys([90, 90, 90])).data)).toEqual(new Set([0]));
  });
});
