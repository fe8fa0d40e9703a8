import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { copySamples, expect, openPhoto, photoId, SAMPLES, test } from './heirloom.ts';

test('an original that was edited says so; what it holds now is kept, and that is undone', async ({
  heirloom,
  server,
  folder,
}) => {
  for (const name of ['couple-1968.jpg', 'family-1974.jpg'])
    await server.call('photos.bin', { ids: [await photoId(server, name)] });
  await server.call('bin.empty', {});
  const photos = await copySamples(folder, { 'aunt.jpg': 'couple-1968.jpg' });
  await server.call('import.start', { paths: [photos], mode: 'in-place' });
  await expect(heirloom.getByRole('gridcell', { name: 'aunt.jpg' })).toBeVisible();
  const id = await photoId(server, 'aunt.jpg');
  const before = await server.call('photos.get', { id });
  await cp(join(SAMPLES, 'family-1974.jpg'), join(photos, 'aunt.jpg'));

  await openPhoto(heirloom, 'aunt.jpg');
  const note = heirloom.getByRole('alert').filter({ hasText: 'The original has changed' });
  await expect(note).toContainText(join(photos, 'aunt.jpg'));
  await note.getByRole('button', { name: 'Keep what it holds now' }).click();
  await expect(note).toBeHidden();
  const after = await server.call('photos.get', { id });
  expect(after).toMatchObject({ missing: false, changed: false });
  expect(after.sha256).not.toBe(before.sha256);
  expect([after.width, after.height]).not.toEqual([before.width, before.height]);

  await heirloom.getByRole('button', { name: 'Undo', exact: true }).first().click();
  await expect(note).toBeVisible();
  expect(await server.call('photos.get', { id })).toMatchObject({ changed: true, sha256: before.sha256 });
  expect(await readFile(join(photos, 'aunt.jpg'))).toEqual(await readFile(join(SAMPLES, 'family-1974.jpg')));
});
