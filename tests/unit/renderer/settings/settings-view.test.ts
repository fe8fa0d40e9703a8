import { fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Settings, WatchedFolder } from '../../../../contract/library.ts';
import { app } from '../../../../renderer/state/app.svelte.ts';
import { navigation } from '../../../../renderer/state/navigation.svelte.ts';
import { settings } from '../../../../renderer/state/settings.svelte.ts';
import { shortcutsSheet } from '../../../../renderer/state/shortcuts-sheet.svelte.ts';
import { toasts } from '../../../../renderer/state/toasts.svelte.ts';
import { tour } from '../../../../renderer/state/tour.svelte.ts';
import SettingsView from '../../../../renderer/views/settings-view.svelte';
import { fakeApi } from '../fake-api.ts';
import { settingsWith } from '../settings-fixture.ts';
import WithTooltips from '../shared/with-tooltips.svelte';

vi.mock('../../../../renderer/api/api.ts', async () => ({
  api: (await import('../fake-api.ts')).fakeApi,
  bridge: undefined,
}));

const INFO = {
  library: '/home/anna/Heirloom',
  photoCount: 1234,
  version: '0.1.0',
  host: 'browser',
  platform: 'linux',
};
const PRESETS = [
  { id: 'balanced', name: 'Balanced', description: '' },
  { id: 'faithful', name: 'Faithful', description: '' },
];
let folders: WatchedFolder[];
let saved: Settings;

beforeEach(() => {
  vi.spyOn(app, 'info', 'get').mockReturnValue(INFO as typeof app.info);
  vi.spyOn(app, 'refreshInfo').mockResolvedValue();
  saved = settingsWith({ language: 'en' });
  settings.use(saved);
  toasts.list = [];
  tour.step = null;
  folders = [{ id: 7, path: '/scans', mode: 'copy', reachable: false }];
  fakeApi.reset({
    'settings.set': (patch: Partial<Settings>) => (saved = { ...saved, ...patch }),
    'packs.list': () => [{ key: 'family-256', bundled: true, presets: PRESETS }],
    'folders.list': () => folders,
    'folders.unwatch': () => null,
    'timeline.ids': ({ query }: { query: { state?: string } }) => (query.state === 'restored' ? [] : [9]),
  });
  render(WithTooltips, { tested: SettingsView, given: {} });
});
afterEach(() => vi.unstubAllGlobals());

const choose = (label: string, value: string): Promise<unknown> =>
  fireEvent.change(screen.getByLabelText(label), { target: { value } });
const press = (name: string): Promise<unknown> => fireEvent.click(screen.getByRole('button', { name }));

describe('each choice is saved at once', () => {
  test.each<[string, () => Promise<unknown>, Partial<Settings>]>([
    ['theme', () => fireEvent.click(screen.getByLabelText('Dark')), { theme: 'dark' }],
    ['room', () => choose('Room for prepared pictures', '10'), { cacheGigabytes: 10 }],
    ['motion', () => fireEvent.click(screen.getByLabelText('Reduced')), { motion: 'reduced' }],
    ['thumbnails', () => fireEvent.click(screen.getByLabelText('Small')), { thumbnails: 'small' }],
    ['import mode', () => choose('New photos', 'in-place'), { importMode: 'in-place' }],
    ['detection', () => fireEvent.click(screen.getByLabelText(/^Look for faces/)), { detectOnImport: false }],
    ['speed', () => fireEvent.click(screen.getByLabelText('Exact')), { speed: 'exact' }],
    [
      'notifications',
      () => fireEvent.click(screen.getByLabelText(/^Tell me when/)),
      { notifications: false },
    ],
  ])('%s', async (_, act, patch) => {
    await act();
    expect(fakeApi.called('settings.set')).toEqual([patch]);
    expect(settings.value).toMatchObject(patch);
  });

  test('the preset, from those of the pack in use', async () => {
    await screen.findByRole('option', { name: 'Faithful' });
    await choose('Preset to begin with', 'faithful');
    expect(settings.value.preset).toBe('faithful');
  });
});

