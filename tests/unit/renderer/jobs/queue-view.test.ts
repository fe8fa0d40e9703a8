import { fireEvent, render, screen, within } from '@testing-library/svelte';
import { tick } from 'svelte';
import { beforeEach, expect, test, vi } from 'vitest';
import type { Job } from '../../../../contract/library.ts';
import { restoreSettingsSchema } from '../../../../contract/restore.ts';
import { jobs } from '../../../../renderer/state/jobs.svelte.ts';
import { settings } from '../../../../renderer/state/settings.svelte.ts';
import QueueView from '../../../../renderer/views/queue-view.svelte';
import { fakeApi } from '../fake-api.ts';
import { settingsWith } from '../settings-fixture.ts';
import WithTooltips from '../shared/with-tooltips.svelte';
import { makeJob, makeQueue } from './make-job.ts';

vi.mock('../../../../renderer/api/api.ts', async () => ({
  api: (await import('../fake-api.ts')).fakeApi,
  bridge: undefined,
}));

let list: Job[];
async function show(...shown: Job[]): Promise<void> {
  list = shown;
  await jobs.load();
  render(WithTooltips, { tested: QueueView, given: {} });
}

beforeEach(() => {
  settings.use(settingsWith({ language: 'en' }));
  fakeApi.reset({
    'jobs.list': () => makeQueue(list, { secondsLeft: 90 }),
    'jobs.control': () => null,
    'jobs.move': ({ id, before }: { id: number; before: number | null }) => {
      const moved = list.filter((job) => job.id !== id);
      const at = before === null ? moved.length : moved.findIndex((job) => job.id === before);
      list = moved.toSpliced(at, 0, ...list.filter((job) => job.id === id));
      return null;
    },
    'jobs.pauseAll': () => null,
    'jobs.clearFinished': () => null,
  });
});

test('a running job tells its face, step and time, for eyes and for screen readers', async () => {
  await show(makeJob(1, { state: 'running', faces: 3, face: 1, steps: 15, step: 6, secondsLeft: 42 }));
  const bar = screen.getByRole('progressbar', { name: 'Progress of photo-1.jpg' });
  expect(bar.getAttribute('aria-valuenow')).toBe('47');
  expect(bar.getAttribute('aria-valuetext')).toBe('47%, face 2 of 3, step 6 of 15');
  expect(screen.getByText('Face 2 of 3')).toBeTruthy();
  expect(screen.getByText('About 40 seconds left')).toBeTruthy();
});

test('a failed job shows title, message and advice, and can be tried again', async () => {
  const error = { code: 'input/damaged', message: 'scan.jpg ends after 12 of 40 rows' };
  await show(makeJob(1, { state: 'failed', error }));
  expect(screen.getByText('Damaged picture')).toBeTruthy();
  expect(screen.getByText(error.message)).toBeTruthy();
  expect(screen.getByText('The file is cut short or corrupt; look for another copy.')).toBeTruthy();
  await fireEvent.click(screen.getByRole('button', { name: 'Retry: photo-1.jpg' }));
  expect(fakeApi.called('jobs.control')).toEqual([{ ids: [1], action: 'retry' }]);
});

test('the arrow keys move a waiting job, the focus goes with it, and it is said aloud', async () => {
  await show(makeJob(1), makeJob(2), makeJob(3));
  const handle = screen.getByRole('button', { name: /^Move photo-1\.jpg\. Place 1 of 3/ });
  handle.focus();
  await fireEvent.keyDown(handle, { key: 'ArrowDown' });
  await tick();
  expect(fakeApi.called('jobs.move')).toEqual([{ id: 1, before: 3 }]);
  expect(document.activeElement?.getAttribute('aria-label')).toMatch(/^Move photo-1\.jpg\. Place 2 of 3/);
  expect(screen.getByText('photo-1.jpg is now at place 2 of 3.')).toBeTruthy();
});

test('paused and waiting jobs can be resumed, paused and cancelled', async () => {
  await show(makeJob(1, { state: 'paused' }), makeJob(2));
  await fireEvent.click(screen.getByRole('button', { name: 'Go on: photo-1.jpg' }));
  await fireEvent.click(screen.getByRole('button', { name: 'Pause: photo-2.jpg' }));
  await fireEvent.click(screen.getByRole('button', { name: 'Cancel: photo-2.jpg' }));
  expect(fakeApi.called('jobs.control')).toEqual([
    { ids: [1], action: 'resume' },
    { ids: [2], action: 'pause' },
    { ids: [2], action: 'cancel' },
  ]);
});

test('all that failed are tried again with one press; those that are done are not', async () => {
  await show(makeJob(1, { state: 'failed' }), makeJob(2, { state: 'done' }), makeJob(3, { state: 'failed' }));
  await fireEvent.click(screen.getByRole('button', { name: 'Retry failed' }));
  expect(fakeApi.called('jobs.control')).toEqual([{ ids: [1, 3], action: 'retry' }]);
});

test('stopping everything asks first, and stops what runs and waits', async () => {
  await show(makeJob(1, { state: 'running' }), makeJob(2), makeJob(3, { state: 'done' }));
  await fireEvent.click(screen.getByRole('button', { name: 'Stop all' }));
  expect(fakeApi.called('jobs.control')).toEqual([]);
  const dialog = await screen.findByRole('dialog');
  await fireEvent.click(within(dialog).getByRole('button', { name: 'Stop all' }));
  expect(fakeApi.called('jobs.control')).toEqual([{ ids: [1, 2], action: 'cancel' }]);
});

test('of a long batch a hundred rows are drawn, more on demand', async () => {
  await show(...Array.from({ length: 250 }, (_, index) => makeJob(index + 1)));
  // Roles of so many rows take jsdom a minute.
  const rows = (): number => document.querySelectorAll('[data-job]').length;
  expect(rows()).toBe(100);
  await fireEvent.click(screen.getByText('Show 100 more'));
  expect(rows()).toBe(200);
});

test('an empty queue says what to do', async () => {
  await show();
  expect(screen.getByRole('heading', { name: 'Nothing to do' })).toBeTruthy();
  expect(screen.getByRole('button', { name: 'Go to the library' })).toBeTruthy();
});

test('a job tells in every state how many faces have settings of their own', async () => {
  const settings = restoreSettingsSchema.parse({ perFace: { 0: { seed: 1 }, 2: { seed: 2 } } });
  const states = ['running', 'waiting', 'done'] as const;
  const finishedAt = '2026-11-21T10:00:00.000Z';
  await show(
    ...states.map((state, i) =>
      makeJob(i, { state, settings, finishedAt: state === 'done' ? finishedAt : null }),
    ),
    makeJob(9),
  );
  expect(screen.getAllByText('2 faces with settings of their own')).toHaveLength(3);
});
