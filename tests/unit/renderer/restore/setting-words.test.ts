import { beforeEach, expect, test } from 'vitest';
import { restoreSettingsSchema, type RestoreSettingsInput } from '../../../../contract/restore.ts';
import { styleName } from '../../../../renderer/components/restore/preset-names.ts';
import {
  changedInWords,
  notReusedInWords,
  ownFacesInWords,
  ownInWords,
} from '../../../../renderer/components/restore/setting-words.ts';
import { settings } from '../../../../renderer/state/settings.svelte.ts';
import { settingsWith } from '../settings-fixture.ts';
import { makePreset, PRESETS as presets } from './make-presets.ts';

const words = (made: RestoreSettingsInput) =>
  changedInWords(restoreSettingsSchema.parse(made), presets).map(({ label, value }) => `${label}: ${value}`);
const style = (made: RestoreSettingsInput) => styleName(presets, restoreSettingsSchema.parse(made));

beforeEach(() => settings.use(settingsWith({ language: 'en' })));

test('a preset as it is has nothing to tell', () => {
  expect(style({ preset: 'faithful', seed: 9 })).toBe('Faithful');
  expect(words({ preset: 'faithful', spacing: 1, guides: 4 })).toEqual([]);
});

test('what was moved is told as the panel calls it', () => {
  expect(style({ preset: 'faithful', fidelity: 0.2 })).toBe('Faithful, changed');
  expect(words({ preset: 'faithful', fidelity: 0.2, weights: [0.6, 0.4], spacing: 2.5, start: 400 })).toEqual(
    [
      'Fidelity or quality: 20%',
      'Weights: 0.60 · 0.40',
      'Distance between guides: 2.5',
      'Starting step: 400',
    ],
  );
  expect(words({ preset: 'detailed', speed: 'draft', steps: 9, perRegion: false, dgsa: true })).toEqual([
    'Speed: Draft',
    'Steps: 9',
    'Blur by region: Off',
    'Guidance by region (DGSA): On',
  ]);
  expect(words({ guides: 2, blur: 4, sampler: 'exact', tone: 'sepia', grain: 0.85 })).toEqual([
    'Number of guides: 2',
    'Blur of the photo: 4',
    'Sampler: Exact',
    'Tone: Sepia',
    'Grain: 85%',
  ]);
});

test('a version from before the grain could be chosen has half of it, which is nothing to tell', () => {
  const { grain: _, ...older } = restoreSettingsSchema.parse({ tone: 'sepia' });
  const told = changedInWords(older, presets);
  expect(told).toEqual([{ label: 'Tone', value: 'Sepia' }]);
  expect(words({ grain: 0 })).toEqual(['Grain: 0%']);
  expect(style({ grain: 0 })).toBe('Balanced');
});

test("a crispness is told where it is not the preset's, whether the pack in use can give it or not", () => {
  expect(words({ crispness: 0.6 })).toEqual(['Crispness: 60%']);
  expect(words({ preset: 'faithful', fidelity: 0.2, crispness: 0 })).toEqual([
    'Fidelity or quality: 20%',
    'Crispness: 0%',
  ]);
  expect(words({ preset: 'detailed', crispness: 0.9 })).toEqual([]);
  expect(style({ crispness: 0.6 })).toBe('Balanced, changed');
  const unable = [makePreset('balanced', { crispness: null })];
  const told = changedInWords(restoreSettingsSchema.parse({ crispness: 0.6 }), unable);
  expect(told).toEqual([{ label: 'Crispness', value: '60%' }]);
});

test('a preset that is not known tells all that was set', () => {
  expect(style({ preset: 'velvet', spacing: 1 })).toBe('velvet, changed');
  expect(words({ preset: 'velvet', spacing: 1 })).toEqual(['Distance between guides: 1']);
});

test('a face with settings of its own tells what it was restored by', () => {
  const made = restoreSettingsSchema.parse({
    ...{ preset: 'detailed', guides: 2, speed: 'draft', seed: 4 },
    perFace: {
      0: { seed: 7 },
      1: { preset: 'faithful', seed: 4, grain: 0.5 },
      2: { preset: 'faithful', blur: 4, grain: 1 },
    },
  });
  expect(ownInWords(made, 0, presets)).toBe('Detailed, changed · Number of guides: 2 · Seed 7');
  expect(ownInWords(made, 1, presets)).toBe('Faithful');
  expect(ownInWords({ ...made, grain: 0.8 }, 1, presets)).toBe('Faithful · Grain: 50%');
  expect(ownInWords(made, 2, presets)).toBe('Faithful, changed · Blur of the photo: 4 · Grain: 100%');
});

test('faces with settings of their own are counted', () => {
  expect(ownFacesInWords([])).toBe('');
  expect(ownFacesInWords([3])).toBe('Face 3 has settings of its own');
  expect(ownFacesInWords([1, 3])).toBe('Faces 1, 3 have settings of their own');
});

test('what could not be taken from a version is told in sentences', () => {
  const nothing = { pack: null, presets: [], settings: [], faces: 0 };
  expect(notReusedInWords(nothing, presets)).toBe('');
  expect(notReusedInWords({ ...nothing, pack: 'other 2', presets: ['velvet', 'silk'] }, presets)).toBe(
    'It was made with the model pack other 2, which is not in use: with another one the same settings give another picture.' +
      ' The pack in use does not have the preset velvet, silk; Balanced takes its place.',
  );
  expect(notReusedInWords({ ...nothing, settings: ['crispness'], faces: 1 }, presets)).toBe(
    'Left out, because the pack in use cannot do it: Crispness.' +
      ' One face that had settings of its own is no longer there.',
  );
});