test('another language is spoken at once, with its dates and numbers', async () => {
  expect(screen.getByText(/June 2, 1953, 12,345\.6$/)).toBeTruthy();
  await choose('Language', 'de');
  expect(screen.getByRole('heading', { level: 1, name: 'Einstellungen' })).toBeTruthy();
  expect(screen.getByText(/2\. Juni 1953, 12\.345,6$/)).toBeTruthy();
});

test('what cannot be saved comes back, and is told', async () => {
  fakeApi.answers['settings.set'] = () => Promise.reject(new Error('disk full'));
  await fireEvent.click(screen.getByLabelText('Dark'));
  await vi.waitFor(() => expect(settings.value.theme).toBe('system'));
  expect(toasts.list).toMatchObject([
    { kind: 'error', detail: expect.stringContaining('disk full') as string },
  ]);
});

test('the system is asked for its permission when notifications are switched on', async () => {
  settings.use(settingsWith({ language: 'en', notifications: false }));
  const requestPermission = vi.fn().mockResolvedValue('denied');
  vi.stubGlobal('Notification', { permission: 'default', requestPermission });
  document.body.innerHTML = '';
  render(WithTooltips, { tested: SettingsView, given: {} });
  await fireEvent.click(screen.getByLabelText(/^Tell me when/));
  expect(requestPermission).toHaveBeenCalledOnce();
  expect(await screen.findByText(/^The system does not allow notifications/)).toBeTruthy();
});

test('switched on from the start, the permission is asked for by a button', async () => {
  const requestPermission = vi.fn().mockResolvedValue('granted');
  vi.stubGlobal('Notification', { permission: 'default', requestPermission });
  document.body.innerHTML = '';
  render(WithTooltips, { tested: SettingsView, given: {} });
  await press('Allow system notifications');
  expect(requestPermission).toHaveBeenCalledOnce();
  await vi.waitFor(() => expect(screen.queryByText('Allow system notifications')).toBeNull());
  expect(fakeApi.called('settings.set')).toEqual([]);
});

test('watched folders are listed, with those out of reach; one is added, one removed', async () => {
  expect(await screen.findByText('/scans')).toBeTruthy();
  expect(screen.getByText('Cannot be reached now')).toBeTruthy();
  const added: WatchedFolder = { id: 8, path: '/new', mode: 'in-place', reachable: true };
  fakeApi.answers['folders.watch'] = () => {
    folders = [...folders, added];
    return added;
  };
  await choose('Its pictures', 'in-place');
  const field = screen.getByLabelText('Folder to watch');
  await fireEvent.input(field, { target: { value: ' /new ' } });
  await press('Watch folder');
  expect(fakeApi.called('folders.watch')).toEqual([{ path: '/new', mode: 'in-place' }]);
  expect(await screen.findByText('/new')).toBeTruthy();
  await press('Stop watching /scans');
  expect(fakeApi.called('folders.unwatch')).toEqual([{ id: 7 }]);
});

test('a folder that is refused stays in the field, and the reason is told', async () => {
  fakeApi.answers['folders.watch'] = () => Promise.reject(new Error('/nowhere is no folder'));
  const field = screen.getByLabelText<HTMLInputElement>('Folder to watch');
  await fireEvent.input(field, { target: { value: '/nowhere' } });
  await press('Watch folder');
  await vi.waitFor(() => expect(toasts.list).toHaveLength(1));
  expect(field.value).toBe('/nowhere');
});

test('the library is described; help is a press away', async () => {
  expect(screen.getByText('/home/anna/Heirloom')).toBeTruthy();
  expect(screen.getByText('1,234')).toBeTruthy();
  await press('Keyboard shortcuts');
  await press('Show the tour again');
  expect([shortcutsSheet.open, tour.step]).toEqual([true, 1]);
  await vi.waitFor(() => expect(navigation.view).toEqual({ name: 'photo', id: 9 }));
  shortcutsSheet.open = false;
});
