import { beforeEach, describe, expect, test, vi } from 'vitest';
import * as actions from '../../../../renderer/state/library-actions.ts';
import { navigation } from '../../../../renderer/state/navigation.svelte.ts';
import { settings } from '../../../../renderer/state/settings.svelte.ts';
import { toasts } from '../../../../renderer/state/toasts.svelte.ts';
import { undo } from '../../../../renderer/state/undo.svelte.ts';
import { fakeApi } from '../fake-api.ts';
import { settingsWith } from '../settings-fixture.ts';

vi.mock('../../../../renderer/api/api.ts', async () => ({
  api: (await import('../fake-api.ts')).fakeApi,
  bridge: undefined,
}));

const nothing = (): null => null;
beforeEach(() => {
  settings.use(settingsWith({ language: 'en' }));
  for (const { id } of toasts.list) toasts.dismiss(id);
  fakeApi.reset({
    'photos.rotate': nothing,
    'photos.bin': nothing,
    'photos.restoreFromBin': nothing,
    'albums.addPhotos': nothing,
    'albums.create': () => ({ id: 4, name: 'Summer', photoCount: 0, coverPhotoId: null, coverRevision: 0 }),
    'restore.enqueue': () => ({ batchId: 9, jobs: 2 }),
    'bin.empty': () => ({ removed: 3 }),
  });
});
const said = (): string | undefined => toasts.list.at(-1)?.text;

describe('turning', () => {
  test('many photos is one call', async () => {
    expect(await actions.turn([1, 2, 3], 90)).toBe(true);
    await actions.turn([1, 2], 270);
    expect(fakeApi.called('photos.rotate')).toEqual([
      { ids: [1, 2, 3], by: 90 },
      { ids: [1, 2], by: 270 },
    ]);
  });

  test('a photo that is gone is told', async () => {
    fakeApi.answers['photos.rotate'] = () => Promise.reject(new Error('No photo 7'));
    expect(await actions.turn([7], 90)).toBe(false);
    expect(toasts.list).toMatchObject([{ kind: 'error' }]);
  });
});

test('what goes to the bin can be taken back at once', async () => {
  await actions.moveToBin([1, 2]);
  expect(said()).toBe('2 photos moved to the bin');
  toasts.list.at(-1)?.action?.run();
  await vi.waitFor(() => expect(said()).toBe('2 photos put back'));
  expect(fakeApi.called('photos.restoreFromBin')).toEqual([{ ids: [1, 2] }]);
});

test('what could not be deleted is said, and not that it was', async () => {
  fakeApi.answers['photos.bin'] = () => Promise.reject(new Error('locked'));
  expect(await actions.moveToBin([1])).toBe(false);
  expect(toasts.list).toMatchObject([{ kind: 'error', text: 'Unexpected error' }]);
});

test('what is gone from the bin is no longer offered back', async () => {
  await actions.moveToBin([1, 2]);
  undo.offer(() => 'The photo is in the bin.');
  fakeApi.answers['bin.empty'] = () => Promise.reject(new Error('locked'));
  await actions.emptyBin();
  expect(toasts.list.filter(({ action }) => action)).toHaveLength(2);
  fakeApi.answers['bin.empty'] = () => ({ removed: 2 });
  await actions.emptyBin();
  expect(toasts.list.some(({ action }) => action)).toBe(false);
});

test('an emptied bin says how much is gone', async () => {
  await actions.emptyBin();
  expect(said()).toBe('3 photos deleted');
});

test('albums say what was added; an empty new one says nothing', async () => {
  await actions.addToAlbum(4, 'Summer', [1]);
  expect(said()).toBe('1 photo added to Summer');
  toasts.dismiss(toasts.list.at(-1)?.id ?? 0);
  expect(await actions.createAlbum('Summer', [])).toBe(true);
  expect(toasts.list).toEqual([]);
});

test('a batch is put in the queue, which is one press away', async () => {
  expect(await actions.restorePhotos([1, 2], { preset: 'faithful', speed: 'draft' })).toBe(true);
  expect(fakeApi.called('restore.enqueue')).toEqual([
    { photoIds: [1, 2], settings: { preset: 'faithful', speed: 'draft' } },
  ]);
  expect(said()).toBe('2 photos are in the queue');
  toasts.list.at(-1)?.action?.run();
  expect(navigation.view).toEqual({ name: 'queue' });
});
