import { describe, expect, it } from 'vitest';
import { restoreSettingsSchema } from '../../../../contract/restore.ts';
import { describePack } from '../../../../engine/describe-pack.ts';
import { resolvePlan } from '../../../../engine/method/presets.ts';
import { loadPack } from '../../../../engine/models/manifest.ts';
import {
  change,
  changedSettings,
  choose,
  chooseGuides,
  choosePreset,
  draftSettings,
  fourSeeds,
  hasFidelity,
  hasPaperWeights,
  isChanged,
  shownSettings,
  textOf,
  type Chosen,
  type Preset,
} from '../../../../renderer/state/restore-settings.ts';
import { moveWeight } from '../../../../renderer/state/restore-weights.ts';
import { makePreset, PRESETS } from './make-presets.ts';

const pack = await loadPack('resources/models/family-256');
const { manifest } = pack;
const presets: readonly Preset[] = describePack(pack).presets!;

/** The pack's manifest with a table of guides, which every preset takes or none. */
const withTable = (auto: boolean) => ({
  ...manifest,
  auto: { relative: false, levels: [{ guides: 2, spacing: 1 }] },
  presets: manifest.presets.map((preset) => ({ ...preset, auto })),
});
/** The pack, whether it knows the power of faces or not; each preset at a crispness of its own. */
const withPower = (knows: boolean) => {
  const crispness: Record<string, number> = { faithful: 0.1, balanced: 0.3, detailed: 0.9 };
  const { facePower: _, ...others } = manifest.files;
  const files = knows ? { ...others, facePower: others.dsst } : others;
  const own = manifest.presets.map((preset) => ({ ...preset, crispness: crispness[preset.id]! }));
  return { ...pack, manifest: { ...manifest, files, presets: own } };
};
const plan = (chosen: Chosen) => {
  const able = { ...withTable(false), files: withPower(true).manifest.files };
  return resolvePlan(able, restoreSettingsSchema.parse(chosen));
};

