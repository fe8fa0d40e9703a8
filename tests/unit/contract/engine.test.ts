import { describe, expect, it } from 'vitest';
import { ENGINE_CALLS, fromEngineSchema, toEngineSchema } from '../../../contract/engine.ts';
import { HeirloomError, toErrorEnvelope } from '../../../contract/errors.ts';
import { restoreSettingsSchema } from '../../../contract/restore.ts';

describe('the engine protocol', () => {
  it('fills what a request leaves out', () => {
    const params = ENGINE_CALLS.restorePhoto.params.parse({
      input: 'a.jpg',
      output: null,
      settings: {},
      models: { pack: 'p', provider: 'auto' },
    });
    expect(params).toMatchObject({ format: 'same', overwrite: false, aligned: false, previews: false });
    expect(params.settings).toMatchObject({ preset: 'balanced', speed: 'normal', seed: 0, scale: 1 });
    expect(params.settings.grain).toBe(0.5);
  });

  it('reads the settings of a recipe from before blur per region, and of one after', () => {
    const stored = {
      ...{ preset: 'faithful', fidelity: 0.5, kernelRefinement: true, speed: 'draft', seed: 4 },
      ...{ scale: 2, tone: 'auto', grain: 0.8, faces: [0] },
    };
    expect(restoreSettingsSchema.parse(stored)).toEqual(stored);
    expect(restoreSettingsSchema.parse({ ...stored, perRegion: false })).toEqual({
      ...stored,
      perRegion: false,
    });
    expect(restoreSettingsSchema.safeParse({ ...stored, perRegion: 'on' }).success).toBe(false);
    expect(restoreSettingsSchema.parse({ ...stored, auto: true })).toEqual({ ...stored, auto: true });
    expect(restoreSettingsSchema.safeParse({ ...stored, auto: 'on' }).success).toBe(false);
  });

  it('reads the settings of a recipe from before the grain could be chosen: half of it', () => {
    const stored = { preset: 'faithful', speed: 'draft', seed: 4, scale: 2, tone: 'sepia', faces: 'all' };
    expect(restoreSettingsSchema.parse(stored)).toEqual({ ...stored, grain: 0.5 });
  });

  it.each([
    { type: 'request', id: 0, method: 'listPacks', params: {} },
    { type: 'request', id: 1, method: 'formatDisk', params: {} },
    { type: 'cancel' },
    { type: 'shutdown', extra: 1 },
    'ready',
  ])('refuses %o', (message) => {
    expect(toEngineSchema.safeParse(message).success).toBe(false);
  });

  it('refuses a response with a code that no table knows', () => {
    const error = { code: 'input/odd', message: 'odd' };
    const response = { type: 'response', id: 1, envelope: { ok: false, error } };
    expect(fromEngineSchema.safeParse(response).success).toBe(false);
  });

  it('carries any thrown value', () => {
    const foreseen = new HeirloomError('input/empty', 'a.jpg is empty', { path: 'a.jpg' });
    expect(toErrorEnvelope(foreseen)).toEqual({
      code: 'input/empty',
      message: 'a.jpg is empty',
      details: { path: 'a.jpg' },
    });
    expect(toErrorEnvelope(new RangeError('x'))).toEqual({ code: 'internal', message: 'x' });
    expect(toErrorEnvelope('y')).toEqual({ code: 'internal', message: 'y' });
  });
});

describe('restoreSettingsSchema', () => {
  it.each([
    { guides: 5 },
    { guides: 1.5 },
    { fidelity: 1.1 },
    { start: 0 },
    { blur: 20 },
    { steps: 3 },
    { seed: -1 },
    { scale: 3 },
    { grain: -0.05 },
    { grain: 1.05 },
    { grain: Number.NaN },
    { grain: '0.5' },
    { weights: [] },
    { unknown: 1 },
  ])('refuses %o', (settings) => {
    expect(restoreSettingsSchema.safeParse(settings).success).toBe(false);
  });

  it('takes the grain from none to all of it', () => {
    for (const grain of [0, 0.05, 1]) expect(restoreSettingsSchema.parse({ grain }).grain).toBe(grain);
  });
});
