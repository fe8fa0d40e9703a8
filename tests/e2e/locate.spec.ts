import { rm } from 'node:fs/promises';
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
