import { describe, expect, it } from 'vitest';
import {
  parseCount,
  parseFormat,
  parseProvider,
  parseSettings,
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
      scale: '2',
      faces: '0,2',
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
      scale: 2,
      faces: [0, 2],
      tone: 'auto',
    });
  });

  it('takes words where they stand for numbers', () => {
    expect(parseSettings({ scale: 'auto', faces: 'all' })).toMatchObject({ scale: 'auto', faces: 'all' });
  });

  it.each<[SettingOptions, RegExp]>([
    [{ guides: '7' }, /^--guides 7: .*<=4/],
    [{ guides: 'three' }, /^--guides three: .*number/],
    [{ seed: '' }, /^--seed : .*number/],
    [{ fidelity: '2' }, /^--fidelity 2: .*<=1/],
    [{ weights: '1,x' }, /^--weights 1,x: /],
    [{ scale: '3' }, /^--scale 3: expected 1, 2, 4 or auto$/],
    [{ faces: '1,two' }, /^--faces 1,two: expected all or face numbers/],
    [{ faces: '' }, /^--faces : expected all/],
    [{ speed: 'fast' }, /^--speed fast: .*draft/],
    [{ steps: '2' }, /^--steps 2: /],
  ])('names the option and the value of %o', (options, message) => {
    expect(() => parseSettings(options)).toThrow(expect.objectContaining({ code: 'argument/invalid' }));
    expect(() => parseSettings(options)).toThrow(message);
  });
});

describe('other options', () => {
  it('are checked alike', () => {
    expect(parseFormat('tiff')).toBe('tiff');
    expect(() => parseFormat('bmp')).toThrow(/^--format bmp: .*jpeg/);
    expect(parseProvider('webgpu')).toBe('webgpu');
    expect(() => parseProvider('tpu')).toThrow(/^--provider tpu: .*webgpu/);
    expect(parseCount('limit', '12')).toBe(12);
    expect(() => parseCount('limit', '0')).toThrow(/^--limit 0: /);
    expect(() => parseCount('limit', 'ten')).toThrow(/^--limit ten: /);
  });
});
