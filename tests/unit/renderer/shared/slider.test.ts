import { fireEvent, render, screen } from '@testing-library/svelte';
import { beforeEach, expect, test, vi } from 'vitest';
import Slider from '../../../../renderer/components/shared/slider.svelte';
import { settings } from '../../../../renderer/state/settings.svelte.ts';
import { settingsWith } from '../settings-fixture.ts';
import WithTooltips from './with-tooltips.svelte';

beforeEach(() => settings.use(settingsWith({ language: 'en' })));

const props = { label: 'Blur', value: 3, min: 0, max: 10 };

test('the slider has its label as name, its role and its value in words', () => {
  render(Slider, { ...props, format: (value: number) => `${value} pixels` });
  const slider = screen.getByRole('slider', { name: 'Blur' });
  expect(slider.getAttribute('aria-valuetext')).toBe('3 pixels');
});

test('movement is told with every step, and once at its end', async () => {
  const oninput = vi.fn();
  const onchange = vi.fn();
  render(Slider, { ...props, oninput, onchange });
  const slider = screen.getByRole('slider');
  await fireEvent.input(slider, { target: { value: '4' } });
  await fireEvent.input(slider, { target: { value: '5' } });
  await fireEvent.change(slider);
  expect(oninput.mock.calls).toEqual([[4], [5]]);
  expect(onchange.mock.calls).toEqual([[5]]);
});

test('reset shows away from the value it goes back to, and tells', async () => {
  const onchange = vi.fn();
  render(WithTooltips, { tested: Slider, given: { ...props, resetTo: 1, onchange } });
  await fireEvent.click(screen.getByRole('button', { name: 'Reset Blur' }));
  expect(onchange).toHaveBeenCalledWith(1);
  expect(screen.queryByRole('button', { name: 'Reset Blur' })).toBeNull();
});
