import { appendFile, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { copySamples, expect, photoId, test, type Server } from './heirloom.ts';

/** Photos of different bytes, more than are imported in the blink of an eye. */
async function manyPhotos(folder: string, count: number): Promise<string> {
  const names = Array.from({ length: count }, (_, i) => `many-${String(i).padStart(3, '0')}.jpg`);
  const photos = await copySamples(
    folder,
    Object.fromEntries(names.map((name) => [name, 'portrait-1938.jpg'])),
  );
  for (const name of names) await appendFile(join(photos, name), name);
  return photos;
}

async function onlyReport(server: Server) {
  const reports = await server.call('import.list', {});
  expect(reports).toHaveLength(1);
  return reports[0]!;
}

test('an import is paused, goes on, and is cancelled; what came stays, and is undone at once', async ({
  heirloom,
  server,
  folder,
}) => {
  await server.call('settings.set', { detectOnImport: false });
  const photos = await manyPhotos(folder, 200);
  await server.call('import.start', { paths: [photos], mode: 'in-place' });
  const cards = heirloom.getByRole('region', { name: 'Imports' });
  await cards.getByRole('button', { name: 'Pause' }).click();
  await expect(cards.getByText('Import paused')).toBeVisible();
  // The files in work come to their end; then nothing moves.
  let before = -1;
  await expect
    .poll(
      async () => {
        const { done } = await onlyReport(server);
        const still = done === before;
        before = done;
        return still;
      },
      { intervals: [1000] },
    )
    .toBe(true);
  expect(before).toBeLessThan(200);
  expect((await onlyReport(server)).state).toBe('paused');

  await cards.getByRole('button', { name: 'Go on' }).click();
  await expect.poll(async () => (await onlyReport(server)).done).toBeGreaterThan(before);
  await cards.getByRole('button', { name: 'Cancel' }).click();
  await expect(cards.getByText('Import cancelled')).toBeVisible();
  const { imported, alreadyThere, failedCount, done, state, photoIds } = await onlyReport(server);
  expect([state, alreadyThere, failedCount]).toEqual(['cancelled', 0, 0]);
  expect(imported).toBe(done);
  expect(imported).toBeLessThan(200);
  expect(photoIds).toHaveLength(imported);
  expect(await server.call('timeline.ids', { query: { text: 'many' } })).toHaveLength(imported);
  expect(await readdir(photos)).toHaveLength(200);

  await cards.getByRole('button', { name: 'Dismiss' }).click();
  await expect(cards.getByText('Import cancelled')).toBeHidden();
  await heirloom.getByRole('button', { name: 'Undo: import' }).click();
  await expect.poll(() => server.call('timeline.ids', { query: { text: 'many' } })).toHaveLength(0);
});

/**
 * As a file manager does it: the browser itself gives the page the entries of the folder. A busy page says late that it
 * takes what is dragged, and what is dropped sooner is lost, so both ends wait for what the page shows.
 */
async function dropPath(page: Page, path: string): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: [path], dragOperationsMask: 1 };
  const drag = (type: 'dragEnter' | 'dragOver' | 'drop') =>
    session.send('Input.dispatchDragEvent', { type, x: 700, y: 500, data });
  const target = page.getByText('Drop to import');
  await expect(async () => {
    await drag('dragEnter');
    await expect(target).toBeVisible({ timeout: 2000 });
  }).toPass();
  await expect(async () => {
    await drag('dragOver');
    await drag('drop');
    await expect(target).toBeHidden({ timeout: 2000 });
  }).toPass();
  await session.detach();
}

test('a folder that is dropped is imported with what lies below it, hidden files left out', async ({
  heirloom,
  server,
  folder,
}) => {
  const album = join(folder, 'album');
  await copySamples(album, { 'aunt.jpg': 'couple-1968.jpg', '.hidden.jpg': 'group-1921.jpg' });
  const deep = await copySamples(join(album, 'photos', '1974'), { 'Weihnachten.jpg': 'family-1974.jpg' });
  for (const file of [join(album, 'photos', 'aunt.jpg'), join(deep, 'Weihnachten.jpg')])
    await appendFile(file, 'another photo');
  await mkdir(join(album, 'empty'));

  await dropPath(heirloom, album);
  await expect(heirloom.getByText('2 imported')).toBeVisible();
  await expect(heirloom.getByRole('gridcell', { name: 'aunt.jpg' })).toBeVisible();
  await expect(heirloom.getByRole('gridcell', { name: 'Weihnachten.jpg' })).toBeVisible();
  const { done, total, failedCount } = await onlyReport(server);
  expect([done, total, failedCount]).toEqual([2, 2, 0]);
  const photo = await server.call('photos.get', { id: await photoId(server, 'Weihnachten.jpg') });
  expect(photo.storage).toBe('copied');
});

test('a folder that is watched brings the photos that lie there, and later ones', async ({
  heirloom,
  server,
  folder,
}) => {
  const scans = await copySamples(folder, { 'early.jpg': 'couple-1968.jpg' });
  await appendFile(join(scans, 'early.jpg'), 'another photo');
  await heirloom.getByRole('button', { name: 'Import', exact: true }).click();
  await heirloom.getByRole('menuitem', { name: 'Watched folders' }).click();
  const dialog = heirloom.getByRole('dialog', { name: 'Watched folders' });
  await dialog.getByLabel('Folder').fill(join(folder, 'no such folder'));
  await dialog.getByRole('button', { name: 'Watch', exact: true }).click();
  await expect(dialog.getByText(/no such folder/).first()).toBeVisible();
  await dialog.getByLabel('Folder').fill(scans);
  await dialog.getByText('Left in place').click();
  await dialog.getByRole('button', { name: 'Watch', exact: true }).click();
  await expect(dialog.getByRole('listitem')).toContainText(scans);
  await dialog.getByRole('button', { name: 'Close', exact: true }).last().click();
  await expect(heirloom.getByRole('gridcell', { name: 'early.jpg' })).toBeVisible();

  await copySamples(folder, { 'late.jpg': 'family-1974.jpg' });
  await appendFile(join(scans, 'late.jpg'), 'another photo');
  await expect(heirloom.getByRole('gridcell', { name: 'late.jpg' })).toBeVisible();
  const photo = await server.call('photos.get', { id: await photoId(server, 'late.jpg') });
  expect(photo).toMatchObject({ storage: 'in-place', location: join(scans, 'late.jpg') });

  const [watched] = await server.call('folders.list', {});
  await server.call('folders.unwatch', { id: watched!.id });
  expect(await server.call('folders.list', {})).toEqual([]);
});
