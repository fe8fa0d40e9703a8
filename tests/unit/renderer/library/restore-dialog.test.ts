import { fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { beforeEach, expect, test, vi } from 'vitest';
import RestoreDialog from '../../../../renderer/components/library/restore-dialog.svelte';
import { settings } from '../../../../renderer/state/settings.svelte.ts';
import { fakeApi } from '../fake-api.ts';
import { settingsWith } from '../settings-fixture.ts';
import WithTooltips from '../shared/with-tooltips.svelte';

vi.mock('../../../../renderer/api/api.ts', async () => ({
  api: (await import('../fake-api.ts')).fakeApi,
  bridge: undefined,
}));

beforeEach(() => {
  settings.use(settingsWith({ language: 'en', packId: 'gone' }));
  fakeApi.reset({
    'packs.list': () => [
      { key: 'broken', bundled: false, error: { code: 'pack/damaged', message: 'x' } },
      { key: 'good', id: 'good', bundled: true, presets: [{ id: 'own', name: 'Own', description: '' }] },
    ],
    'restore.enqueue': () => ({ batchId: 1, jobs: 2 }),
  });
});

test('a damaged pack does not stand in the way of one that can be used', async () => {
  const ondone = vi.fn();
  render(WithTooltips, { tested: RestoreDialog, given: { ids: [1, 2], onclose: vi.fn(), ondone } });
  expect(await screen.findByRole('radio', { name: /Own/ })).toBeTruthy();
  await fireEvent.click(screen.getByRole('button', { name: 'Restore' }));
  await waitFor(() => expect(ondone).toHaveBeenCalledOnce());
  expect(fakeApi.called('restore.enqueue')).toEqual([
    { photoIds: [1, 2], settings: { preset: 'own', speed: 'normal' } },
  ]);
});
