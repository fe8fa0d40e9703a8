import { fireEvent, render, screen } from '@testing-library/svelte';
import { beforeEach, expect, test, vi } from 'vitest';
import type { ExportReport } from '../../../../contract/library.ts';
import ExportDialog from '../../../../renderer/components/export/export-dialog.svelte';
import { app } from '../../../../renderer/state/app.svelte.ts';
import { exporting } from '../../../../renderer/state/export.svelte.ts';
import { settings } from '../../../../renderer/state/settings.svelte.ts';
import { fakeApi } from '../fake-api.ts';
import { settingsWith } from '../settings-fixture.ts';
import WithTooltips from '../shared/with-tooltips.svelte';

vi.mock('../../../../renderer/api/api.ts', async () => ({
  api: (await import('../fake-api.ts')).fakeApi,
  bridge: undefined,
}));

const NOTHING: ExportReport = { written: [], skipped: [], taken: [], failed: [], cancelled: 0 };
const PHOTO = { id: 1, name: 'a.jpg', takenAt: null, currentVersionId: null, versions: [] };
let answers: Partial<ExportReport>[];
let originals: number;

beforeEach(async () => {
  vi.spyOn(app, 'info', 'get').mockReturnValue({ exportFolder: '/out' } as typeof app.info);
  settings.use(settingsWith({ language: 'en' }));
  answers = [];
  originals = 1;
  fakeApi.reset({
    'export.run': () => ({ ...NOTHING, ...answers.shift() }),
    'settings.set': (patch: object) => settingsWith({ language: 'en', ...patch }),
    'photos.get': () => PHOTO,
    'export.originals': () => originals,
  });
  exporting.begin([1, 2]);
  render(WithTooltips, { tested: ExportDialog, given: {} });
  await screen.findByRole('dialog', { name: 'Export 2 photos' });
});

const press = (name: string): Promise<unknown> => fireEvent.click(screen.getByRole('button', { name }));

test('the example follows the name while it is typed, and a placeholder is put in by a press', async () => {
  const name = screen.getByLabelText('Name');
  await fireEvent.input(name, { target: { value: 'x-{number}' } });
  expect(await screen.findByText('x-1.jpg')).toBeTruthy();
  await fireEvent.input(name, { target: { value: '' } });
  expect(screen.getByText('Give a name.')).toBeTruthy();
  await fireEvent.click(screen.getByLabelText('Insert {date}'));
  expect(screen.getByText('undated.jpg')).toBeTruthy();
});

test('several photos go out as restored, with a word on those that are not, or all as originals', async () => {
  const picture = screen.getByLabelText<HTMLSelectElement>('Picture');
  expect(picture.selectedOptions[0]?.label).toBe('The restored version of each photo');
  const unrestored = '1 of 2 is not restored: its original is copied.';
  expect(await screen.findByText(unrestored)).toBeTruthy();
  await fireEvent.change(picture, { target: { value: 'original' } });
  expect(screen.queryByText(unrestored)).toBeNull();
  await press('Export');
  expect(fakeApi.called('export.run')).toMatchObject([{ photoIds: [1, 2], versionId: 'original' }]);
});

test('of one photo the version that stands for it goes out, unless its original is chosen', async () => {
  const version = { id: 9, number: 2, recipe: { settings: { preset: 'balanced' } } };
  fakeApi.answers['photos.get'] = () => ({ ...PHOTO, currentVersionId: 9, versions: [version] });
  exporting.begin([1]);
  await screen.findByText('Version 2, Balanced');
  const picture = screen.getByLabelText<HTMLSelectElement>('Picture');
  expect(picture.selectedOptions[0]?.label).toBe('Version 2, Balanced');
  expect(screen.getByText('a-restored.jpg')).toBeTruthy();
  await fireEvent.change(picture, { target: { value: 'original' } });
  expect(picture.selectedOptions[0]?.label).toBe('The original, not restored');
  expect(screen.getByText('a.jpg')).toBeTruthy();
  await press('Export');
  expect(fakeApi.called('export.run')).toMatchObject([{ photoIds: [1], versionId: 'original' }]);
});

test('unknown placeholders and forbidden signs are pointed out', async () => {
  await fireEvent.input(screen.getByLabelText('Name'), { target: { value: '{datum}' } });
  expect(screen.getByText(/^\{datum\} is no placeholder/)).toBeTruthy();
  await fireEvent.input(screen.getByLabelText('Name'), { target: { value: 'a:b' } });
  expect(screen.getByText(/cannot hold :;/)).toBeTruthy();
});

test('the quality is shown only where it applies', async () => {
  expect(screen.getByRole('slider', { name: 'Quality' })).toBeTruthy();
  await fireEvent.change(screen.getByLabelText('Format'), { target: { value: 'png' } });
  expect(screen.queryByRole('slider')).toBeNull();
});

test('a size that cannot be is refused, and the export waits', async () => {
  await fireEvent.change(screen.getByLabelText('Size'), { target: { value: 'limit' } });
  await fireEvent.input(screen.getByLabelText('Longest side in pixels'), { target: { value: '7' } });
  expect(screen.getByText('Give a whole number between 16 and 65,500.')).toBeTruthy();
  expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Export' }).disabled).toBe(true);
});

test('names that are taken: the question, the answer, the report with what failed and why', async () => {
  answers = [
    { taken: [{ photoId: 1, path: '/out/a.jpg' }] },
    {
      written: [{ photoId: 1, path: '/out/a-2.jpg' }],
      failed: [{ photoId: 2, code: 'library/missing-original', message: 'b.jpg is gone' }],
    },
  ];
  await press('Export');
  expect(await screen.findByText('A file of this name exists')).toBeTruthy();
  await press('Keep both');
  expect(await screen.findByText('1 photo written')).toBeTruthy();
  expect(screen.getByText('1 failed')).toBeTruthy();
  expect(screen.getByText('b.jpg is gone')).toBeTruthy();
  expect(screen.getByText('Original missing')).toBeTruthy();
  await press('Done');
  expect(exporting.open).toBe(false);
});

test('while it writes: how far it is, and a way to stop', async () => {
  const { promise, resolve } = Promise.withResolvers<ExportReport>();
  fakeApi.answers['export.run'] = () => promise;
  fakeApi.answers['export.cancel'] = () => null;
  await press('Export');
  const [{ key }] = fakeApi.called('export.run') as [{ key: string }];
  fakeApi.send({ kind: 'export', key, done: 1, total: 2 });
  expect(await screen.findByText('1 of 2')).toBeTruthy();
  expect(screen.getByRole('progressbar').getAttribute('aria-valuenow')).toBe('50');
  await press('Cancel');
  resolve({ ...NOTHING, written: [{ photoId: 1, path: '/out/a.jpg' }], cancelled: 1 });
  expect(await screen.findByText('1 not written: cancelled')).toBeTruthy();
  expect(screen.getByText('1 photo written')).toBeTruthy();
});
