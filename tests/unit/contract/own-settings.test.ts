import { describe, expect, it } from 'vitest';
import { API_CALLS } from '../../../contract/api.ts';
import { facesWithOwn, ownSettingsNote, settingsOfFace } from '../../../contract/own-settings.ts';
import { faceSettingsSchema, restoreSettingsSchema } from '../../../contract/restore.ts';

const parse = restoreSettingsSchema.parse.bind(restoreSettingsSchema);

describe('the settings of one face', () => {
  it('are none where none were named, as in a recipe of an earlier Heirloom', () => {
    const { perFace: _, ...old } = parse({ preset: 'faithful', guides: 2, faces: [0, 2] });
    expect(parse(JSON.parse(JSON.stringify(old)))).toEqual(old);
    expect(settingsOfFace(parse(old), 2)).toEqual(old);
  });

  it('name what they change and take no defaults in', () => {
    const settings = parse({ perFace: { 3: { seed: 7 } } });
    expect(settings.perFace).toEqual({ 3: { seed: 7 } });
    expect(parse(JSON.parse(JSON.stringify(settings)))).toEqual(settings);
  });

  it('take the whole method from them as soon as they name anything of it', () => {
    const general = {
      preset: 'detailed',
      fidelity: 0.3,
      blur: 4,
      crispness: 0.2,
      seed: 5,
      scale: 2 as const,
    };
    const settings = parse({ ...general, perFace: { 1: { preset: 'faithful', seed: 9 }, 2: { guides: 2 } } });
    const { perFace: _, ...rest } = settings;
    expect(settingsOfFace(settings, 0)).toEqual(rest);
    const common = { speed: 'normal', scale: 2, tone: 'auto', grain: 0.5, faces: 'all' };
    expect(settingsOfFace(settings, 1)).toEqual({ ...common, preset: 'faithful', seed: 9 });
    expect(settingsOfFace(settings, 2)).toEqual({ ...common, preset: 'detailed', guides: 2, seed: 5 });
  });

  it('replace the seed and the grain each by itself', () => {
    const settings = parse({ preset: 'detailed', guides: 2, perFace: { 0: { seed: 0 }, 1: { grain: 1 } } });
    expect(settingsOfFace(settings, 0)).toMatchObject({ preset: 'detailed', guides: 2, seed: 0, grain: 0.5 });
    expect(settingsOfFace(settings, 1)).toMatchObject({ preset: 'detailed', guides: 2, seed: 0, grain: 1 });
  });

  it('stand in the note of a file, counted from 1 and in order', () => {
    const settings = parse({ seed: 4, perFace: { 10: { preset: 'faithful' }, 2: { seed: 7 } } });
    expect(facesWithOwn(settings)).toEqual([2, 10]);
    expect(ownSettingsNote(settings)).toBe(
      '; with settings of its own: face 3 (balanced, seed 7); with settings of its own: face 11 (faithful, seed 4)',
    );
    expect(ownSettingsNote(parse({}))).toBe('');
  });

  it.each([
    [{ '-1': { seed: 1 } }, 'whole number between 0 and 9999 but received -1'],
    [{ '01': { seed: 1 } }, 'whole number between 0 and 9999 but received 01'],
    [{ anna: { seed: 1 } }, 'whole number between 0 and 9999 but received anna'],
    [{ 10000: { seed: 1 } }, 'whole number between 0 and 9999 but received 10000'],
    [{ 0: {} }, 'Expected at least one setting of the face but received none'],
    [{ 0: { speed: 'draft' } }, 'speed'],
    [{ 0: { scale: 2 } }, 'scale'],
    [{ 0: { perFace: {} } }, 'perFace'],
    [{ 0: { guides: 7 } }, '<=4'],
    [
      Object.fromEntries(Array.from({ length: 201 }, (_, i) => [i, { seed: 1 }])),
      'Expected settings for at most 200 faces but received 201',
    ],
  ])('are refused where they are not understood: %#', (perFace, message) => {
    const parsed = restoreSettingsSchema.safeParse({ perFace });
    expect(parsed.success).toBe(false);
    expect(JSON.stringify(parsed.error?.issues)).toContain(message);
  });

  it('can be nothing but settings of a photo', () => {
    const ofPhoto = Object.keys(restoreSettingsSchema.shape);
    expect(Object.keys(faceSettingsSchema.shape).filter((key) => !ofPhoto.includes(key))).toEqual([]);
  });

  it('belong to one photo', () => {
    const { params } = API_CALLS['restore.enqueue'];
    const settings = { perFace: { 0: { seed: 1 } } };
    expect(params.safeParse({ photoIds: [1], settings }).success).toBe(true);
    expect(params.safeParse({ photoIds: [1, 2], settings: {} }).success).toBe(true);
    expect(params.safeParse({ photoIds: [1, 2, 3], settings }).error?.issues[0]).toMatchObject({
      path: ['settings', 'perFace'],
      message: 'Expected one photo with settings of single faces but received 3',
    });
  });
});
