import { fireEvent, render, screen } from '@testing-library/svelte';
import { beforeEach, expect, test, vi } from 'vitest';
import AboutLibrary from '../../../../renderer/components/settings/about-library.svelte';
import { app } from '../../../../renderer/state/app.svelte.ts';
import { settings } from '../../../../renderer/state/settings.svelte.ts';
import { toasts } from '../../../../renderer/state/toasts.svelte.ts';
import { fakeApi } from '../fake-api.ts';
import { settingsWith } from '../settings-fixture.ts';
import WithTooltips from '../shared/with-tooltips.svelte';

vi.mock('../../../../renderer/api/api.ts', async () => ({
  api: (await import('../fake-api.ts')).fakeApi,
  bridge: undefined,
}));

function show(installed: { canUpdate: boolean; hasLicences: boolean }): void {
  const info = { library: '/l', photoCount: 1, version: '1.0.0', host: 'electron', platform: 'win32' };
  vi.spyOn(app, 'info', 'get').mockReturnValue({ ...info, ...installed } as typeof app.info);
  vi.spyOn(app, 'refreshInfo').mockResolvedValue();
  render(WithTooltips, { tested: AboutLibrary, given: {} });
}

beforeEach(() => {
  settings.use(settingsWith({ language: 'en' }));
  toasts.list = [];
  fakeApi.reset({
    'settings.set': (patch) => ({ ...settings.value, ...(patch as object) }),
    'app.licences': () => ({ text: 'MIT, by <b>Berta</b>' }),
  });
});

test('new versions are looked for only where a person switches it on', async () => {
  show({ canUpdate: true, hasLicences: false });
  const control = screen.getByRole<HTMLInputElement>('switch', { name: 'Look for new versions' });
  expect(control.checked).toBe(false);
  expect(screen.getByText(/nothing is downloaded before you say so/)).toBeTruthy();
  await fireEvent.click(control);
  expect(fakeApi.called('settings.set')).toEqual([{ lookForUpdates: true }]);
});

test('a Heirloom that cannot look for them has no such switch, nor licences that are not there', () => {
  show({ canUpdate: false, hasLicences: false });
  expect(screen.queryByRole('switch')).toBeNull();
  expect(screen.queryByRole('button')).toBeNull();
});

test('the licences of the software inside are shown as text', async () => {
  show({ canUpdate: false, hasLicences: true });
  expect(fakeApi.called('app.licences')).toEqual([]);
  await fireEvent.click(screen.getByRole('button', { name: 'Licences of the software inside' }));
  expect(await screen.findByText('MIT, by <b>Berta</b>')).toBeTruthy();
});

test('licences that cannot be read are told', async () => {
  fakeApi.answers['app.licences'] = () => Promise.reject(new Error('gone'));
  show({ canUpdate: false, hasLicences: true });
  await fireEvent.click(screen.getByRole('button', { name: 'Licences of the software inside' }));
  await vi.waitFor(() => expect(toasts.list).toHaveLength(1));
  expect(screen.queryByRole('dialog')).toBeNull();
});
