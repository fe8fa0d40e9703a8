import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { copySamples, expect, openPhoto, photoId, SAMPLES, test } from './heirloom.ts';

test('a missing original is chosen in the browser; another file is refused', async ({
  heirloom,
  server,
  folder,
}) => {
  const photos = await copySamples(folder, { 'aunt.jpg': 'couple-1968.jpg' });
  const sample = await photoId(server, 'couple-1968.jpg');
  await server.call('photos.bin', { ids: [sample] });
  await server.call('bin.empty', {});
  await server.call('import.start', { paths: [photos], mode: 'in-place' });
  await expect(heirloom.getByRole('gridcell', { name: 'aunt.jpg' })).toBeVisible();
  await rm(join(photos, 'aunt.jpg'));

  await openPhoto(heirloom, 'aunt.jpg');
  const note = heirloom.getByRole('alert').filter({ hasText: 'The original is missing' });
  await expect(note).toBeVisible();
  await note.getByLabel('Choose the file').setInputFiles(join(SAMPLES, 'family-1974.jpg'));
  await expect(heirloom.getByText(/family-1974\.jpg is not the file of aunt\.jpg/)).toBeVisible();
  await expect(note).toBeVisible();
  await note.getByLabel('Choose the file').setInputFiles(join(SAMPLES, 'couple-1968.jpg'));
  await expect(heirloom.getByText('The original is found again.')).toBeVisible();
  await expect(note).toBeHidden();
  const photo = await server.call('photos.get', { id: await photoId(server, 'aunt.jpg') });
  expect(photo).toMatchObject({ missing: false, storage: 'copied' });
});

test('all missing originals are looked for in a folder, and undo takes that back at once', async ({
  heirloom,
  server,
  folder,
}) => {
  const names = { 'aunt.jpg': 'couple-1968.jpg', 'uncle.jpg': 'family-1974.jpg' };
  for (const sample of Object.values(names))
    await server.call('photos.bin', { ids: [await photoId(server, sample)] });
  await server.call('bin.empty', {});
  const photos = await copySamples(folder, names);
  await server.call('import.start', { paths: [photos], mode: 'in-place' });
  for (const name of Object.keys(names)) await expect(heirloom.getByRole('gridcell', { name })).toBeVisible();
  const moved = join(folder, 'new drive');
  await rename(photos, moved);
  await rm(join(moved, 'uncle.jpg'));
  // Each is noticed when it is looked at.
  for (const name of Object.keys(names)) await server.call('photos.get', { id: await photoId(server, name) });

  await heirloom.getByRole('combobox', { name: 'Which photos' }).selectOption('missing');
  await expect(heirloom.getByRole('gridcell')).toHaveCount(2);
  await heirloom.getByRole('button', { name: 'Look for missing originals in a folder' }).press('Enter');
  const dialog = heirloom.getByRole('dialog', { name: 'Look for missing originals' });
  await expect(dialog.getByLabel('Folder')).toBeFocused();
  await heirloom.keyboard.type(join(folder, 'no such folder'));
  await heirloom.keyboard.press('Enter');
  await expect(dialog.getByText(/no such folder: no such file or folder/)).toBeVisible();
  await dialog.getByLabel('Folder').fill(moved);
  await heirloom.keyboard.press('Enter');
  await expect(dialog.getByRole('status')).toHaveText(
    '1 original was found again. 1 original is still missing.',
  );
  await heirloom.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(heirloom.getByRole('gridcell')).toHaveCount(1);
  const aunt = await photoId(server, 'aunt.jpg');
  expect(await server.call('photos.get', { id: aunt })).toMatchObject({
    missing: false,
    location: join(moved, 'aunt.jpg'),
  });
  await heirloom.getByRole('button', { name: 'Undo', exact: true }).last().click();
  await expect(heirloom.getByText('Undone: finding of missing originals')).toBeVisible();
  await expect(heirloom.getByRole('gridcell')).toHaveCount(2);
});
