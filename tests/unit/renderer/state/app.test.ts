import { beforeEach, expect, test, vi } from 'vitest';
import { app } from '../../../../renderer/state/app.svelte.ts';
import { settings } from '../../../../renderer/state/settings.svelte.ts';
import { undo } from '../../../../renderer/state/undo.svelte.ts';
import { fakeApi } from '../fake-api.ts';
import { settingsWith } from '../settings-fixture.ts';

vi.mock('../../../../renderer/api/api.ts', async () => ({
  api: (await import('../fake-api.ts')).fakeApi,
  bridge: undefined,
}));

beforeEach(() => {
  fakeApi.reset({
    'app.info': () => ({ welcomePhotoId: null }),
    'settings.get': () => settingsWith({ language: 'en', theme: 'light' }),
    'undo.state': () => ({ undo: null, redo: null }),
  });
});

test('what changed while the connection was lost is read again', async () => {
  await app.open();
  const stop = app.start();
  fakeApi.connect(false);
  expect(app.connected).toBe(false);
  fakeApi.answers['settings.get'] = () => settingsWith({ language: 'en', theme: 'dark' });
  fakeApi.answers['undo.state'] = () => ({ undo: 'photos.bin', redo: null });
  fakeApi.connect(true);
  await vi.waitFor(() => expect(settings.value.theme).toBe('dark'));
  expect(undo.undoLabel).toBe('move to the bin');
  stop();
});

test('what could not be opened is tried again when the connection is back', async () => {
  const answer = fakeApi.answers['app.info'];
  fakeApi.answers['app.info'] = () => Promise.reject(new Error('lost'));
  await app.open();
  expect(app.phase).toBe('failed');
  const stop = app.start();
  fakeApi.connect(false);
  fakeApi.answers['app.info'] = answer!;
  fakeApi.connect(true);
  await vi.waitFor(() => expect(app.phase).toBe('ready'));
  stop();
});