describe('what the panel shows is what the engine does', () => {
  const cases: Record<string, Chosen> = {
    nothing: {},
    faithful: { preset: 'faithful' },
    detailed: { preset: 'detailed' },
    'fidelity in the middle': { fidelity: 0.4 },
    'fidelity 0': { fidelity: 0 },
    'four guides': { guides: 4 },
    'own weights': { weights: [0.5, 0.5] },
    'no dgsa': { dgsa: false },
    'a constant scale': { guidanceScale: 0.3 },
    'draft speed': { speed: 'draft' },
    'exact speed': { speed: 'exact' },
    'own steps': { steps: 22, solver: 'ddim' },
    'spectral at exact speed': { speed: 'exact', sampler: 'spectral' },
    'blur per region': { perRegion: true },
    'a blur by hand': { blur: 4 },
  };

  it.each(Object.entries(cases))('%s', (_, chosen) => {
    const shown = shownSettings(chosen, presets);
    const planned = plan(chosen);
    expect(shown.weights.length).toBe(planned.weights.length);
    shown.weights.forEach((weight, i) => expect(weight).toBeCloseTo(planned.weights[i]!));
    expect(shown.spacing).toBe(planned.spacing);
    expect(shown.dgsa ? 'dgsa' : shown.guidanceScale).toBe(planned.guidanceScale);
    expect(shown.kernelRefinement).toBe(planned.kernelRefinement);
    expect(shown.perRegion).toBe(planned.perRegion);
    expect(shown.sampler).toBe(planned.sampling.sampler);
    expect(shown.steps).toBe(planned.sampling.steps ?? null);
    if (planned.sampling.sampler === 'spectral') expect(shown.solver).toBe(planned.sampling.solver);
  });

  it.each<Chosen>([{}, { blur: 4 }, { speed: 'exact' }, { perRegion: false }])(
    'a preset with blur per region, and %o',
    (chosen) => {
      const regional = manifest.presets.map((preset) => ({ ...preset, perRegion: true }));
      const own = { ...pack, manifest: { ...manifest, presets: regional } };
      const planned = resolvePlan(own.manifest, restoreSettingsSchema.parse(chosen));
      expect(shownSettings(chosen, describePack(own).presets!).perRegion).toBe(planned.perRegion);
    },
  );

  it.each<[boolean, Chosen]>([
    [true, {}],
    [true, { fidelity: 0.5 }],
    [true, { fidelity: 0.5, auto: true }],
    [true, { guides: 2 }],
    [true, { blur: 4 }],
    [true, { auto: false }],
    [false, {}],
    [false, { auto: true }],
  ])('guides by certainty, the preset saying %s, and %o', (auto, chosen) => {
    const able = { ...pack, manifest: withTable(auto) };
    const planned = resolvePlan(able.manifest, restoreSettingsSchema.parse(chosen));
    expect(shownSettings(chosen, describePack(able).presets!).auto).toBe(planned.auto !== undefined);
    const unable = { ...pack, manifest: { ...manifest, auto: undefined } };
    expect(shownSettings(chosen, describePack(unable).presets!).auto).toBe(null);
  });

  it.each<[Chosen, number]>([
    [{}, 0.3],
    [{ preset: 'faithful' }, 0.1],
    [{ preset: 'detailed' }, 0.9],
    [{ fidelity: 0 }, 0.9],
    [{ preset: 'faithful', fidelity: 0.25 }, 0.7],
    [{ crispness: 0 }, 0],
    [{ fidelity: 0.25, crispness: 0.6 }, 0.6],
  ])('crispness with %o', (chosen, crispness) => {
    const able = withPower(true);
    const planned = resolvePlan(able.manifest, restoreSettingsSchema.parse(chosen));
    expect(planned.crispness).toBeCloseTo(crispness);
    expect(shownSettings(chosen, describePack(able).presets!).crispness).toBe(planned.crispness);
  });

  it.each<Chosen>([{}, { preset: 'detailed' }, { fidelity: 0.5 }])(
    'no crispness in a pack that does not know the power of faces, with %o',
    (chosen) => {
      const unable = withPower(false);
      expect(resolvePlan(unable.manifest, restoreSettingsSchema.parse(chosen)).crispness).toBe(0);
      expect(shownSettings(chosen, describePack(unable).presets!).crispness).toBeNull();
    },
  );

  it('puts Faithful at 1, Detailed at 0 and Balanced between', () => {
    const at = (preset: string) => shownSettings({ preset }, presets).fidelity;
    expect([at('faithful'), at('detailed')]).toEqual([1, 0]);
    expect(at('balanced')).toBeGreaterThan(0.2);
    expect(at('balanced')).toBeLessThan(0.8);
  });

  it('shows something for presets that say nothing of what they set', () => {
    const silent = presets.map(({ id, name, description }) => ({ id, name, description }));
    for (const shown of [
      shownSettings({}, silent),
      shownSettings({ fidelity: 0.5 }, []),
      shownSettings({}, []),
    ])
      expect(shown).toMatchObject({
        fidelity: 0.5,
        weights: [0.7, 0.2, 0.1],
        sampler: 'spectral',
        steps: 15,
      });
  });

  it('needs both ends for the fidelity slider', () => {
    expect(hasFidelity(presets)).toBe(true);
    expect(hasFidelity(presets.slice(0, 2))).toBe(false);
  });
});

