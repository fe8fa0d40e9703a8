import { describe, expect, test } from 'vitest';
import { RestoreState } from '../../../../renderer/state/restore.svelte.ts';
import { FakeApi } from '../photo/fake-api.ts';
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
    await restore.enqueue(12);
    expect(api.callsOf('restore.enqueue')).toEqual([
      { photoIds: [12], settings: { preset: 'faithful', tone: 'sepia' } },
    ]);
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
