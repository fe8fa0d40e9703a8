import { fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import ToastHost from '../../../../renderer/components/shared/toast-host.svelte';
import { ApiError } from '../../../../renderer/api/api-error.ts';
import { m } from '../../../../renderer/paraglide/messages.js';
import { settings } from '../../../../renderer/state/settings.svelte.ts';
import { toasts } from '../../../../renderer/state/toasts.svelte.ts';
import { settingsWith } from '../settings-fixture.ts';
import WithTooltips from './with-tooltips.svelte';

beforeEach(() => {
  vi.useFakeTimers();
  settings.use(settingsWith({ language: 'en' }));
  for (const { id } of toasts.list) toasts.dismiss(id);
  render(WithTooltips, { tested: ToastHost, given: {} });
});
afterEach(() => vi.useRealTimers());

const later = (milliseconds: number): Promise<unknown> => vi.advanceTimersByTimeAsync(milliseconds);

test('a message is a status and leaves by itself', async () => {
  toasts.show({ text: () => 'Saved' });
  await later(0);
  expect(screen.getByRole('status').textContent).toContain('Saved');
  await later(5000);
  expect(screen.queryByRole('status')).toBeNull();
});

test('an error says what failed and what to do, and stays longer', async () => {
  toasts.error(new ApiError('output/unwritable', 'Cannot write to /mnt/x.'));
  await later(0);
  const alert = screen.getByRole('alert');
  expect(alert.textContent).toContain('Cannot write');
  expect(alert.textContent).toContain(
    'Cannot write to /mnt/x. Check the folder, its permissions and free space.',
  );
  await later(6000);
  expect(screen.queryByRole('alert')).not.toBeNull();
});

test('its action runs once and takes it away', async () => {
  const run = vi.fn();
  toasts.show({ text: () => 'Deleted', action: { label: () => 'Undo', run } });
  await later(0);
  await fireEvent.click(screen.getByRole('button', { name: 'Undo' }));
  expect(run).toHaveBeenCalledOnce();
  expect(toasts.list).toEqual([]);
});

test('while it is read it stays', async () => {
  toasts.show({ text: () => 'Saved' });
  await later(0);
  await fireEvent.pointerEnter(screen.getByRole('status'));
  await later(60_000);
  expect(toasts.list).toHaveLength(1);
  await fireEvent.pointerLeave(screen.getByRole('status'));
  await later(5000);
  expect(toasts.list).toEqual([]);
});

test('of many, the last four are shown', () => {
  for (let index = 0; index < 6; index++) toasts.show({ text: () => `Message ${index}` });
  expect(toasts.list.map(({ text }) => text)).toEqual(['Message 2', 'Message 3', 'Message 4', 'Message 5']);
});

test('a change of language reaches what is shown already', async () => {
  toasts.error(new ApiError('input/damaged', '/a/b.jpg is damaged or incomplete: a file cut short'));
  toasts.show({ text: () => m.photo_binned(), action: { label: () => m.common_undo(), run: () => {} } });
  await later(0);
  settings.use(settingsWith({ language: 'de' }));
  await later(0);
  const alert = screen.getByRole('alert').textContent;
  expect(alert).toContain('Beschädigtes Bild');
  expect(alert).toContain('/a/b.jpg ist beschädigt oder unvollständig: a file cut short.');
  expect(screen.getByRole('status').textContent).toContain('Papierkorb');
  expect(screen.getByRole('button', { name: 'Rückgängig' })).toBeTruthy();
});
