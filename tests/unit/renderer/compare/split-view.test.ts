import { fireEvent, render, screen } from '@testing-library/svelte';
import { beforeEach, expect, test } from 'vitest';
import SplitView from '../../../../renderer/components/compare/split-view.svelte';
import { settings } from '../../../../renderer/state/settings.svelte.ts';
import { Viewport } from '../../../../renderer/state/viewport.svelte.ts';
import { settingsWith } from '../settings-fixture.ts';

beforeEach(() => settings.use(settingsWith({ language: 'en' })));

function show() {
  const viewport = new Viewport();
  viewport.setStage({ width: 432, height: 232 });
  viewport.setPicture({ width: 400, height: 200 }, 0);
  const source = (kind: 'photo' | 'version') => ({ kind, id: 5, width: 400, height: 200, revision: 3 });
  return render(SplitView, {
    viewport,
    first: source('photo'),
    second: source('version'),
    firstName: 'Original',
    secondName: 'Version 1',
    position: 0.5,
  });
}

test('the split is a slider that says what it parts', () => {
  show();
  const slider = screen.getByRole('slider', { name: 'Split between Original and Version 1' });
  expect(slider.getAttribute('aria-valuenow')).toBe('50');
  expect(slider.getAttribute('aria-valuetext')).toBe('50% Original');
});

test('the original lies left of it, the version right, and both move with the keys', async () => {
  const { container } = show();
  const slider = screen.getByRole('slider');
  const first = container.querySelector<HTMLElement>('.first')!;
  expect(first.querySelector('img')?.getAttribute('src')).toContain('photo/5/view?r=3');
  expect(first.style.clipPath).toBe('inset(0px 216px 0px 0px)');
  await fireEvent.keyDown(slider, { key: 'End' });
  expect(first.style.clipPath).toBe('inset(0px 16px 0px 0px)');
  await fireEvent.keyDown(slider, { key: 'Home' });
  expect(first.style.clipPath).toBe('inset(0px 416px 0px 0px)');
  await fireEvent.keyDown(slider, { key: 'ArrowRight' });
  expect(slider.getAttribute('aria-valuenow')).toBe('2');
});

test('a picture that cannot be shown is said to be so', async () => {
  const { container } = show();
  await fireEvent.error(container.querySelector('img')!);
  expect(screen.getByRole('alert').textContent).toContain('cannot be shown');
});