describe('changes', () => {
  it('take back what they exclude', () => {
    expect(change({ weights: [0.5, 0.5] }, 'guides', 3)).toEqual({ guides: 3 });
    expect(change({ guides: 3 }, 'weights', [0.5, 0.3, 0.2])).toEqual({ weights: [0.5, 0.3, 0.2] });
    expect(change({ dgsa: true }, 'guidanceScale', 0.5)).toEqual({ guidanceScale: 0.5 });
    expect(change({ guidanceScale: 0.5 }, 'dgsa', true)).toEqual({ dgsa: true });
    expect(change({ solver: 'ddim', steps: 30 }, 'sampler', 'exact')).toEqual({ sampler: 'exact' });
    expect(change({ blur: 4 }, 'perRegion', true)).toEqual({ perRegion: true });
    expect(change({ perRegion: true }, 'blur', 4)).toEqual({ blur: 4 });
    expect(change({ perRegion: true }, 'speed', 'exact')).toEqual({ speed: 'exact' });
    const named: Chosen[] = [{ guides: 2 }, { weights: [1] }, { spacing: 2 }, { blur: 4 }];
    for (const one of named) {
      expect(change(one, 'auto', true)).toEqual({ auto: true });
      const [key, value] = Object.entries(one)[0] as [keyof Chosen, never];
      expect(change({ auto: true }, key, value)).toEqual(one);
    }
    expect(change({ auto: true, speed: 'exact' }, 'fidelity', 0.5)).toMatchObject({ auto: true });
    expect(change({ crispness: 0.6, spacing: 2 }, 'fidelity', 0.5)).toEqual({ fidelity: 0.5, spacing: 2 });
    expect(change({ fidelity: 0.5 }, 'crispness', 0.6)).toEqual({ fidelity: 0.5, crispness: 0.6 });
    expect(change({ fidelity: 0.5 }, 'fidelity', undefined)).toEqual({});
  });

  it('keep within what the spectral sampler takes', () => {
    expect(change({}, 'steps', 400)).toEqual({ steps: 50 });
    expect(change({ speed: 'exact' }, 'steps', 400)).toEqual({ speed: 'exact', steps: 400 });
    expect(change({ speed: 'exact', steps: 400 }, 'speed', 'normal')).toEqual({ speed: 'normal' });
  });

  it('let another preset decide again, but keep seed, tone, grain and blur', () => {
    const chosen: Chosen = {
      fidelity: 0.2,
      weights: [1],
      dgsa: false,
      perRegion: false,
      auto: true,
      crispness: 0.6,
      seed: 9,
      tone: 'sepia',
      grain: 0.8,
      blur: 4,
    };
    const kept = { seed: 9, tone: 'sepia', grain: 0.8, blur: 4 };
    expect(choosePreset(chosen, 'faithful')).toEqual({ preset: 'faithful', ...kept });
  });

  it('bring no settings that the engine refuses, in whatever order they are made', () => {
    let chosen: Chosen = {};
    let state = 7;
    const random = (below: number) => (state = (state * 48271) % 2147483647) % below;
    const moves: ((now: Chosen) => Chosen)[] = [
      (now) => choosePreset(now, presets[random(3)]!.id),
      (now) => change(now, 'fidelity', random(101) / 100),
      (now) => chooseGuides(now, 1 + random(4)),
      (now) => {
        const { weights } = shownSettings(now, presets);
        return change(now, 'weights', moveWeight(weights, random(weights.length), random(101) / 100));
      },
      (now) => change(now, 'spacing', random(51) / 10),
      (now) => change(now, 'blur', random(2) ? 0.1 + random(149) / 10 : undefined),
      (now) => change(now, 'start', random(2) ? 1 + random(1000) : undefined),
      (now) => change(now, 'speed', (['draft', 'normal', 'exact'] as const)[random(3)]),
      (now) => change(now, 'steps', 4 + random(900)),
      (now) => change(now, 'sampler', (['spectral', 'exact'] as const)[random(2)]),
      (now) => change(now, 'solver', (['ddim', 'dpmpp-2m'] as const)[random(2)]),
      (now) => change(now, 'dgsa', random(2) === 1),
      (now) => change(now, 'guidanceScale', random(101) / 100),
      (now) => change(now, 'kernelRefinement', random(2) === 1),
      (now) => change(now, 'perRegion', random(2) === 1),
      (now) => change(now, 'auto', random(2) === 1),
      (now) => change(now, 'crispness', random(21) / 20),
      (now) => change(now, 'grain', random(21) / 20),
      (now) => change(now, 'seed', random(1000)),
    ];
    for (let i = 0; i < 2000; i++) {
      chosen = moves[random(moves.length)]!(chosen);
      expect(() => plan(chosen), JSON.stringify(chosen)).not.toThrow();
      expect(() => plan(draftSettings(chosen)), JSON.stringify(chosen)).not.toThrow();
    }
  });
});

