import { fireEvent, render, screen, within } from '@testing-library/svelte';
import { beforeEach, expect, test, vi } from 'vitest';
import type { ApiResult } from '../../../../contract/api.ts';
import { app } from '../../../../renderer/state/app.svelte.ts';
import { models } from '../../../../renderer/state/models.svelte.ts';
import { settings } from '../../../../renderer/state/settings.svelte.ts';
import ModelsView from '../../../../renderer/views/models-view.svelte';
import { fakeApi } from '../fake-api.ts';
import { settingsWith } from '../settings-fixture.ts';
import WithTooltips from '../shared/with-tooltips.svelte';

vi.mock('../../../../renderer/api/api.ts', async () => ({
  api: (await import('../fake-api.ts')).fakeApi,
  bridge: undefined,
}));

const BUNDLED = {
  key: 'family-256',
  bundled: true,
  name: 'Family 256',
  licence: 'CC BY-NC-SA 4.0',
  bytes: 44.8e6,
};
const OWN = {
  key: 'own',
  bundled: false,
  name: 'Own',
  error: { code: 'pack/damaged', message: 'dgsa.onnx: hash' },
};
let status: ApiResult<'engine.status'>;

beforeEach(async () => {
  vi.spyOn(app, 'info', 'get').mockReturnValue({ platform: 'linux' } as typeof app.info);
  settings.use(settingsWith({ language: 'en' }));
  status = {
    running: true,
    provider: 'cpu',
    verdicts: [
      { provider: 'cpu', usable: true, milliseconds: 101.84, reason: 'fastest' },
      { provider: 'cuda', usable: false, reason: 'no CUDA driver' },
    ],
  };
  models.checks.clear();
  models.cards.clear();
  models.benchmark = null;
  fakeApi.reset({
    'packs.list': () => [BUNDLED, OWN],
    'engine.status': () => status,
    'packs.remove': () => null,
    'packs.card': () => ({ markdown: '# Card\n\n<img src=x onerror=alert(1)> **bold**' }),
  });
  render(WithTooltips, { tested: ModelsView, given: {} });
  await screen.findByText('Family 256');
});

const card = (name: string) => within(screen.getByRole('article', { name }));

test('each pack shows what it is; the bundled one stays, a damaged one says why and cannot be chosen', () => {
  expect(card('Family 256').getByText('CC BY-NC-SA 4.0')).toBeTruthy();
  expect(card('Family 256').getByText('44.8 MB on disk')).toBeTruthy();
  expect(card('Family 256').getByText('In use')).toBeTruthy();
  expect(card('Family 256').queryByText('Remove')).toBeNull();
  expect(card('Own').getByText('Damaged model pack')).toBeTruthy();
  expect(card('Own').getByText('dgsa.onnx: hash')).toBeTruthy();
  expect(card('Own').queryByText('Use this pack')).toBeNull();
});

test('removing asks first', async () => {
  await fireEvent.click(card('Own').getByText('Remove'));
  const dialog = within(await screen.findByRole('dialog', { name: 'Remove Own?' }));
  expect(fakeApi.called('packs.remove')).toEqual([]);
  await fireEvent.click(dialog.getByText('Remove'));
  expect(fakeApi.called('packs.remove')).toEqual([{ key: 'own' }]);
});

test('a card is text: what looks like HTML in it makes no element', async () => {
  const details = card('Family 256').getByText('Model card').closest('details');
  if (!details) throw new Error('Expected details');
  details.open = true;
  await fireEvent(details, new Event('toggle'));
  expect(await card('Family 256').findByText('Card')).toBeTruthy();
  expect(details.querySelector('img')).toBeNull();
  expect(details.querySelector('strong')?.textContent).toBe('bold');
  expect(details.textContent).toContain('<img src=x onerror=alert(1)>');
});

test('the provider in use, why, and why not the others', async () => {
  expect(await screen.findByText('In use: Processor (CPU)')).toBeTruthy();
  expect(screen.getByText('The only one that gave the right picture here.')).toBeTruthy();
  expect(screen.getByText('no CUDA driver')).toBeTruthy();
  expect(screen.getByText('102 ms')).toBeTruthy();
});

test('the result of a check, provider by provider', async () => {
  fakeApi.answers['packs.check'] = () => ({ providers: status.verdicts, chosen: 'cpu' });
  await fireEvent.click(card('Family 256').getByLabelText('Check: Family 256'));
  expect(await card('Family 256').findByText('Nothing wrong was found')).toBeTruthy();
  expect(card('Family 256').getAllByRole('row')).toHaveLength(3);
});

test('the benchmark shows its figures, a failed one is told', async () => {
  fakeApi.answers['engine.benchmark'] = () => ({
    provider: 'cpu',
    stepMilliseconds: 123.4,
    draftSeconds: 0.95,
    normalSeconds: 2.31,
    faces: 4,
  });
  await fireEvent.click(screen.getByText('Measure'));
  expect(await screen.findByText('123 ms')).toBeTruthy();
  expect(screen.getByText('0.95 sec')).toBeTruthy();
  expect(screen.getByText('Median on Processor (CPU), 4 faces')).toBeTruthy();
});

test('an import by path; an empty one cannot be sent', async () => {
  fakeApi.answers['packs.import'] = () => ({ key: 'own' });
  const run = screen.getByRole<HTMLButtonElement>('button', { name: 'Import' });
  expect(run.disabled).toBe(true);
  const field = screen.getByLabelText('Folder or zip file');
  await fireEvent.input(field, { target: { value: ' /packs/own.zip ' } });
  const form = field.closest('form');
  if (form) await fireEvent.submit(form);
  expect(fakeApi.called('packs.import')).toEqual([{ path: '/packs/own.zip' }]);
});
