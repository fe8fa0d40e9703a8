import { describe, expect, it } from 'vitest';
import { restoreSettingsSchema } from '../../../contract/restore.ts';
import type { RestoreSettingsInput } from '../../../contract/restore.ts';
import { resolvePlan } from '../../../engine/method/presets.ts';
import { startingStep } from '../../../engine/method/dsst.ts';
import { equaliseFace, equaliseGuide } from '../../../engine/method/face-power.ts';
import type { FacePower } from '../../../engine/method/face-power.ts';
import { gaussianBlur, stdAtSize } from '../../../engine/method/spectral-blur.ts';
import { loadPack } from '../../../engine/models/manifest.ts';
import { restoreFace } from '../../../engine/restore-face.ts';
import type { FaceStep } from '../../../engine/restore-face.ts';
import { largestDifference, picture } from '../../fixtures/pictures.ts';
import { TINY_PACK, TINY_SIZE, tinyNetworks, tinyRestoration, tinyStd } from '../../fixtures/tiny-pack.ts';
import type { Networks } from '../../../engine/method/types.ts';

const pack = await loadPack(TINY_PACK);
const plan = (settings: RestoreSettingsInput = {}) =>
  resolvePlan(pack.manifest, restoreSettingsSchema.parse(settings));
const sessions = tinyNetworks;
const crop = {
  width: TINY_SIZE,
  height: TINY_SIZE,
  data: picture(
    TINY_SIZE,
    (plane, row, column) => 0.5 + 0.3 * Math.sin(row / 5 + plane) * Math.cos(column / 7),
  ),
};

