import { beforeEach, expect, test, vi } from 'vitest';
import { API_CALLS } from '../../../../contract/api.ts';
import { settings } from '../../../../renderer/state/settings.svelte.ts';
import { toasts } from '../../../../renderer/state/toasts.svelte.ts';
import { undo } from '../../../../renderer/state/undo.svelte.ts';
import { undoLabel } from '../../../../renderer/state/undo-label.ts';
import { fakeApi } from '../fake-api.ts';
import { settingsWith } from '../settings-fixture.ts';

vi.mock('../../../../renderer/api/api.ts', async () => ({
  api: (await import('../fake-api.ts')).fakeApi,
  bridge: undefined,
}));

beforeEach(() => {
  settings.use(settingsWith({ language: 'en' }));
  for (const { id } of toasts.list) toasts.dismiss(id);
  fakeApi.reset({
    'undo.state': () => ({ undo: 'photos.bin', redo: null }),
    'undo.undo': () => ({ label: 'photos.bin' }),
    'undo.redo': () => ({ label: null }),
  });
});
const said = (): string[] => toasts.list.map(({ text }) => text);

test('says what would be undone, and follows', async () => {
  const stop = await undo.load();
  expect([undo.undoLabel, undo.redoLabel]).toEqual(['move to the bin', null]);
  fakeApi.send({ kind: 'undo', undo: null, redo: 'photos.bin' });
  expect([undo.undoLabel, undo.redoLabel]).toEqual([null, 'move to the bin']);
  stop();
});

test('says what was undone; nothing where there was nothing', async () => {
  await undo.undo();
  expect(said()).toEqual(['Undone: move to the bin']);
  await undo.redo();
  expect(said()).toHaveLength(1);
});

test('an offer to undo goes with the next change, which it would undo instead', async () => {
  const stop = await undo.load();
  undo.offer(() => 'The photo is in the bin.');
  expect(toasts.list).toMatchObject([{ text: 'The photo is in the bin.', action: { label: 'Undo' } }]);
  fakeApi.send({ kind: 'undo', undo: 'photos.rotate', redo: null });
  expect(toasts.list).toEqual([]);
  stop();
});

test('what cannot be undone is told', async () => {
  fakeApi.answers['undo.undo'] = () => Promise.reject(new Error('locked'));
  await undo.undo();
  expect(toasts.list).toMatchObject([{ kind: 'error' }]);
});

test('labels are of calls that exist; any other is the last change', () => {
  const known = Object.keys(API_CALLS).filter((call) => undoLabel(call) !== 'last change');
  expect(known.length).toBeGreaterThan(20);
  expect(undoLabel('photos.dance')).toBe('last change');
});

test('says what an original that was found again was', () => {
  expect(undoLabel('photos.locate')).toBe('finding of an original');
  expect(undoLabel('photos.findMissing')).toBe('finding of missing originals');
});
