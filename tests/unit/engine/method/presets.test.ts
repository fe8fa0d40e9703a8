import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { restoreSettingsSchema } from '../../../../contract/restore.ts';
import type { RestoreSettingsInput } from '../../../../contract/restore.ts';
import { resolvePlan } from '../../../../engine/method/presets.ts';
import { manifestSchema } from '../../../../engine/models/manifest.ts';
import { TINY_PACK } from '../../../fixtures/tiny-pack.ts';

const manifest = manifestSchema.parse(
  JSON.parse(await readFile(path.join(TINY_PACK, 'manifest.json'), 'utf8')),
);
const plan = (settings: RestoreSettingsInput) => resolvePlan(manifest, restoreSettingsSchema.parse(settings));

describe('resolvePlan', () => {
  it('takes everything from the preset where nothing else is named', () => {
    expect(plan({})).toEqual({
      preset: 'balanced',
      weights: [expect.closeTo(0.7, 12), expect.closeTo(0.2, 12), expect.closeTo(0.1, 12)],
      spacing: 1,
      rho: 0.1,
      axis: { min: 0.1, max: 15 },
      guidanceScale: 'dgsa',
      crispness: 0,
      kernelRefinement: false,
      perRegion: false,
      sampling: { sampler: 'spectral', solver: 'dpmpp-2m', steps: 6, timestepSpacing: 'uniform-t', eta: 0 },
      start: undefined,
      blur: undefined,
      seed: 0,
    });
  });

  it('takes what is named over the preset', () => {
    const settings = {
      spacing: 2,
      kernelRefinement: true,
      start: 300,
      blur: 4,
      seed: 9,
      guidanceScale: 0.5,
      solver: 'ddim',
      steps: 20,
    } as const;
    expect(plan(settings)).toMatchObject({
      spacing: 2,
      kernelRefinement: true,
      start: 300,
      blur: 4,
      seed: 9,
      guidanceScale: 0.5,
      sampling: { solver: 'ddim', steps: 20 },
    });
  });

  it('refuses a start beyond the schedule of the pack', () => {
    const start = (value: number) =>
      resolvePlan(
        { ...manifest, schedule: { ...manifest.schedule, steps: 400 } },
        restoreSettingsSchema.parse({ start: value }),
      ).start;
    expect(start(400)).toBe(400);
    expect(() => start(401)).toThrow('Expected a start of pack tiny-32 between 1 and 400 but received 401');
  });

  it('trusts RM from the least blur of the preset on, or of the fidelity, unless a blur is given', () => {
    const least: Record<string, number> = { faithful: 0.5, detailed: 2.5 };
    const presets = manifest.presets.map((preset) => ({ ...preset, leastBlur: least[preset.id] }));
    const axis = (settings: RestoreSettingsInput) =>
      resolvePlan({ ...manifest, presets }, restoreSettingsSchema.parse(settings)).axis;
    expect(axis({ preset: 'detailed' })).toEqual({ min: 2.5, max: 15 });
    expect(axis({ preset: 'balanced' })).toEqual({ min: 0.1, max: 15 });
    expect(axis({ fidelity: 0.25 })).toEqual({ min: 2, max: 15 });
    expect(axis({ preset: 'detailed', blur: 1 })).toEqual({ min: 0.1, max: 15 });
  });

  it('trusts the prior up to the most blur of the preset, or of the fidelity, unless a blur is given', () => {
    const most: Record<string, number> = { faithful: 4, balanced: 5, detailed: 8 };
    const presets = manifest.presets.map((preset) => ({ ...preset, mostBlur: most[preset.id] }));
    const axis = (settings: RestoreSettingsInput) =>
      resolvePlan({ ...manifest, presets }, restoreSettingsSchema.parse(settings)).axis;
    expect(axis({ preset: 'balanced' })).toEqual({ min: 0.1, max: 5 });
    expect(axis({ fidelity: 0.25 })).toEqual({ min: 0.1, max: 7 });
    expect(axis({ preset: 'balanced', blur: 9 })).toEqual({ min: 0.1, max: 15 });
  });

  it('has the steps of each speed', () => {
    expect(plan({ speed: 'draft' }).sampling).toMatchObject({ sampler: 'spectral', steps: 4 });
    expect(plan({ speed: 'exact' }).sampling).toEqual({ sampler: 'exact', steps: undefined });
    expect(plan({ speed: 'exact', steps: 100 }).sampling).toEqual({ sampler: 'exact', steps: 100 });
    expect(plan({ speed: 'exact', sampler: 'spectral' }).sampling).toMatchObject({
      sampler: 'spectral',
      steps: 6,
    });
    expect(plan({ sampler: 'exact' }).sampling).toEqual({ sampler: 'exact', steps: undefined });
  });

  it('adds noise anew as the speed says, not with another solver', () => {
    const ddim = { sampler: 'spectral', solver: 'ddim', steps: 15, eta: 1 } as const;
    const presets = manifest.presets.map((preset) => ({
      ...preset,
      speeds: { ...preset.speeds, normal: ddim },
    }));
    const sampling = (settings: RestoreSettingsInput) =>
      resolvePlan({ ...manifest, presets }, restoreSettingsSchema.parse(settings)).sampling;
    expect(sampling({})).toMatchObject({ solver: 'ddim', eta: 1 });
    expect(sampling({ solver: 'dpmpp-2m' })).toMatchObject({ solver: 'dpmpp-2m', eta: 0 });
    expect(sampling({ speed: 'draft', solver: 'ddim' })).toMatchObject({ solver: 'ddim', eta: 0 });
  });

  it('has table 7 weights for another number of guides, and normalises given ones', () => {
    expect(plan({ guides: 2 }).weights).toEqual([0.8, 0.2]);
    expect(plan({ weights: [3, 1] }).weights).toEqual([0.75, 0.25]);
    expect(plan({ guides: 2, weights: [3, 1] }).weights).toEqual([0.75, 0.25]);
  });

  it('switches DGSA off for a constant scale, or by itself', () => {
    expect(plan({ dgsa: false }).guidanceScale).toBe(1);
    expect(plan({ preset: 'faithful' }).guidanceScale).toBe(1);
    expect(plan({ preset: 'faithful', dgsa: true }).guidanceScale).toBe('dgsa');
  });

  describe('crispness', () => {
    const shares: Record<string, number> = { faithful: 0.25, balanced: 0.3, detailed: 0.75 };
    const presets = manifest.presets.map((preset) => ({ ...preset, crispness: shares[preset.id]! }));
    const { facePower: _, ...unknown } = manifest.files;
    const planned = (settings: RestoreSettingsInput, files: typeof manifest.files = manifest.files) =>
      resolvePlan({ ...manifest, presets, files }, restoreSettingsSchema.parse(settings)).crispness;

    it('is the choice of a person, then of the fidelity, then of the preset', () => {
      expect(planned({})).toBe(0.3);
      expect(planned({ fidelity: 1 })).toBe(0.25);
      expect(planned({ fidelity: 0.5 })).toBe(0.5);
      expect(planned({ fidelity: 0.5, crispness: 0 })).toBe(0);
    });

    it('is none in a pack without the table, which refuses any other', () => {
      expect(planned({}, unknown)).toBe(0);
      expect(planned({ fidelity: 0.5 }, unknown)).toBe(0);
      expect(planned({ crispness: 0 }, unknown)).toBe(0);
      const message = 'Expected a pack that knows the power of faces with crispness but received tiny-32';
      expect(() => planned({ crispness: 0.1 }, unknown)).toThrow(
        expect.objectContaining({ code: 'argument/invalid', message }),
      );
    });
  });

  describe('blur per region', () => {
    const [balanced, ...others] = manifest.presets;
    const regional = { ...manifest, presets: [{ ...balanced!, id: 'balanced', perRegion: true }, ...others] };
    const planned = (settings: RestoreSettingsInput) =>
      resolvePlan(regional, restoreSettingsSchema.parse(settings)).perRegion;

    it('is the choice of a person, then of the preset', () => {
      expect(plan({ perRegion: true }).perRegion).toBe(true);
      expect(planned({})).toBe(true);
      expect(planned({ perRegion: false })).toBe(false);
    });

    it('gives way to the exact sampler and to a given blur where the preset alone asks for it', () => {
      expect(planned({ speed: 'exact' })).toBe(false);
      expect(planned({ sampler: 'exact' })).toBe(false);
      expect(planned({ speed: 'exact', sampler: 'spectral' })).toBe(true);
      expect(planned({ blur: 4 })).toBe(false);
    });
  });

  describe('guides by confidence', () => {
    const auto = {
      relative: false,
      levels: [
        { error: 1, guides: 1, spacing: 1, rho: 0.5 },
        { guides: 4, spacing: 2 },
      ],
    };
    const able = { ...manifest, auto };
    const usual = { ...able, presets: manifest.presets.map((preset) => ({ ...preset, auto: true })) };
    const planned = (of: typeof able, settings: RestoreSettingsInput) =>
      resolvePlan(of, restoreSettingsSchema.parse(settings)).auto;

    it('are the choice of a person, then of the preset, which alone needs no SE that tells its error', () => {
      expect(planned(able, {})).toBeUndefined();
      expect(planned(able, { auto: true })).toEqual({ ...auto, required: true });
      expect(planned(usual, {})).toEqual({ ...auto, required: false });
      expect(planned(usual, { auto: true })).toEqual({ ...auto, required: true });
      expect(planned(usual, { auto: false })).toBeUndefined();
      expect(planned(usual, { speed: 'exact', perRegion: false })).toBeDefined();
    });

    it.each<RestoreSettingsInput>([
      { guides: 2 },
      { weights: [1] },
      { spacing: 2 },
      { blur: 4 },
      { fidelity: 1 },
    ])('give way to %o where the preset alone asks for them', (settings) =>
      expect(planned(usual, settings)).toBeUndefined(),
    );

    it('give way in a pack without a table', () => {
      expect(planned({ ...usual, auto: undefined } as unknown as typeof able, {})).toBeUndefined();
    });

    it('leave rho to a fidelity that is named', () => {
      const bare = [{ error: 1, guides: 1, spacing: 1 }, auto.levels[1]];
      expect(planned(able, { auto: true, fidelity: 0.5 })?.levels).toEqual(bare);
    });

    it.each<[RestoreSettingsInput, string]>([
      [{ guides: 3 }, 'Expected no guides with auto but received 3'],
      [{ weights: [1, 2] }, 'Expected no weights with auto but received [1,2]'],
      [{ spacing: 2 }, 'Expected no spacing with auto but received 2'],
      [{ blur: 4 }, 'Expected no blur with auto but received 4'],
    ])('are refused with %o', (settings, message) => {
      expect(() => planned(able, { ...settings, auto: true })).toThrow(
        expect.objectContaining({ code: 'argument/invalid', message }),
      );
    });
  });

  describe('fidelity', () => {
    it('is Detailed at 0 and Faithful at 1', () => {
      expect(plan({ fidelity: 0 })).toMatchObject({ rho: 1, weights: [1] });
      expect(plan({ fidelity: 1 }).rho).toBeCloseTo(0.01, 12);
      expect(plan({ fidelity: 1 }).weights).toEqual(plan({ preset: 'faithful' }).weights);
    });

    it('goes between them: rho geometrically, weights linearly', () => {
      const half = plan({ fidelity: 0.5 });
      expect(half.rho).toBeCloseTo(0.1, 12);
      expect(half.weights).toEqual([
        expect.closeTo(0.85, 12),
        expect.closeTo(0.1, 12),
        expect.closeTo(0.05, 12),
      ]);
    });

    it('lets the data decide more the greater it is', () => {
      const rhos = [0, 0.25, 0.5, 0.75, 1].map((fidelity) => plan({ fidelity }).rho);
      expect(rhos).toEqual([...rhos].sort((a, b) => b - a));
    });

    it('leaves named guides alone', () => {
      expect(plan({ fidelity: 0.5, guides: 4 }).weights).toEqual(
        [0.7, 0.1, 0.1, 0.1].map((w) => expect.closeTo(w, 12) as number),
      );
    });
  });

  it.each<[RestoreSettingsInput, string]>([
    [
      { preset: 'wild' },
      'Expected a preset of pack tiny-32 (faithful, balanced, detailed) but received wild',
    ],
    [{ guides: 3, weights: [0.5, 0.5] }, 'Expected 3 weights for 3 guides but received 2'],
    [{ weights: [0, 0] }, 'Expected weights with a sum above 0 but received [0, 0]'],
    [{ steps: 51 }, 'Expected steps between 4 and 50 with the spectral sampler but received 51'],
    [{ speed: 'exact', solver: 'ddim' }, 'Expected no solver with the exact sampler but received ddim'],
    [
      { speed: 'exact', perRegion: true },
      'Expected the spectral sampler with blur per region but received exact',
    ],
    [{ blur: 4, perRegion: true }, 'Expected no blur with blur per region but received 4'],
    [{ auto: true }, 'Expected a pack that can choose guides with auto but received tiny-32'],
    [{ dgsa: true, guidanceScale: 0.5 }, 'Expected no constant guidance scale with dgsa but received 0.5'],
  ])('refuses %o', (settings, message) => {
    expect(() => plan(settings)).toThrow(expect.objectContaining({ code: 'argument/invalid', message }));
  });
});
