import { fireEvent, render, screen } from '@testing-library/svelte';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import DateField from '../../../../renderer/components/shared/date-field.svelte';
import ProgressBar from '../../../../renderer/components/shared/progress-bar.svelte';
import SegmentedControl from '../../../../renderer/components/shared/segmented-control.svelte';
import Select from '../../../../renderer/components/shared/select.svelte';
import Switch from '../../../../renderer/components/shared/switch.svelte';
import TextField from '../../../../renderer/components/shared/text-field.svelte';
import { settings } from '../../../../renderer/state/settings.svelte.ts';
import { settingsWith } from '../settings-fixture.ts';

beforeEach(() => settings.use(settingsWith({ language: 'en' })));

const OPTIONS = [
  { value: 'a', label: 'First' },
  { value: 'b', label: 'Second' },
];

test('a switch has the role, its label and its hint, and tells its state', async () => {
  const onchange = vi.fn();
  render(Switch, { label: 'Notify', hint: 'At the end', checked: false, onchange });
  const control = screen.getByRole<HTMLInputElement>('switch', { name: 'Notify' });
  expect(document.getElementById(control.getAttribute('aria-describedby') ?? '')?.textContent).toBe(
    'At the end',
  );
  await fireEvent.click(control);
  expect(onchange.mock.calls).toEqual([[true]]);
});

test('a select tells what was chosen, in its own type', async () => {
  const onchange = vi.fn();
  const options = [
    { value: 1, label: 'One' },
    { value: 2, label: 'Two' },
  ];
  render(Select, { label: 'Size', value: 1, options, onchange });
  await fireEvent.change(screen.getByLabelText('Size'), { target: { value: '2' } });
  expect(onchange.mock.calls).toEqual([[2]]);
});

test('a date that is still to come is refused with its reason, unless days to come are asked for', async () => {
  const onchange = vi.fn();
  const { rerender } = render(DateField, { label: 'Date', value: '', onchange });
  const field = screen.getByLabelText('Date');
  const type = async (value: string): Promise<void> => {
    await fireEvent.input(field, { target: { value } });
    await fireEvent.change(field);
  };
  await type('2390');
  expect(screen.getByText(/lies in the future/)).toBeTruthy();
  await type('nonsense');
  expect(screen.getByText(/This is no date/)).toBeTruthy();
  expect(onchange).not.toHaveBeenCalled();
  await type('June 1938');
  await rerender({ future: true });
  await type('2390');
  expect(onchange.mock.calls).toEqual([['1938-06'], ['2390']]);
});

test('segments are one group of radio buttons', async () => {
  const onchange = vi.fn();
  render(SegmentedControl, { label: 'View', value: 'a', options: OPTIONS, onchange });
  expect(screen.getByRole('group', { name: 'View' })).toBeTruthy();
  expect(screen.getByRole<HTMLInputElement>('radio', { name: 'First' }).checked).toBe(true);
  await fireEvent.click(screen.getByRole('radio', { name: 'Second' }));
  expect(onchange.mock.calls).toEqual([['b']]);
});

describe('a text field', () => {
  test('takes Enter, but not the Enter that ends a composed character', async () => {
    const onenter = vi.fn();
    render(TextField, { label: 'Name', value: 'Anna', onenter });
    const field = screen.getByLabelText('Name');
    await fireEvent.keyDown(field, { key: 'Enter', isComposing: true });
    expect(onenter).not.toHaveBeenCalled();
    await fireEvent.keyDown(field, { key: 'Enter' });
    expect(onenter.mock.calls).toEqual([['Anna']]);
  });

  test('an error takes the place of the hint and marks the field', () => {
    render(TextField, { label: 'Name', value: '', hint: 'As written', error: 'Empty' });
    const field = screen.getByLabelText('Name');
    expect(field.getAttribute('aria-invalid')).toBe('true');
    expect(document.getElementById(field.getAttribute('aria-describedby') ?? '')?.textContent).toBe('Empty');
    expect(screen.queryByText('As written')).toBeNull();
  });
});

describe('a progress bar', () => {
  test('has a value', () => {
    render(ProgressBar, { label: 'Importing', value: 0.254, valueText: '25 of 100' });
    const bar = screen.getByRole('progressbar', { name: 'Importing' });
    expect(bar.getAttribute('aria-valuenow')).toBe('25');
    expect(bar.getAttribute('aria-valuetext')).toBe('25 of 100');
  });

  test('has none while the end is not known', () => {
    render(ProgressBar, { label: 'Importing' });
    expect(screen.getByRole('progressbar').hasAttribute('aria-valuenow')).toBe(false);
  });
});
