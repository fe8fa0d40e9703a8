import { describe, expect, it } from 'vitest';
import {
  parseCount,
  parseFormat,
  parsePresets,
  parseProvider,
  parseSettings,
  parseSpeeds,
  type SettingOptions,
} from '../../../cli/parse-settings.ts';

describe('parseSettings', () => {
  it('reads every option', () => {
    const options: SettingOptions = {
      preset: 'faithful',
      fidelity: '0.5',
      guides: '3',
      weights: '0.5,0.3,0.2',
      start: '400',
      blur: '2.5',
      steps: '20',
      speed: 'exact',
      seed: '7',
      perRegion: 'on',
      auto: 'on',
      crispness: '0.6',
      grain: '0.85',
      scale: '2',
      faces: '1,3',
    };
    expect(parseSettings(options)).toEqual({
      preset: 'faithful',
      fidelity: 0.5,
      guides: 3,
      weights: [0.5, 0.3, 0.2],
      start: 400,
      blur: 2.5,
      steps: 20,
      speed: 'exact',
      seed: 7,
      perRegion: true,
      auto: true,
      crispness: 0.6,
      scale: 2,
      faces: [0, 2],
      tone: 'auto',
      grain: 0.85,
    });
  });

  it('takes words where they stand for numbers', () => {
    expect(parseSettings({ scale: 'auto', faces: 'all' })).toMatchObject({ scale: 'auto', faces: 'all' });
  });

  it('takes half of the grain where none is named', () => {
    expect(parseSettings({}).grain).toBe(0.5);
    expect(parseSettings({ grain: '0' }).grain).toBe(0);
  });

  it('names no crispness of its own: that is for the preset to say', () => {
    expect(parseSettings({}).crispness).toBeUndefined();
    expect(parseSettings({ crispness: '0' }).crispness).toBe(0);
  });

  it('reads a switch that is off', () => {
    expect(parseSettings({ perRegion: 'off' }).perRegion).toBe(false);
    expect(parseSettings({ auto: 'off' }).auto).toBe(false);
    expect(parseSettings({}).perRegion).toBeUndefined();
  });

  it.each<[SettingOptions, string]>([
    [{ guides: '7' }, 'Expected guides as a whole number between 1 and 4 but received 7'],
    [{ guides: 'three' }, "Expected guides as a whole number between 1 and 4 but received 'three'"],
    [{ guides: '2.5' }, 'Expected guides as a whole number between 1 and 4 but received 2.5'],
    [{ seed: '' }, 'Expected seed as a whole number between 0 and 4294967295 but received nothing'],
    [{ fidelity: '2' }, 'Expected fidelity between 0 and 1 but received 2'],
    [
      { weights: '1,a' },
      "Expected weights as 1 to 4 numbers of 0 or more, separated by commas, but received '1,a'",
    ],
    [
      { weights: '1,-1' },
      "Expected weights as 1 to 4 numbers of 0 or more, separated by commas, but received '1,-1'",
    ],
    [
      { weights: '1,1,1,1,1' },
      "Expected weights as 1 to 4 numbers of 0 or more, separated by commas, but received '1,1,1,1,1'",
    ],
    [{ start: '0' }, 'Expected start as a whole number between 1 and 1000 but received 0'],
    [{ blur: '16' }, 'Expected blur between 0.1 and 15 but received 16'],
    [{ blur: 'Infinity' }, 'Expected blur between 0.1 and 15 but received Infinity'],
    [{ steps: '2' }, 'Expected steps as a whole number between 4 and 1000 but received 2'],
    [{ perRegion: 'true' }, "Expected per-region as on or off but received 'true'"],
    [{ auto: 'yes' }, "Expected auto as on or off but received 'yes'"],
    [{ perRegion: '' }, 'Expected per-region as on or off but received nothing'],
    [{ crispness: '1.5' }, 'Expected crispness between 0 and 1 but received 1.5'],
    [{ crispness: '-0.1' }, 'Expected crispness between 0 and 1 but received -0.1'],
    [{ crispness: 'very' }, "Expected crispness between 0 and 1 but received 'very'"],
    [{ crispness: '' }, 'Expected crispness between 0 and 1 but received nothing'],
    [{ grain: '1.5' }, 'Expected grain between 0 and 1 but received 1.5'],
    [{ grain: '-0.1' }, 'Expected grain between 0 and 1 but received -0.1'],
    [{ grain: 'half' }, "Expected grain between 0 and 1 but received 'half'"],
    [{ grain: '' }, 'Expected grain between 0 and 1 but received nothing'],
    [{ scale: '3' }, 'Expected scale as 1, 2, 4 or auto but received 3'],
    [
      { faces: '1,two' },
      "Expected faces as all or as face numbers from 1, separated by commas, but received '1,two'",
    ],
    [
      { faces: '' },
      'Expected faces as all or as face numbers from 1, separated by commas, but received nothing',
    ],
    [{ faces: '0' }, 'Expected faces as all or as face numbers from 1, separated by commas, but received 0'],
    [{ speed: 'fast' }, "Expected speed as draft, normal or exact but received 'fast'"],
  ])('says what it expected in place of %o', (options, message) => {
    expect(() => parseSettings(options)).toThrow(
      expect.objectContaining({ code: 'argument/invalid', message }),
    );
  });
});

describe('other options', () => {
  it('are read', () => {
    expect(parseFormat('tiff')).toBe('tiff');
    expect(parseProvider('webgpu')).toBe('webgpu');
    expect(parseCount('limit', '12')).toBe(12);
    expect(parsePresets('balanced,mine')).toEqual(['balanced', 'mine']);
    expect(parseSpeeds('draft,exact')).toEqual(['draft', 'exact']);
  });

  it.each([
    [() => parseFormat('bmp'), "Expected format as same, jpeg, png, webp or tiff but received 'bmp'"],
    [
      () => parseProvider('tpu'),
      "Expected provider as auto, cpu, webgpu, cuda, dml or coreml but received 'tpu'",
    ],
    [() => parseCount('limit', '0'), 'Expected limit as a whole number of 1 or more but received 0'],
    [() => parseCount('limit', 'ten'), "Expected limit as a whole number of 1 or more but received 'ten'"],
    [() => parsePresets('a,'), "Expected presets as preset ids separated by commas but received 'a,'"],
    [
      () => parseSpeeds('draft,fast'),
      "Expected speeds as draft, normal or exact, separated by commas, but received 'draft,fast'",
    ],
  ])('are refused alike: %#', (parse, message) => {
    expect(parse).toThrow(expect.objectContaining({ code: 'argument/invalid', message }));
  });
});
