import { fireEvent, render, screen } from '@testing-library/svelte';
import { beforeEach, expect, test, vi } from 'vitest';
import type { ImportReport } from '../../../../contract/library.ts';
import ImportCards from '../../../../renderer/components/library/import-cards.svelte';
import ImportReportDialog from '../../../../renderer/components/library/import-report-dialog.svelte';
import { imports } from '../../../../renderer/state/library-imports.svelte.ts';
import { settings } from '../../../../renderer/state/settings.svelte.ts';
import { settingsWith } from '../settings-fixture.ts';
import WithTooltips from '../shared/with-tooltips.svelte';

vi.mock('../../../../renderer/api/api.ts', async () => ({
  api: (await import('../fake-api.ts')).fakeApi,
  bridge: undefined,
}));

const REPORT: ImportReport = {
  ...{ id: 1, state: 'done', done: 5, total: 5, counted: true, imported: 2, found: 0, photoIds: [] },
  ...{ alreadyThere: 0, duplicates: [], failed: [], failedCount: 0 },
  ...{ ownExports: 3, exports: [{ name: 'anna-restored.jpg', photoName: 'anna.tif' }] },
};

beforeEach(() => {
  settings.use(settingsWith({ language: 'en' }));
  imports.reports = [];
});

test('own exports that were left out are counted, named and explained', async () => {
  imports.reports = [REPORT];
  const ondetails = vi.fn();
  render(WithTooltips, { tested: ImportCards, given: { ondetails } });
  expect(screen.getByText('2 imported · 3 exported by Heirloom')).toBeTruthy();
  await fireEvent.click(screen.getByRole('button', { name: 'What was not imported, and why' }));
  expect(ondetails).toHaveBeenCalledWith(REPORT);
});

test('the report says from which photo each was exported, and how it comes in all the same', async () => {
  render(WithTooltips, { tested: ImportReportDialog, given: { report: REPORT, onclose: () => {} } });
  const dialog = await screen.findByRole('dialog', { name: 'Not imported' });
  expect(dialog.textContent).toContain('3 files were exported by Heirloom.');
  expect(screen.getByText('anna-restored.jpg').closest('tr')?.textContent).toMatch(
    /Exported by Heirloom from .?anna\.tif.?\. To have it as a photo of its own, import the file itself/,
  );
  expect(dialog.textContent).toContain('2 more files are not listed.');
});
