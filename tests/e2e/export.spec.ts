import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, openPhoto, photoId, queueDone, test } from './heirloom.ts';

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
  const run = async () => {
    await heirloom.getByRole('button', { name: 'Export', exact: true }).first().click();
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
