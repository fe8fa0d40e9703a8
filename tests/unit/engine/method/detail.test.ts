import { describe, expect, it } from 'vitest';
import { addDetail } from '../../../../engine/method/detail.ts';
import { createGuides } from '../../../../engine/method/guidance.ts';
import { createNoise } from '../../../../engine/method/noise.ts';
import type { GuidedRegion } from '../../../../engine/method/regions.ts';
import { dct2 } from '../../../../engine/method/spectral-blur.ts';
import type { DetailNetworkInput } from '../../../../engine/method/types.ts';
import { largestDifference, picture } from '../../../fixtures/pictures.ts';

const SIZE = 32;
const x0 = picture(SIZE, (plane, row, column) => Math.sin(row / 3 + plane) * Math.cos(column / 4));
const drawn = picture(SIZE, (plane, row, column) => ((row * 7 + column * 3 + plane) % 5) / 5);
const region = (std512: number, share?: Float32Array): GuidedRegion => ({
  guides: createGuides(x0, [std512], [1]),
  share,
});

async function detailed(regions: readonly GuidedRegion[], strength = 1) {
  const asked: DetailNetworkInput[] = [];
  const detail = (input: DetailNetworkInput) => {
    asked.push(input);
    return Promise.resolve(drawn);
  };
  const noise = createNoise(3, 0);
  const out = await addDetail({ detail }, { x0, restoration: x0, regions, strength, noise });
  return { out, added: out.map((value, i) => value - x0[i]!), asked: asked[0]! };
}

describe('detail', () => {
  it('leaves the frequencies that the blur keeps, and adds those that it takes', async () => {
    const { added } = await detailed([region(60)]);
    const [changed, all] = [dct2(added), dct2(drawn)];
    const at = (u: number, v: number) => u * SIZE + v;
    expect(Math.abs(changed[at(0, 0)]!)).toBeLessThan(1e-4);
    expect(Math.abs(changed[at(0, 1)]!)).toBeLessThan(0.08 * Math.abs(all[at(0, 1)]!) + 1e-4);
    expect(changed[at(20, 15)]).toBeCloseTo(all[at(20, 15)]!, 4);
  });

  it('adds less where the photo is less blurred, and in proportion to its strength', async () => {
    const power = (values: Float32Array) => values.reduce((sum, value) => sum + value * value, 0);
    const [sharp, soft] = [await detailed([region(2)]), await detailed([region(20)])];
    expect(power(sharp.added)).toBeLessThan(0.5 * power(soft.added));
    const half = await detailed([region(20)], 0.5);
    const expected = soft.added.map((value) => value / 2);
    expect(largestDifference(half.added, expected)).toBeLessThan(1e-6);
  });

  it('takes each region at its own blur, and tells the network their mean', async () => {
    const left = new Float32Array(SIZE * SIZE).map((_, i) => (i % SIZE < SIZE / 4 ? 1 : 0));
    const right = left.map((part) => 1 - part);
    const { added, asked } = await detailed([region(2, left), region(20, right)]);
    expect(asked.std512).toBeCloseTo(2 / 4 + (20 * 3) / 4);
    expect(asked.noise).toHaveLength(SIZE * SIZE);
    const [sharp, soft] = [await detailed([region(2)]), await detailed([region(20)])];
    const expected = added.map((_, i) => (i % SIZE < SIZE / 4 ? sharp.added[i]! : soft.added[i]!));
    expect(largestDifference(added, expected)).toBeLessThan(1e-6);
  });
});