describe('restoreFace', () => {
  it('maps, starts by the table, and reports what it did', async () => {
    const result = await restoreFace(crop, { sessions, pack, plan: plan(), face: 0 });
    expect(largestDifference(result.restoration.data, tinyRestoration(crop.data))).toBe(0);
    expect(result.stdHat).toBe(tinyStd(crop.data));
    expect(result.start).toBe(startingStep(pack.dsst, result.stdHat));
    expect(result.guideStds).toEqual([result.stdHat, result.stdHat - 1, result.stdHat - 2]);
    expect(result.scaleMap).toHaveLength(crop.data.length);
    expect(result.image).toMatchObject({ width: TINY_SIZE, height: TINY_SIZE });
  });

  it('takes no blur and no guide below the least one of the plan', async () => {
    const least = { ...plan(), axis: { min: tinyStd(crop.data) + 1, max: 15 } };
    const result = await restoreFace(crop, { sessions, pack, plan: least, face: 0 });
    expect(result.stdHat).toBe(least.axis.min);
    expect(result.guideStds).toEqual([least.axis.min, least.axis.min, least.axis.min]);
    expect(result.start).toBe(startingStep(pack.dsst, least.axis.min));
  });

  it('trusts the prior less where less than the least blur is needed', async () => {
    // A blur that takes no error with it is not needed at all: the least blur falls to the first knot.
    const knots = [0.1, 2, 4];
    const curve = { knots, log10: Float32Array.of(-2.5, -2.5, -2.5) };
    const known: Networks = {
      ...sessions,
      estimator: (y) => Promise.resolve({ std: tinyStd(y), tm: y, curve }),
    };
    const run = (networks: Networks, min: number, rho: number) =>
      restoreFace(crop, {
        sessions: networks,
        pack,
        plan: { ...plan(), axis: { min, max: 15 }, rho },
        face: 0,
      });
    const result = await run(known, 2, 0.05);
    expect(result.image.data).toEqual((await run(sessions, 0.1, 0.05 * (0.1 / 2) ** 2)).image.data);
    expect(result.image.data).not.toEqual((await run(sessions, 0.1, 0.05)).image.data);
  });

  it('comes out as the guides where the data decides alone', async () => {
    const data = { ...plan({ preset: 'faithful', guides: 1, blur: 0.1, start: 300 }), rho: 1e-9 };
    const { image, restoration } = await restoreFace(crop, { sessions, pack, plan: data, face: 0 });
    const expected = gaussianBlur(restoration.data, stdAtSize(0.1, TINY_SIZE));
    expect(largestDifference(image.data, expected)).toBeLessThan(1e-3);
  });

  it('is guided by a crisper picture, is made crisper itself, and shows RM as it is', async () => {
    const settings = { preset: 'faithful', guides: 1, blur: 0.1, start: 300 } as const;
    const data = { ...plan(settings), rho: 1e-9 };
    const run = (crispness: number, facePower: FacePower | undefined) =>
      restoreFace(crop, {
        ...{ sessions, face: 0, pack: { ...pack, facePower } },
        plan: { ...data, crispness },
      });
    const { raisedFrom: _, ...guideOnly } = pack.facePower!;
    const guided = await run(0.5, guideOnly);
    expect(largestDifference(guided.restoration.data, tinyRestoration(crop.data))).toBe(0);
    const guide = equaliseGuide(guided.restoration.data, guideOnly, 0.5);
    expect(largestDifference(guide, guided.restoration.data)).toBeGreaterThan(0.01);
    expect(largestDifference(guided.image.data, gaussianBlur(guide, stdAtSize(0.1, TINY_SIZE)))).toBeLessThan(
      1e-3,
    );
    const both = await run(0.5, pack.facePower);
    const face = equaliseFace(guided.image.data, guided.restoration.data, pack.facePower!, 0.5);
    expect(both.image.data).toEqual(face);
    expect(largestDifference(face, guided.image.data)).toBeGreaterThan(0.003);
    const without = await run(0.5, undefined);
    expect(without.image.data).toEqual((await run(0, pack.facePower)).image.data);
  });

  describe('with blur per region', () => {
    const withGrid = (grid: Float32Array): Networks => ({
      ...sessions,
      estimator: (y) => Promise.resolve({ std: tinyStd(y), tm: y, grid }),
    });
    const halves = Float32Array.from({ length: 64 }, (_, i) => (i % 8 < 4 ? 2 : 12));
    const run = (networks: Networks, settings: RestoreSettingsInput) =>
      restoreFace(crop, { sessions: networks, pack, plan: plan(settings), face: 0 });

    it('starts at the step of the most blurred region', async () => {
      const result = await run(withGrid(halves), { perRegion: true });
      expect(result.stdHat).toBe(tinyStd(crop.data));
      expect(result.levels).toEqual([2, 2 + 10 / 3, 2 + 20 / 3, 12]);
      expect(result.start).toBe(startingStep(pack.dsst, 12));
      expect(result.guideStds).toHaveLength(12);
      expect(result.image.data.every(Number.isFinite)).toBe(true);
    });

    it('leaves a sharp region to RM while a blurred one is sampled', async () => {
      const grid = halves.map((std) => (std === 2 ? 0.1 : std));
      const { image, restoration } = await run(withGrid(grid), { perRegion: true });
      const half = (of: Float32Array, first: number) =>
        of.filter((_, i) => i % TINY_SIZE >= first && i % TINY_SIZE < first + 14);
      const kept = gaussianBlur(restoration.data, stdAtSize(0.1, TINY_SIZE));
      expect(largestDifference(half(image.data, 0), half(kept, 0))).toBeLessThan(1e-5);
      expect(largestDifference(half(image.data, 18), half(kept, 18))).toBeGreaterThan(1e-2);
    });

    it('ends with each half as if the whole face were blurred like it, away from the seam', async () => {
      // One step without a prior's pull: the closed form, and so each pixel's own region.
      const one = { guides: 1, preset: 'faithful', steps: 4, start: 1 } as const;
      const { image } = await run(withGrid(halves), { ...one, perRegion: true });
      const alone = await Promise.all([2, 12].map((blur) => run(sessions, { ...one, blur })));
      const columns = (of: Float32Array, from: number, to: number) =>
        of.filter((_, i) => i % TINY_SIZE >= from && i % TINY_SIZE < to);
      const [sharp, blurred] = alone.map((result) => result.image.data);
      expect(largestDifference(columns(image.data, 0, 14), columns(sharp!, 0, 14))).toBeLessThan(1e-5);
      expect(largestDifference(columns(image.data, 18, 32), columns(blurred!, 18, 32))).toBeLessThan(1e-5);
      expect(largestDifference(sharp!, blurred!)).toBeGreaterThan(1e-3);
    });

    it('is bit for bit the plain path for a nearly uniform grid, a pack without one, and when it is off', async () => {
      const plain = await run(sessions, {});
      const uniform = new Float32Array(64).fill(9);
      for (const result of [
        await run(withGrid(uniform), { perRegion: true }),
        await run(sessions, { perRegion: true }),
        await run(withGrid(halves), {}),
      ]) {
        expect(result.image.data).toEqual(plain.image.data);
        expect(result).toMatchObject({ start: plain.start, levels: [plain.stdHat] });
      }
    });

    it('takes the one number where the exact sampler follows from the speed', async () => {
      const result = await run(withGrid(halves), { speed: 'exact', start: 5 });
      expect(result.levels).toEqual([result.stdHat]);
    });

    it('fails the face for a grid that holds no number', async () => {
      const broken = halves.map((std, i) => (i === 9 ? NaN : std));
      await expect(run(withGrid(broken), { perRegion: true })).rejects.toMatchObject({ code: 'face/failed' });
    });
  });

  describe('with guides by confidence', () => {
    const levels = [
      { error: 1, guides: 1, spacing: 1 },
      { guides: 4, spacing: 2 },
    ];
    const manifest = { ...pack.manifest, auto: { relative: false, levels } };
    const run = (error: number | undefined, settings: RestoreSettingsInput) => {
      const estimator = (y: Float32Array) => Promise.resolve({ std: tinyStd(y), tm: y, error });
      const planned = resolvePlan(manifest, restoreSettingsSchema.parse(settings));
      return restoreFace(crop, { sessions: { ...sessions, estimator }, pack, plan: planned, face: 0 });
    };

    it.each([
      [0.5, 1, 1],
      [1.2, 4, 2],
    ])('chooses for an expected error of %d %d guides, and says so', async (error, guides, spacing) => {
      const { auto, guideStds, image, stdHat } = await run(error, { auto: true });
      expect(auto).toEqual({ error, guides, spacing });
      expect(guideStds).toEqual(
        Array.from({ length: guides }, (_, i) => Math.max(0.1, stdHat - i * spacing)),
      );
      const named = await run(error, { guides, spacing });
      expect(named).not.toHaveProperty('auto');
      expect(image.data).toEqual(named.image.data);
    });

    it('goes with the exact sampler and with blur per region', async () => {
      expect((await run(0.5, { auto: true, speed: 'exact', start: 5 })).guideStds).toHaveLength(1);
      expect((await run(0.5, { auto: true, perRegion: true })).auto?.guides).toBe(1);
    });

    it('is refused where SE does not tell its error', async () => {
      await expect(run(undefined, { auto: true })).rejects.toMatchObject({ code: 'argument/invalid' });
    });
  });

  it('gives the same samples for the same seed and face, and others for others', async () => {
    const run = async (seed: number, face: number) =>
      (await restoreFace(crop, { sessions, pack, plan: plan({ seed }), face })).image.data;
    expect(await run(4, 1)).toEqual(await run(4, 1));
    expect(largestDifference(await run(4, 1), await run(4, 2))).toBeGreaterThan(1e-3);
    expect(largestDifference(await run(4, 1), await run(5, 1))).toBeGreaterThan(1e-3);
  });

  it('takes start and blur overrides', async () => {
    const result = await restoreFace(crop, { sessions, pack, plan: plan({ start: 123, blur: 9 }), face: 0 });
    expect(result).toMatchObject({ start: 123, stdHat: 9, guideStds: [9, 8, 7] });
  });

  it('runs the exact sampler over every step, refining the kernels', async () => {
    const steps: FaceStep[] = [];
    const settings = plan({ speed: 'exact', start: 40, blur: 9, kernelRefinement: true });
    const onStep = (step: FaceStep) => steps.push(step);
    const result = await restoreFace(crop, { sessions, pack, plan: settings, face: 0, onStep });
    expect(steps.map(({ t }) => t)).toEqual(Array.from({ length: 40 }, (_, i) => 40 - i));
    expect(result.guideStds).not.toEqual([9, 8, 7]);
    expect(result.image.data.every(Number.isFinite)).toBe(true);
  });

  it('previews each step as a picture in 0-1', async () => {
    const previews: FaceStep[] = [];
    await restoreFace(crop, { sessions, pack, plan: plan(), face: 0, onStep: (step) => previews.push(step) });
    expect(previews.map(({ step, of }) => `${step}/${of}`)).toEqual([
      '1/6',
      '2/6',
      '3/6',
      '4/6',
      '5/6',
      '6/6',
    ]);
    const mean = previews[5]!.preview.data.reduce((sum, value) => sum + value, 0) / crop.data.length;
    expect(mean).toBeGreaterThan(0.3);
    expect(mean).toBeLessThan(0.7);
  });

  it('stops when cancelled', async () => {
    const signal = AbortSignal.abort();
    const run = restoreFace(crop, { sessions, pack, plan: plan(), face: 0, signal });
    await expect(run).rejects.toMatchObject({ code: 'job/cancelled' });
  });

  it('refuses a crop of another size', async () => {
    const small = { width: 16, height: 16, data: new Float32Array(3 * 16 * 16) };
    const run = restoreFace(small, { sessions, pack, plan: plan(), face: 0 });
    await expect(run).rejects.toThrow('Expected a crop of 32 x 32 but received 16 x 16');
  });
});
