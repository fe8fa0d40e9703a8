import { fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { beforeEach, expect, test, vi } from 'vitest';
import { ApiError } from '../../../../renderer/api/api-error.ts';
import FindMissingDialog from '../../../../renderer/components/library/find-missing-dialog.svelte';
import { finding } from '../../../../renderer/state/find-missing.svelte.ts';
import { settings } from '../../../../renderer/state/settings.svelte.ts';
import { toasts } from '../../../../renderer/state/toasts.svelte.ts';
import { undo } from '../../../../renderer/state/undo.svelte.ts';
import { fakeApi } from '../fake-api.ts';
import { settingsWith } from '../settings-fixture.ts';
import WithTooltips from '../shared/with-tooltips.svelte';

vi.mock('../../../../renderer/api/api.ts', async () => ({
  api: (await import('../fake-api.ts')).fakeApi,
  bridge: host,
}));
const host = vi.hoisted(() => ({ pickFolder: vi.fn<() => Promise<string | null>>() }));

const FAILED = { name: 'a.jpg', code: 'output/unwritable', message: 'No space is left.' };

beforeEach(async () => {
  settings.use(settingsWith({ language: 'en' }));
  finding.close();
  toasts.list = [];
  fakeApi.reset({
    'undo.state': () => ({ undo: 'photos.findMissing', redo: null }),
    'undo.undo': () => ({ label: 'photos.findMissing' }),
  });
  await undo.read();
  render(WithTooltips, { tested: FindMissingDialog, given: {} });
  finding.begin();
  await screen.findByRole('dialog', { name: 'Look for missing originals' });
});

const dialog = (): HTMLElement | null => screen.queryByRole('dialog');
const press = (name: string): Promise<unknown> => fireEvent.click(screen.getByRole('button', { name }));

async function look(folder: string): Promise<void> {
  const field = screen.getByLabelText('Folder');
  await fireEvent.input(field, { target: { value: folder } });
  await fireEvent.keyDown(field, { key: 'Enter' });
}

/** An answer that comes when it is told to. */
function later(answer: object): () => void {
  const { promise, resolve } = Promise.withResolvers<object>();
  fakeApi.answers['photos.findMissing'] = () => promise;
  return () => resolve(answer);
}

test('all that is found closes it, and can be undone in one step', async () => {
  fakeApi.answers['photos.findMissing'] = () => ({ found: 3, stillMissing: 0, failed: [], cancelled: false });
  expect(screen.getByRole('button', { name: 'Look' }).hasAttribute('disabled')).toBe(true);
  await look(' /new/pictures ');
  expect(fakeApi.called('photos.findMissing')).toEqual([
    { key: expect.any(String) as string, folder: '/new/pictures' },
  ]);
  await waitFor(() => expect(dialog()).toBeNull());
  expect(toasts.list[0]?.text).toBe('3 originals were found again. No original is missing any more.');
  await toasts.list[0]?.action?.run();
  expect(fakeApi.called('undo.undo')).toHaveLength(1);
});

test('says how many were found and are missing, and names what failed and why', async () => {
  const answer = later({ found: 2, stillMissing: 4, failed: [FAILED], cancelled: false });
  await look('/new');
  expect((await screen.findByRole('status')).textContent).toContain('Looking through /new');
  expect(screen.queryByRole('button', { name: 'Look' })).toBeNull();
  answer();
  const report = await screen.findByText('2 originals were found again. 4 originals are still missing.');
  expect(report.closest('[role="status"]')).toBeTruthy();
  expect(dialog()?.contains(document.activeElement)).toBe(true);
  expect(screen.getByText('1 original was found, and could not be taken in:')).toBeTruthy();
  expect(screen.getByRole('listitem').textContent).toMatch(/a\.jpg.*No space is left\..*Check the folder/s);
  expect(toasts.list).toEqual([]);
  await press('Done');
  await waitFor(() => expect(dialog()).toBeNull());
  expect(toasts.list.map(({ text, action }) => [text, action?.label])).toEqual([
    ['2 originals were found again. 4 originals are still missing.', 'Undo'],
  ]);
});

test('does not offer to undo what was done since', async () => {
  fakeApi.answers['photos.findMissing'] = () => ({ found: 1, stillMissing: 1, failed: [], cancelled: false });
  await look('/new');
  await screen.findByText('1 original was found again. 1 original is still missing.');
  fakeApi.answers['undo.state'] = () => ({ undo: 'albums.create', redo: null });
  await undo.read();
  await press('Done');
  expect(toasts.list).toEqual([]);
});

test('where nothing was found, another folder can be tried', async () => {
  fakeApi.answers['photos.findMissing'] = () => ({ found: 0, stillMissing: 2, failed: [], cancelled: false });
  await look('/old');
  await screen.findByText('No missing original is in this folder. 2 originals are still missing.');
  await press('Look in another folder');
  expect(screen.getByLabelText<HTMLInputElement>('Folder').value).toBe('/old');
  await press('Cancel');
  await waitFor(() => expect(dialog()).toBeNull());
  expect(toasts.list).toEqual([]);
});

test('a folder that is not there is said at its field', async () => {
  fakeApi.answers['photos.findMissing'] = () => {
    throw new ApiError('input/not-found', '/no: no such file or folder.');
  };
  await look('/no');
  await waitFor(() => expect(screen.getByLabelText('Folder').getAttribute('aria-invalid')).toBe('true'));
  expect(toasts.list).toEqual([]);
});

test('goes on while it is closed, says what came of it, and shows it when it is opened', async () => {
  const answer = later({ found: 0, stillMissing: 1, failed: [FAILED], cancelled: false });
  await look('/new');
  await press('Go on in the background');
  await waitFor(() => expect(dialog()).toBeNull());
  finding.begin();
  await screen.findByRole('dialog');
  expect((await screen.findByRole('status')).textContent).toContain('Looking through /new');
  finding.close();
  answer();
  await waitFor(() => expect(toasts.list).toHaveLength(1));
  expect(toasts.list[0]).toMatchObject({
    text: 'No original could be brought back. 1 original is still missing.',
    action: { label: 'Details' },
  });
  toasts.list[0]?.action?.run();
  expect((await screen.findByRole('listitem')).textContent).toContain('a.jpg');
});

test('says how far it is, and can be stopped: what is found stays', async () => {
  const answer = later({ found: 1, stillMissing: 3, failed: [], cancelled: true });
  fakeApi.answers['photos.stopFinding'] = () => (answer(), null);
  await look('/disk');
  const bar = await screen.findByRole('progressbar', { name: /Looking through .?\/disk/ });
  expect(bar.getAttribute('aria-valuetext')).toBeNull();
  const [{ key } = { key: '' }] = fakeApi.called('photos.findMissing') as { key: string }[];
  const far = { kind: 'find-missing', looked: 1200, found: 1, missing: 4 } as const;
  fakeApi.send({ ...far, key: 'another', looked: 7 });
  fakeApi.send({ ...far, key });
  await screen.findByText('1,200 files looked at · 1 of 4 originals found');
  expect(bar.getAttribute('aria-valuetext')).toBe('1,200 files looked at · 1 of 4 originals found');
  await press('Stop looking');
  expect(fakeApi.called('photos.stopFinding')).toEqual([{ key }]);
  await screen.findByText(
    'Stopped before the whole folder was looked through. 1 original was found again. 3 originals are still missing.',
  );
  await press('Look in another folder');
  later({ found: 0, stillMissing: 3, failed: [], cancelled: true })();
  await look('/disk');
  // Nothing of that it is not there: that is not known.
  await screen.findByText(
    'Stopped before the whole folder was looked through. 3 originals are still missing.',
  );
});

test('Electron asks the machine for the folder', async () => {
  host.pickFolder.mockResolvedValueOnce('/drive').mockResolvedValueOnce(null);
  await press('Choose …');
  await waitFor(() => expect(screen.getByLabelText<HTMLInputElement>('Folder').value).toBe('/drive'));
  await press('Choose …');
  expect(host.pickFolder).toHaveBeenLastCalledWith('import');
  expect(screen.getByLabelText<HTMLInputElement>('Folder').value).toBe('/drive');
});
