import { describe, expect, test } from 'vitest';
import { FourState } from '../../../../renderer/state/four.svelte.ts';
import { FakeApi } from '../photo/fake-api.ts';
import { makeDraft, PIXEL } from '../photo/make-photo.ts';

function start(answer: () => unknown) {
  const api = new FakeApi({ 'draft.cancel': () => null, 'draft.vary': answer });
  const four = new FourState(api.client, 'four');
  const stop = four.start();
  return { api, four, stop };
}

const never = () => new Promise(() => {});
const step = (seed: number, key = 'four') =>
  ({ kind: 'draft', key, seed, step: 1, steps: 5, picture: `${PIXEL}step` }) as const;
const finished = (seed: number, key = 'four') => ({ kind: 'drafted', key, draft: makeDraft(seed) }) as const;

describe('four seeds', () => {
  test('are asked for at once, the chosen one first', async () => {
    const { api, four } = start(() => ({ drafts: [makeDraft(5)], invented: PIXEL }));
    await four.make(3, { seed: 5, preset: 'detailed' });
    expect(api.callsOf('draft.vary')).toEqual([
      {
        key: 'four',
        faceId: 3,
        settings: { seed: 5, preset: 'detailed', speed: 'draft' },
        seeds: [5, ...four.seeds.slice(1)],
      },
    ]);
    expect(new Set(four.seeds).size).toBe(4);
    expect([four.busy, four.invented, four.agree]).toEqual([false, PIXEL, false]);
  });

  test('agree where nothing was invented, until others are asked for', async () => {
    const { four } = start(() => ({ drafts: [makeDraft(5)], invented: null }));
    expect(four.agree).toBe(false);
    await four.make(3, { seed: 5 });
    expect([four.invented, four.compared, four.agree]).toEqual([null, true, true]);
    four.drop();
    expect([four.compared, four.agree]).toEqual([false, false]);
  });

  test('are seen as they arrive', () => {
    const { api, four } = start(never);
    void four.make(3, { seed: 5 });
    const [first, second] = four.seeds as [number, number];
    api.emit(step(first));
    api.emit(step(second, 'of another face'));
    expect([...four.pictures]).toEqual([[first, `${PIXEL}step`]]);
    expect(four.finished.size).toBe(0);
    api.emit(finished(first));
    api.emit(step(first));
    api.emit(step(second));
    expect(four.pictures.get(first)).toBe(makeDraft(first).after);
    expect(four.pictures.get(second)).toBe(`${PIXEL}step`);
    expect([...four.finished.keys()]).toEqual([first]);
    expect(four.busy).toBe(true);
  });

  test('stop where they are, and what comes late is dropped', () => {
    const { api, four } = start(never);
    void four.make(3, {});
    const [first, second] = four.seeds as [number, number];
    api.emit(finished(first));
    four.stop();
    four.stop();
    api.emit(finished(second));
    expect([...four.finished.keys()]).toEqual([first]);
    expect(four.busy).toBe(false);
    expect(api.callsOf('draft.cancel')).toEqual([{ key: 'four' }]);
  });

  test('are dropped, and cancelled, with the face', async () => {
    const answer = Promise.withResolvers<unknown>();
    const { api, four } = start(() => answer.promise);
    const making = four.make(3, {});
    api.emit(finished(four.seeds[0]!));
    four.drop();
    answer.resolve({ drafts: [makeDraft(1)], invented: PIXEL });
    await making;
    expect([four.seeds, four.finished.size, four.pictures.size, four.invented]).toEqual([[], 0, 0, null]);
    expect(api.callsOf('draft.cancel')).toEqual([{ key: 'four' }]);
  });

  test('that fail say why', async () => {
    const { four } = start(() => {
      throw new Error('no engine');
    });
    await four.make(3, {});
    expect(String(four.error)).toContain('no engine');
    expect(four.busy).toBe(false);
  });
});
