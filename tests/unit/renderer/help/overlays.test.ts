import { fireEvent, render, screen } from '@testing-library/svelte';
import { tick } from 'svelte';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import Overlays from '../../../../renderer/components/help/overlays.svelte';
import { jobs } from '../../../../renderer/state/jobs.svelte.ts';
import { navigation } from '../../../../renderer/state/navigation.svelte.ts';
import { settings } from '../../../../renderer/state/settings.svelte.ts';
import { shortcutsSheet } from '../../../../renderer/state/shortcuts-sheet.svelte.ts';
import { shortcuts } from '../../../../renderer/state/shortcuts.svelte.ts';
import { tour } from '../../../../renderer/state/tour.svelte.ts';
import { fakeApi } from '../fake-api.ts';
import { settingsWith } from '../settings-fixture.ts';
import { makeJob } from '../jobs/make-job.ts';
import WithTooltips from '../shared/with-tooltips.svelte';

vi.mock('../../../../renderer/api/api.ts', async () => ({
  api: (await import('../fake-api.ts')).fakeApi,
  bridge: undefined,
}));

beforeEach(() => {
  tour.step = null;
  jobs.jobs = [];
  navigation.replace({ name: 'photo', id: 1 });
  shortcutsSheet.open = false;
  document.body.innerHTML = '<main tabindex="-1"><button>before</button></main>';
  fakeApi.reset({ 'settings.set': (patch: object) => settingsWith({ language: 'en', ...patch }) });
});

function begin(tourDone: boolean): void {
  settings.use(settingsWith({ language: 'en', tourDone }));
  document.querySelector('button')?.focus();
  render(WithTooltips, { tested: Overlays, given: {} });
}
const press = (name: string): Promise<unknown> => fireEvent.click(screen.getByRole('button', { name }));
const title = (): string | null | undefined => screen.queryByRole('dialog')?.querySelector('h2')?.textContent;

describe('the tour', () => {
  test('is shown to a newcomer, takes the focus and gives it back', async () => {
    begin(false);
    const dialog = screen.getByRole('dialog', { name: 'See what changes' });
    expect(document.activeElement).toBe(dialog);
    await press('Skip');
    expect(screen.queryByRole('dialog')).toBeNull();
    expect(document.activeElement?.textContent).toBe('before');
    expect(fakeApi.called('settings.set')).toEqual([{ tourDone: true }]);
  });

  test('waits until its photo is restored, and while one is elsewhere', async () => {
    jobs.jobs = [makeJob(1, { photoId: 1, state: 'running' })];
    begin(false);
    expect(screen.queryByRole('dialog')).toBeNull();
    jobs.jobs = [makeJob(1, { photoId: 1, state: 'done' })];
    await tick();
    expect(title()).toBe('See what changes');
    await press('Next');
    navigation.replace({ name: 'queue' });
    await tick();
    expect(screen.queryByRole('dialog')).toBeNull();
    navigation.replace({ name: 'photo', id: 2 });
    await tick();
    expect(title()).toBe('Add your own photos');
  });

  test('does not come again by itself', () => {
    begin(true);
    expect(screen.queryByRole('dialog')).toBeNull();
  });

  test('has three steps, back and forth, each with the focus; the last one ends it', async () => {
    begin(false);
    expect(screen.queryByText('Back')).toBeNull();
    await press('Next');
    expect(title()).toBe('Add your own photos');
    expect(document.activeElement).toBe(screen.getByRole('dialog'));
    await press('Back');
    expect(title()).toBe('See what changes');
    await press('Next');
    await press('Next');
    expect(screen.getByText('Step 3 of 3')).toBeTruthy();
    expect(screen.queryByText('Skip')).toBeNull();
    await press('Begin');
    expect(screen.queryByRole('dialog')).toBeNull();
    expect(settings.value.tourDone).toBe(true);
  });

  test('marks what each step speaks of, and nothing once it is over', async () => {
    const marked = () => document.documentElement.dataset['tour'];
    begin(false);
    expect(marked()).toBe('1');
    await press('Next');
    expect(marked()).toBe('2');
    await press('Skip');
    expect(marked()).toBeUndefined();
  });

  test('Escape skips it', async () => {
    begin(false);
    await fireEvent.keyDown(screen.getByRole('dialog'), { key: 'Escape' });
    await tick();
    expect(screen.queryByRole('dialog')).toBeNull();
    expect(fakeApi.called('settings.set')).toEqual([{ tourDone: true }]);
  });

  test('restarted, it begins at the beginning and saves nothing twice', async () => {
    begin(true);
    tour.restart();
    await tick();
    expect(title()).toBe('See what changes');
    await press('Skip');
    expect(fakeApi.called('settings.set')).toEqual([]);
  });
});

describe('the sheet of shortcuts', () => {
  test('opens with a question mark, not while someone types it', async () => {
    begin(true);
    const field = document.createElement('input');
    document.body.append(field);
    const question = { key: '?', code: 'Slash', shiftKey: true };
    await fireEvent.keyDown(field, question);
    expect(shortcutsSheet.open).toBe(false);
    await fireEvent.keyDown(document.body, question);
    expect(await screen.findByRole('dialog', { name: 'Keyboard shortcuts' })).toBeTruthy();
  });

  test('opens by the native menu', async () => {
    begin(true);
    fakeApi.send({ kind: 'command', command: 'shortcuts' });
    expect(await screen.findByRole('dialog', { name: 'Keyboard shortcuts' })).toBeTruthy();
  });

  test('lists what is registered now, key after key', async () => {
    begin(true);
    const away = shortcuts.register({
      title: () => 'Photo',
      shortcuts: [{ keys: ['g l'], label: () => 'Library' }],
    });
    shortcutsSheet.open = true;
    const dialog = await screen.findByRole('dialog');
    expect(screen.getByRole('heading', { name: 'Photo' })).toBeTruthy();
    const row = screen.getByText('Library').closest('div');
    expect([...(row?.querySelectorAll('kbd') ?? [])].map((key) => key.textContent)).toEqual(['G', 'L']);
    away();
    await tick();
    expect(dialog.textContent).not.toContain('Photo');
  });
});
