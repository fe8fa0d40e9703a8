import { describe, expect, it } from 'vitest';
import { faceRows, scaleSteps, spread } from '../../../bench/scale-map.ts';
import { restoreSettingsSchema } from '../../../contract/restore.ts';
import { resolvePlan } from '../../../engine/method/presets.ts';
import { loadPack } from '../../../engine/models/manifest.ts';
import { picture } from '../../fixtures/pictures.ts';
import { TINY_PACK, TINY_SIZE, tinyNetworks } from '../../fixtures/tiny-pack.ts';

const pack = await loadPack(TINY_PACK);
const crop = {
  width: TINY_SIZE,
  height: TINY_SIZE,
  data: picture(TINY_SIZE, (plane, row, column) => 0.5 + 0.3 * Math.sin(row / 5 + plane + column)),
};
const plan = resolvePlan(
  pack.manifest,
  restoreSettingsSchema.parse({ preset: 'detailed', dgsa: true, steps: 6, start: 600 }),
);

describe('scaleSteps', () => {
  it('keeps the picture and A_t of every step', async () => {
    const steps = await scaleSteps(crop, plan, pack, tinyNetworks);
    expect(steps).toHaveLength(6);
    expect(steps[0]?.t).toBe(600);
    for (const { picture, scale } of steps) {
      expect(picture.data).toHaveLength(3 * TINY_SIZE ** 2);
      expect(scale).toHaveLength(TINY_SIZE ** 2);
    }
  });

  it('refuses a crop of another size', async () => {
    const small = { ...crop, width: 16 };
    await expect(scaleSteps(small, plan, pack, tinyNetworks)).rejects.toThrow('Expected a crop of 32 x 32');
  });
});

describe('spread', () => {
  it('takes some evenly, the first and the last among them', () => {
    const items = Array.from({ length: 15 }, (_, i) => i);
    expect(spread(items, 5)).toEqual([0, 4, 7, 11, 14]);
    expect(spread([1, 2], 5)).toEqual([1, 2]);
  });

  it('refuses to take fewer than two', () => {
    expect(() => spread([1, 2, 3], 1)).toThrow('Expected a count of 2 or more but received 1');
  });
});

describe('faceRows', () => {
  it('shows the pictures over their maps, with t and the mean of A_t', () => {
    const scale = new Float32Array(TINY_SIZE ** 2).fill(0.5);
    const [pictures, maps] = faceRows(crop, crop, [{ t: 600, picture: crop, scale }]);
    expect(pictures.map(({ label }) => label)).toEqual(['lq', 't 600']);
    expect(maps.map(({ label }) => label)).toEqual(['truth', 'a 600 mean 0.50']);
    expect(new Set(maps[1]!.picture.data)).toEqual(new Set([128]));
  });
});
