import { describe, expect, test } from 'vitest';
import { restoreSettingsSchema, type RestoreSettingsInput } from '../../../../contract/restore.ts';
import { RestoreState } from '../../../../renderer/state/restore.svelte.ts';
import { FakeApi } from '../photo/fake-api.ts';
import { makeFace, makeVersion } from '../photo/make-photo.ts';
import { makePreset, PRESETS } from './make-presets.ts';

const START = { packId: 'family', preset: 'faithful', speed: 'normal' as const };
const preset = (id: string) => ({ id, name: id, description: '' });
const pack = (id: string, ids: string[]) => ({ id, key: id, bundled: true, presets: ids.map(preset) });

function start(...packs: unknown[]) {
  const api = new FakeApi({
    'packs.list': () => packs,
    'restore.enqueue': () => ({ batchId: 1, jobs: 1 }),
  });
  return { api, restore: new RestoreState(api.client) };
}

describe('the restore panel', () => {
  test("begins with the person's usual preset and the presets of the pack", async () => {
    const { restore } = start(pack('family', ['faithful', 'balanced', 'detailed']));
    await restore.open(START);
    expect(restore.shown.preset).toBe('faithful');
    expect(restore.hasFidelity).toBe(true);
    expect(restore.changed).toBe(false);
  });

  test('keeps what was chosen from photo to photo, and asks for the pack once', async () => {
    const { api, restore } = start(pack('family', ['faithful', 'balanced', 'detailed']));
    await restore.open(START);
    restore.set('seed', 4);
    await restore.open({ ...START, preset: 'detailed' });
    expect(restore.chosen).toEqual({ preset: 'faithful', seed: 4 });
    expect(api.callsOf('packs.list')).toHaveLength(1);
  });

  test('leaves a preset that another pack does not have', async () => {
    const { restore } = start(pack('family', ['faithful', 'detailed']), pack('other', ['plain']));
    await restore.open(START);
    await restore.open({ ...START, packId: 'other' });
    expect(restore.shown.preset).toBe('plain');
    expect(restore.hasFidelity).toBe(false);
  });

  test('leaves a crispness that another pack cannot give, and shows none there', async () => {
    const able = { ...pack('family', []), presets: [makePreset('faithful', { crispness: 0.1 })] };
    const unable = { ...pack('other', []), presets: [makePreset('faithful', { crispness: null })] };
    const { restore } = start(able, unable);
    await restore.open(START);
    expect(restore.shown.crispness).toBe(0.1);
    restore.set('crispness', 0.6);
    expect([restore.shown.crispness, restore.changed]).toEqual([0.6, true]);
    await restore.open({ ...START, packId: 'other' });
    expect(restore.chosen).toEqual({ preset: 'faithful' });
    expect(restore.shown.crispness).toBeNull();
  });

  test("goes back to the preset's crispness", async () => {
    const { restore } = start({ ...pack('family', []), presets: PRESETS });
    await restore.open(START);
    restore.set('fidelity', 0.5);
    expect(restore.shown.crispness).toBe(0.5);
    restore.set('crispness', 0);
    expect(restore.chosen).toEqual({ preset: 'faithful', fidelity: 0.5, crispness: 0 });
    restore.reset();
    expect(restore.chosen).toEqual({ preset: 'faithful' });
    expect(restore.shown.crispness).toBe(0.1);
  });

  test('leaves the seed with the photo it was chosen for', async () => {
    const { restore } = start(pack('family', ['faithful', 'balanced', 'detailed']));
    await restore.open(START);
    restore.begin(1);
    restore.set('seed', 4);
    restore.set('tone', 'sepia');
    restore.begin(1);
    expect(restore.shown.seed).toBe(4);
    const { edits } = restore;
    restore.begin(2);
    expect(restore.chosen).toEqual({ preset: 'faithful', tone: 'sepia' });
    // No person did it: nothing is drafted for it.
    expect(restore.edits).toBe(edits);
  });

  test('goes back to the preset and the usual seed, but keeps tone, grain and size', async () => {
    const { restore } = start(pack('family', ['faithful', 'balanced', 'detailed']));
    await restore.open(START);
    restore.set('fidelity', 0.2);
    restore.set('seed', 9);
    restore.set('scale', 2);
    restore.set('grain', 0);
    expect(restore.changed).toBe(true);
    restore.reset();
    expect(restore.chosen).toEqual({ preset: 'faithful', scale: 2, grain: 0 });
    expect(restore.changed).toBe(false);
    expect(restore.canReset).toBe(false);
    restore.set('seed', 9);
    expect([restore.changed, restore.canReset]).toEqual([false, true]);
    restore.reset();
    expect(restore.shown.seed).toBe(0);
  });

  test('sends what was chosen and no more', async () => {
    const { api, restore } = start(pack('family', ['faithful']));
    await restore.open(START);
    restore.set('tone', 'sepia');
    await restore.enqueue(12, []);
    expect(api.callsOf('restore.enqueue')).toEqual([
      { photoIds: [12], settings: { preset: 'faithful', tone: 'sepia' } },
    ]);
  });

  describe('settings of one face', () => {
    const FACES = [makeFace(11), makeFace(12), makeFace(13)];

    async function withOwn() {
      const { api, restore } = start({ ...pack('family', []), presets: PRESETS });
      await restore.open(START);
      restore.set('guides', 2);
      restore.faceId = 12;
      restore.giveOwn(12);
      const sent = async () => {
        await restore.enqueue(1, FACES);
        return (api.callsOf('restore.enqueue').at(-1) as { settings: object }).settings;
      };
      return { restore, sent };
    }

    test('begin as those of all faces, and are shown and changed alone', async () => {
      const { restore, sent } = await withOwn();
      expect(restore.own).toEqual({ preset: 'faithful', guides: 2, seed: 0, grain: 0.5 });
      restore.choosePreset('detailed');
      restore.set('seed', 7);
      expect(restore.shown).toMatchObject({ preset: 'detailed', seed: 7, weights: [1] });
      expect(restore.chosen).toEqual({ preset: 'faithful', guides: 2 });
      restore.faceId = 11;
      expect(restore.shown).toMatchObject({ preset: 'faithful', seed: 0 });
      expect(restore.changed).toBe(true);
      expect(await sent()).toEqual({
        ...{ preset: 'faithful', guides: 2 },
        perFace: { 1: { preset: 'detailed', seed: 7, grain: 0.5 } },
      });
    });

    test('stay as they are where those of all faces change', async () => {
      const { restore, sent } = await withOwn();
      restore.faceId = null;
      restore.set('guides', 3);
      restore.set('scale', 2);
      restore.set('seed', 9);
      restore.set('grain', 1);
      const own = { preset: 'faithful', guides: 2, seed: 0, grain: 0.5 };
      expect(restore.chosenFor(12)).toEqual({ ...own, scale: 2 });
      expect(await sent()).toMatchObject({ guides: 3, seed: 9, perFace: { 1: own } });
    });

    test('are what the sampler of all faces allows', async () => {
      const { restore, sent } = await withOwn();
      restore.set('perRegion', true);
      restore.faceId = null;
      restore.set('speed', 'exact');
      expect(await sent()).toMatchObject({
        speed: 'exact',
        perFace: { 1: { preset: 'faithful', guides: 2, seed: 0, grain: 0.5 } },
      });
      expect(restore.chosenFor(12)).not.toHaveProperty('perRegion');
    });

    test('go back to the preset by themselves', async () => {
      const { restore } = await withOwn();
      restore.set('seed', 7);
      expect([restore.changed, restore.canReset]).toEqual([true, true]);
      restore.reset();
      expect(restore.own).toEqual({ preset: 'faithful', seed: 0, grain: 0.5 });
      expect([restore.changed, restore.canReset]).toEqual([false, false]);
      expect(restore.chosen).toEqual({ preset: 'faithful', guides: 2 });
      restore.faceId = null;
      restore.set('speed', 'draft');
      restore.faceId = 12;
      expect(restore.changed).toBe(false);
    });

    test('have the usual seed and grain where all faces have others', async () => {
      const { restore, sent } = await withOwn();
      restore.faceId = null;
      restore.set('seed', 9);
      restore.set('grain', 1);
      restore.faceId = 11;
      restore.giveOwn(11);
      expect(restore.shown).toMatchObject({ seed: 9, grain: 1 });
      restore.set('seed', 0);
      restore.set('grain', 0.5);
      expect(restore.shown).toMatchObject({ seed: 0, grain: 0.5 });
      expect(await sent()).toMatchObject({ seed: 9, perFace: { 0: { seed: 0, grain: 0.5 } } });
      restore.set('seed', 3);
      restore.reset();
      expect([restore.shown.seed, restore.canReset]).toEqual([0, false]);
    });

    test('can be dropped, and are the same when they are given again', async () => {
      const { restore, sent } = await withOwn();
      restore.set('seed', 7);
      restore.dropOwn(12);
      expect(restore.shown.seed).toBe(0);
      expect(await sent()).toEqual({ preset: 'faithful', guides: 2 });
      restore.giveOwn(12);
      expect(restore.shown.seed).toBe(7);
    });

    test('stay with their face: not for another photo, nor for a face that is switched off', async () => {
      const { restore, sent } = await withOwn();
      restore.begin(2);
      await restore.enqueue(2, [makeFace(21), makeFace(22)]);
      FACES[1] = makeFace(12, { off: true });
      expect(await sent()).not.toHaveProperty('perFace');
      FACES[1] = makeFace(12);
      expect(await sent()).toHaveProperty('perFace');
    });

    test('leave what another pack does not have', async () => {
      const able = { ...pack('family', []), presets: PRESETS };
      const { restore } = start(able, {
        ...pack('other', []),
        presets: [makePreset('balanced', { crispness: null })],
      });
      await restore.open(START);
      restore.faceId = 12;
      restore.giveOwn(12);
      restore.choosePreset('detailed');
      restore.set('crispness', 0.4);
      await restore.open({ ...START, packId: 'other' });
      expect(restore.own).toEqual({ preset: 'balanced', seed: 0, grain: 0.5 });
    });
  });

  describe('the settings of a version', () => {
    const FACES = [makeFace(11), makeFace(12), makeFace(13)];

    function versionOf(made: RestoreSettingsInput, faceIds: (number | null)[] = [11, 12, 13]) {
      const { recipe } = makeVersion(4);
      return makeVersion(4, {
        recipe: { ...recipe, settings: restoreSettingsSchema.parse(made) },
        faces: faceIds.map((faceId) => ({ faceId, box: FACES[0]!.box, status: 'restored' })),
      });
    }

    async function begun(presets: unknown = PRESETS) {
      const { api, restore } = start({ ...pack('family', []), id: 'tiny', version: '1', presets });
      await restore.open(START);
      restore.begin(1);
      restore.set('guides', 2);
      restore.faceId = 13;
      restore.giveOwn(13);
      const sent = async () => {
        await restore.enqueue(1, FACES);
        return (api.callsOf('restore.enqueue').at(-1) as { settings: RestoreSettingsInput }).settings;
      };
      return { restore, sent };
    }
    const MADE = {
      ...{ preset: 'detailed', blur: 4, speed: 'draft', seed: 9, scale: 2, tone: 'sepia', grain: 1 },
      perFace: { 0: { preset: 'faithful', seed: 7, grain: 0 }, 1: { seed: 3 } },
    } satisfies RestoreSettingsInput;
    const NOTHING = { pack: null, presets: [], settings: [], faces: 0 };

    test('are restored with again, those of single faces too', async () => {
      const { restore, sent } = await begun();
      expect(restore.reuse(versionOf(MADE), FACES)).toEqual(NOTHING);
      expect(restore.own).toBeUndefined();
      expect(await sent()).toEqual({
        ...MADE,
        perFace: { ...MADE.perFace, 1: { preset: 'detailed', blur: 4, seed: 3, grain: 1 } },
      });
    });

    test('go to the faces wherever they stand now, and tell how many are gone', async () => {
      const { restore } = await begun();
      expect(restore.reuse(versionOf(MADE, [12, null, 11]), FACES)).toEqual({ ...NOTHING, faces: 1 });
      expect(restore.ownOf(12)).toEqual(MADE.perFace[0]);
      expect([restore.ownOf(11), restore.ownOf(13)]).toEqual([undefined, undefined]);
      // A result of a face that another photo has now is nothing of this one.
      expect(restore.reuse(versionOf(MADE, [99, 12]), FACES).faces).toBe(1);
    });

    test('leave what the pack in use does not have, and tell it', async () => {
      const { restore, sent } = await begun([makePreset('balanced', { crispness: null })]);
      const { recipe, ...version } = versionOf({
        ...{ preset: 'velvet', spacing: 2 },
        perFace: { 1: { preset: 'balanced', crispness: 0.4, spacing: 3 } },
      });
      const other = { ...recipe, pack: { ...recipe.pack, version: '2' } };
      expect(restore.reuse({ ...version, recipe: other }, FACES)).toEqual({
        ...{ pack: 'tiny 2', presets: ['velvet'], settings: ['crispness'], faces: 0 },
      });
      expect(await sent()).toMatchObject({
        preset: 'balanced',
        perFace: { 1: { preset: 'balanced', spacing: 3, seed: 0, grain: 0.5 } },
      });
      expect(restore.chosen).not.toHaveProperty('spacing');
      expect(restore.ownOf(12)).not.toHaveProperty('crispness');
    });

    test('can be taken back, without the seed where another photo is open by then', async () => {
      const { restore, sent } = await begun();
      restore.set('seed', 5);
      restore.faceId = null;
      restore.set('seed', 8);
      const before = await sent();
      const former = restore.settingsNow(FACES);
      restore.reuse(versionOf(MADE), FACES);
      restore.putBack(former, FACES);
      expect(await sent()).toEqual(before);
      restore.reuse(versionOf(MADE), FACES);
      restore.begin(2);
      restore.putBack(former, FACES);
      expect(restore.chosen).toEqual({ preset: 'faithful', guides: 2 });
      expect(restore.ownOf(13)).toMatchObject({ seed: 5 });
    });
  });

  test('is ready when the presets are there', async () => {
    const { restore } = start(pack('family', ['faithful', 'balanced', 'detailed']));
    const opening = restore.open(START);
    expect(restore.ready).toBe(false);
    await opening;
    expect(restore.ready).toBe(true);
  });

  test('says what is wrong with the pack in use, and is not ready', async () => {
    const error = { code: 'pack/damaged', message: 'rm.onnx is cut short' };
    const { restore } = start({ id: 'family', key: 'family', bundled: true, error });
    await restore.open(START);
    expect(String(restore.error)).toContain('rm.onnx is cut short');
    expect(restore.ready).toBe(false);
  });

  test('says why the packs could not be read', async () => {
    const restore = new RestoreState(new FakeApi({}).client);
    await restore.open(START);
    expect(String(restore.error)).toContain('packs.list');
  });
});
