import { fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import ConfirmDialog from '../../../../renderer/components/shared/confirm-dialog.svelte';
import { settings } from '../../../../renderer/state/settings.svelte.ts';
import { settingsWith } from '../settings-fixture.ts';
import DialogOfText from './dialog-of-text.svelte';
import WithTooltips from './with-tooltips.svelte';

beforeEach(() => settings.use(settingsWith({ language: 'en' })));

const props = {
  open: true,
  title: 'Delete 3 photos?',
  text: 'This cannot be undone.',
  confirmLabel: 'Delete',
};
const show = (more: Record<string, unknown>) =>
  render(WithTooltips, { tested: ConfirmDialog, given: { ...props, ...more } });

describe('ConfirmDialog', () => {
  test('has a name and a description', async () => {
    show({ onconfirm: vi.fn() });
    const dialog = await screen.findByRole('dialog', { name: 'Delete 3 photos?' });
    const described = dialog.getAttribute('aria-describedby');
    expect(described && document.getElementById(described)?.textContent).toBe('This cannot be undone.');
  });

  test('confirms once, waits for the work, then closes', async () => {
    let finish: () => void = () => {};
    const onconfirm = vi.fn(() => new Promise<void>((resolve) => (finish = resolve)));
    const onclose = vi.fn();
    show({ onconfirm, onclose });
    const confirm = await screen.findByRole('button', { name: 'Delete' });
    await fireEvent.click(confirm);
    await fireEvent.click(confirm);
    expect(onconfirm).toHaveBeenCalledOnce();
    expect(onclose).not.toHaveBeenCalled();
    finish();
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(onclose).toHaveBeenCalledOnce();
  });

  test.each([
    ['what cannot be undone, Cancel', true, 'Cancel'],
    ['anything else, the answer', false, 'Delete'],
  ])('gives the keyboard for %s: Enter that is held down must not delete', async (_, danger, name) => {
    show({ onconfirm: vi.fn(), danger });
    const button = await screen.findByRole('button', { name });
    await waitFor(() => expect(document.activeElement).toBe(button));
  });

  test('cancel does nothing but close', async () => {
    const onconfirm = vi.fn();
    const onclose = vi.fn();
    show({ onconfirm, onclose });
    await fireEvent.click(await screen.findByRole('button', { name: 'Cancel' }));
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(onconfirm).not.toHaveBeenCalled();
    expect(onclose).toHaveBeenCalledOnce();
  });
});

describe('Dialog', () => {
  test.each([
    ['a choice to make', ConfirmDialog, { ...props, onconfirm: vi.fn() }],
    ['nothing but text', DialogOfText, {}],
  ])('with %s: the first Escape closes it, no tooltip is in the way', async (_, tested, given) => {
    const onclose = vi.fn();
    render(WithTooltips, { tested, given: { ...given, onclose } });
    const dialog = await screen.findByRole('dialog');
    await waitFor(() => expect(dialog.contains(document.activeElement)).toBe(true));
    expect(document.activeElement).not.toBe(screen.getByRole('button', { name: 'Close' }));
    expect(screen.queryByRole('tooltip')).toBeNull();
    await fireEvent.keyDown(document.activeElement!, { key: 'Escape' });
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(onclose).toHaveBeenCalledOnce();
  });
});
