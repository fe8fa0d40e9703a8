import { fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { beforeEach, expect, test, vi } from 'vitest';
import { settings } from '../../../../renderer/state/settings.svelte.ts';
import { settingsWith } from '../settings-fixture.ts';
import MenuOfThree from './menu-of-three.svelte';

beforeEach(() => settings.use(settingsWith({ language: 'en' })));

async function open(onselect = vi.fn()): Promise<ReturnType<typeof vi.fn>> {
  render(MenuOfThree, { onselect });
  const trigger = screen.getByRole('button', { name: 'More' });
  trigger.focus();
  await fireEvent.keyDown(trigger, { key: 'Enter' });
  await screen.findByRole('menu');
  return onselect;
}

test('a menu opens by keyboard, and an item runs and closes it', async () => {
  const onselect = await open();
  await fireEvent.keyDown(screen.getByRole('menuitem', { name: 'Rename' }), { key: 'Enter' });
  await waitFor(() => expect(screen.queryByRole('menu')).toBeNull());
  expect(onselect.mock.calls).toEqual([['rename']]);
});

test('a disabled item does nothing', async () => {
  const onselect = await open();
  const item = screen.getByRole('menuitem', { name: 'Move' });
  expect(item.getAttribute('aria-disabled')).toBe('true');
  await fireEvent.keyDown(item, { key: 'Enter' });
  expect(onselect).not.toHaveBeenCalled();
});

test('Escape closes it', async () => {
  await open();
  await fireEvent.keyDown(document.activeElement ?? document.body, { key: 'Escape' });
  await waitFor(() => expect(screen.queryByRole('menu')).toBeNull());
});
