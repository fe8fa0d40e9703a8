import { join } from 'node:path';
import { appendFile, truncate } from 'node:fs/promises';
import { copySamples, expect, photoId, queueDone, test } from './heirloom.ts';

const SETTINGS = { preset: 'faithful', speed: 'draft' } as const;

test('a batch of ten with one bad file: nine are done, one has failed and says why', async ({
  heirloom,
  server,
  folder,
}) => {
  const names = Array.from({ length: 10 }, (_, i) => `batch-${i}.jpg`);
  const photos = await copySamples(
    folder,
    Object.fromEntries(names.map((name) => [name, 'portrait-1938.jpg'])),
  );
  for (const name of names) await appendFile(join(photos, name), name);
  await server.call('settings.set', { detectOnImport: false });
  const { id } = await server.call('import.start', { paths: [photos], mode: 'in-place' });
  await expect
    .poll(async () => (await server.call('import.list', {})).find((report) => report.id === id)?.imported)
    .toBe(10);
  await truncate(join(photos, 'batch-4.jpg'), 5000);

  await heirloom.getByRole('textbox', { name: 'Search the library' }).fill('batch');
  await expect(heirloom.getByRole('gridcell')).toHaveCount(10);
  await heirloom.getByRole('textbox', { name: 'Search the library' }).press('Enter');
  await heirloom.getByRole('gridcell').first().click();
  await heirloom.keyboard.press('Control+a');
  await heirloom.getByRole('button', { name: 'Restore', exact: true }).click();
  const dialog = heirloom.getByRole('dialog');
  await dialog.locator('label', { hasText: 'Draft' }).click();
  await dialog.getByRole('button', { name: 'Restore', exact: true }).click();

  const { jobs } = await queueDone(server);
  expect(jobs.filter(({ state }) => state === 'done')).toHaveLength(9);
  const failed = jobs.filter(({ state }) => state === 'failed');
  expect(failed.map(({ photoName }) => photoName)).toEqual(['batch-4.jpg']);
  await expect(heirloom.getByText(/9 photos restored.*1 failed/)).toBeVisible();
  await heirloom.getByRole('navigation').getByText('Queue').click();
  await expect(heirloom.getByText('batch-4.jpg', { exact: true })).toBeVisible();
  await expect(heirloom.getByText(failed[0]!.error!.message)).toBeVisible();
});

test.describe('with the real pack', () => {
  test.use({ pack: 'real' });

  test('a job that is cancelled leaves nothing behind', async ({ heirloom, server }) => {
    const id = await photoId(server, 'group-1921.jpg');
    await server.call('restore.enqueue', { photoIds: [id], settings: { ...SETTINGS, speed: 'normal' } });
    await heirloom.getByRole('navigation').getByText('Queue').click();
    await expect(heirloom.getByText(/^Step \d+ of \d+$/).first()).toBeVisible({ timeout: 60_000 });
    await heirloom.getByRole('button', { name: 'Cancel: group-1921.jpg' }).click();
    await expect(heirloom.getByText('Cancelled', { exact: true })).toBeVisible();
    const { versions } = await server.call('photos.get', { id });
    expect(versions).toEqual([]);
  });

  test('Heirloom is killed in the middle of a job, and the job goes on when it is opened again', async ({
    server,
    start,
    page,
  }) => {
    const id = await photoId(server, 'group-1921.jpg');
    await server.call('restore.enqueue', { photoIds: [id], settings: { ...SETTINGS, speed: 'normal' } });
    await expect
      .poll(async () => (await server.call('jobs.list', {})).jobs[0]?.face, {
        timeout: 60_000,
        intervals: [100],
      })
      .toBeGreaterThan(0);
    await server.stop('SIGKILL');

    const again = await start(server.library);
    await page.goto(again.address);
    const { jobs } = await queueDone(again);
    expect(jobs).toMatchObject([{ photoName: 'group-1921.jpg', state: 'done' }]);
    await expect(page.getByRole('gridcell', { name: /group-1921\.jpg.*Restored/ })).toBeVisible();
    expect((await again.call('photos.get', { id })).versions).toHaveLength(1);
  });
});
