import { appendFile, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { copySamples, expect, openPhoto, photoId, queueDone, test } from './heirloom.ts';

test('exports with metadata and a note, and asks before it replaces a file', async ({
  heirloom,
  server,
  folder,
}) => {
  const id = await photoId(server, 'portrait-1938.jpg');
  await server.call('restore.enqueue', { photoIds: [id], settings: { speed: 'draft' } });
  await queueDone(server);
  const target = join(folder, 'for the family');
  await openPhoto(heirloom, 'portrait-1938.jpg');

  const dialog = heirloom.getByRole('dialog');
  const picture = dialog.getByLabel('Picture', { exact: true });
  const run = async () => {
    await heirloom.getByRole('button', { name: 'Export', exact: true }).first().click();
    await expect(picture.locator('option:checked')).toHaveText('Version 1, Balanced');
    await dialog.getByLabel('Folder').fill(target);
    await dialog.getByRole('button', { name: 'Export', exact: true }).click();
  };
  await run();
  await expect(dialog.getByText('1 photo written')).toBeVisible();
  await dialog.getByRole('button', { name: 'Done' }).click();
  expect(await readdir(target)).toEqual(['portrait-1938-restored.jpg']);

  const file = join(target, 'portrait-1938-restored.jpg');
  const written = await readFile(file);
  const { width, height, format, xmp } = await sharp(written).metadata();
  expect({ width, height, format }).toEqual({ width: 640, height: 800, format: 'jpeg' });
  expect(xmp?.toString()).toContain('Faces restored by Heirloom');

  await run();
  await expect(dialog).toContainText('portrait-1938-restored.jpg');
  expect(await readFile(file)).toEqual(written);
  await dialog.getByText('Keep both').click();
  await expect(dialog.getByText('1 photo written')).toBeVisible();
  expect(await readdir(target)).toHaveLength(2);
  expect(await readFile(file)).toEqual(written);
});

test('an export of many photos tells how far it is; cancelled, it keeps what is written and adds up', async ({
  heirloom,
  server,
  folder,
}) => {
  const names = Array.from({ length: 40 }, (_, i) => `trip-${i}.jpg`);
  const photos = await copySamples(folder, Object.fromEntries(names.map((name) => [name, 'group-1921.jpg'])));
  for (const name of names) await appendFile(join(photos, name), name);
  await server.call('settings.set', { detectOnImport: false });
  await server.call('import.start', { paths: [photos], mode: 'in-place' });
  await heirloom.getByRole('textbox', { name: 'Search the library' }).fill('trip');
  await expect.poll(() => server.call('timeline.ids', { query: { text: 'trip' } })).toHaveLength(40);
  await heirloom.getByRole('gridcell').first().click();
  await heirloom.keyboard.press('Control+a');
  await heirloom.getByRole('button', { name: 'Export', exact: true }).click();
  const dialog = heirloom.getByRole('dialog');
  await expect(dialog).toContainText('40 of 40 are not restored: their originals are copied.');
  const target = join(folder, 'out');
  await dialog.getByLabel('Folder').fill(target);
  // Every pixel is written anew, which takes a moment.
  await dialog.getByLabel('Format').selectOption('png');
  await dialog.getByRole('button', { name: 'Export', exact: true }).click();
  await expect(dialog.getByText(/^[1-9]\d* of 40$/)).toBeVisible();
  await dialog.getByRole('button', { name: 'Cancel', exact: true }).click();
  await expect(dialog.getByText(/not written: cancelled/)).toBeVisible();
  const numbers = (await dialog.getByRole('status').innerText()).match(/\d+/g)!.map(Number);
  const written = await readdir(target);
  expect(written.length).toBeGreaterThan(0);
  expect(numbers.slice(0, 2)).toEqual([written.length, 40 - written.length]);
  for (const name of written) expect(name).toMatch(/^trip-\d+\.png$/);
  for (const name of written) expect((await sharp(join(target, name)).metadata()).format).toBe('png');
});
