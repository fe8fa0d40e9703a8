import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ApiError } from '../../../../renderer/api/api-error.ts';
import { DraftState } from '../../../../renderer/state/draft.svelte.ts';
import { FakeApi } from '../photo/fake-api.ts';
import { makeDraft, PIXEL } from '../photo/make-photo.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function start(answers: ConstructorParameters<typeof FakeApi>[0] = {}) {
  const api = new FakeApi({ 'draft.cancel': () => null, ...answers });
  const draft = new DraftState(api.client, 'key');
  const stop = draft.start();
  draft.choose(3);
  return { api, draft, stop };
}

const soon = () => vi.advanceTimersByTimeAsync(200);
const event = (key: string, step: number) => ({
  kind: 'draft' as const,
  key,
  seed: 0,
  step,
  steps: 5,
  picture: `${PIXEL}${step}`,
});

describe('a draft', () => {
  test('waits for a slider to rest, and draws the newest setting only', async () => {
    const { api, draft } = start({ 'draft.make': () => makeDraft() });
    draft.request({ fidelity: 0.1 });
    draft.request({ fidelity: 0.2 });
    expect(draft.busy).toBe(true);
    await soon();
    expect(api.callsOf('draft.make')).toEqual([
      { key: 'key', faceId: 3, settings: { fidelity: 0.2, speed: 'draft' } },
    ]);
    expect(draft.busy).toBe(false);
    expect(draft.result?.seconds).toBe(1.5);
  });

  test('shows each step of its own', async () => {
    const answer = Promise.withResolvers<unknown>();
    const { api, draft } = start({ 'draft.make': () => answer.promise });
    draft.request({});
    api.emit(event('key', 4));
    expect(draft.picture).toBeNull();
    await soon();
    api.emit(event('another', 1));
    api.emit(event('key', 2));
    expect([draft.step, draft.steps, draft.picture]).toEqual([2, 5, `${PIXEL}2`]);
    answer.resolve(makeDraft());
    await soon();
    expect(draft.picture).toBe(makeDraft().after);
  });

  test('drops an answer that comes late', async () => {
    const answers = [Promise.withResolvers<unknown>(), Promise.withResolvers<unknown>()];
    let asked = 0;
    const { draft } = start({ 'draft.make': () => answers[asked++]!.promise });
    draft.request({ seed: 1 });
    await soon();
    draft.request({ seed: 2 });
    await soon();
    answers[1]!.resolve(makeDraft(2));
    await soon();
    answers[0]!.resolve(makeDraft(1));
    await soon();
    expect(draft.result?.seed).toBe(2);
    expect(draft.earlier).toEqual([]);
  });

  test('is no failure where a newer one took its place, and is one otherwise', async () => {
    let error = new ApiError('job/cancelled', 'newer');
    const { draft } = start({
      'draft.make': () => {
        throw error;
      },
    });
    draft.request({});
    await soon();
    expect(draft.error).toBeNull();
    error = new ApiError('engine/died', 'gone');
    draft.request({});
    await soon();
    expect(draft.error).toBe(error);
    expect(draft.busy).toBe(false);
  });

  test('remembers the earlier settings of each face', async () => {
    let seed = 0;
    const { draft } = start({ 'draft.make': () => makeDraft(seed++) });
    for (let i = 0; i < 3; i++) {
      draft.request({});
      await soon();
    }
    expect(draft.earlier.map((one) => one.seed)).toEqual([0, 1]);
    draft.choose(4);
    expect(draft.earlier).toEqual([]);
    expect(draft.picture).toBeNull();
    draft.choose(3);
    expect(draft.earlier.map((one) => one.seed)).toEqual([0, 1, 2]);
  });

  test('is cancelled when its face is left', async () => {
    const { api, draft } = start({ 'draft.make': () => new Promise(() => {}) });
    draft.request({});
    await soon();
    draft.choose(null);
    expect(api.callsOf('draft.cancel')).toEqual([{ key: 'key' }]);
    draft.request({});
    await soon();
    expect(api.callsOf('draft.make')).toHaveLength(1);
  });
});