describe('choices beside a preset', () => {
  it('are told from the untouched preset, by their values', () => {
    const changed = (chosen: Chosen) => isChanged(chosen, PRESETS);
    expect(changed({ preset: 'detailed', seed: 4, tone: 'sepia', grain: 1, speed: 'normal' })).toBe(false);
    expect(changed({ spacing: 2 })).toBe(true);
    expect(changed({ spacing: 1, guides: 3, dgsa: false })).toBe(false);
    expect(changed({ speed: 'exact' })).toBe(true);
  });

  it('are named once, without what others bring with them', () => {
    const names = (chosen: Chosen) => changedSettings(chosen, PRESETS);
    expect(names({ fidelity: 0.9 })).toEqual(['fidelity']);
    expect(names({ fidelity: 0.9, crispness: 0.6 })).toEqual(['fidelity', 'crispness']);
    expect(names({ preset: 'detailed', crispness: 0.9 })).toEqual([]);
    expect(names({ guides: 2, weights: [0.6, 0.4], spacing: 1 })).toEqual(['weights']);
    expect(names({ speed: 'exact', sampler: 'exact' })).toEqual(['speed']);
    expect(names({ preset: 'detailed', perRegion: false, blur: 4 })).toEqual(['blur']);
  });

  it('of a preset that is not known are all that were made', () => {
    const chosen: Chosen = { preset: 'other', spacing: 1, speed: 'normal' };
    expect(changedSettings(chosen, PRESETS)).toEqual(['spacing']);
    expect(changedSettings(chosen, [])).toEqual(['spacing']);
    expect(choose({}, 'spacing', 4, [])).toEqual({ spacing: 4 });
  });

  it('to what the preset has anyway are none', () => {
    const set = <K extends keyof Chosen>(chosen: Chosen, key: K, value: Chosen[K]) =>
      choose(chosen, key, value, PRESETS);
    const own = shownSettings({}, PRESETS).fidelity;
    expect(set({ fidelity: 0.9 }, 'fidelity', own)).toEqual({});
    expect(set({}, 'fidelity', 0.9)).toEqual({ fidelity: 0.9 });
    expect(set({ guides: 2 }, 'guides', 3)).toEqual({});
    expect(set({ spacing: 2, seed: 4 }, 'spacing', 1)).toEqual({ seed: 4 });
    expect(set({ crispness: 0.6 }, 'crispness', 0.3)).toEqual({});
    expect(set({ fidelity: 0.5 }, 'crispness', 0.5)).toEqual({ fidelity: 0.5 });
    expect(set({ fidelity: 0.5 }, 'crispness', 0.3)).toEqual({ fidelity: 0.5, crispness: 0.3 });
    expect(set({ speed: 'exact' }, 'speed', 'normal')).toEqual({});
    expect(set({ blur: 4 }, 'blur', undefined)).toEqual({});
    expect(set({ seed: 4 }, 'grain', 0)).toEqual({ seed: 4, grain: 0 });
    expect(set({ grain: 0, seed: 4 }, 'grain', 0.5)).toEqual({ seed: 4 });
  });

  it('keep guides that were set in place of those by certainty, though they are the same', () => {
    const able = [makePreset('balanced', { auto: true })];
    expect(choose({}, 'guides', 3, able)).toEqual({ guides: 3 });
    expect(choose({ guides: 3 }, 'auto', true, able)).toEqual({});
  });
});

it('shows half of the grain where none was chosen, as the engine gives it', () => {
  expect(shownSettings({}, presets).grain).toBe(restoreSettingsSchema.parse({}).grain);
  expect(shownSettings({ grain: 0 }, presets).grain).toBe(0);
  expect(draftSettings({ grain: 0.8 })).toEqual({ grain: 0.8, speed: 'draft' });
});

it("tells the paper's weights from others", () => {
  expect(hasPaperWeights(shownSettings({ guides: 4 }, presets))).toBe(true);
  expect(hasPaperWeights(shownSettings({ weights: [0.5, 0.5] }, presets))).toBe(false);
});

it('drafts one face at draft speed, never exactly', () => {
  expect(draftSettings({ speed: 'exact', steps: 200, seed: 3, faces: [1], scale: 2 })).toEqual({
    speed: 'draft',
    seed: 3,
  });
  expect(draftSettings({ steps: 9 })).toEqual({ speed: 'draft', steps: 9 });
});

it('gives four different seeds, the chosen one first', () => {
  const seeds = fourSeeds(0xfffffff0);
  expect(seeds[0]).toBe(0xfffffff0);
  expect(new Set(seeds).size).toBe(4);
  for (const seed of seeds) expect(seed).toBeLessThanOrEqual(0xffffffff);
});

it('tells the same choices by the same text, in whatever order and however usual', () => {
  const text = textOf({ preset: 'faithful', spacing: 2 });
  expect(textOf({ grain: 0.5, spacing: 2, preset: 'faithful', seed: 0 })).toBe(text);
  expect(textOf({ preset: 'faithful', spacing: 2, seed: 1 })).not.toBe(text);
});
