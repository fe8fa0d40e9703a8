import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeZip, type ZipEntry } from '../fixtures/make-zip.ts';
import { TINY_PACK } from '../fixtures/tiny-pack.ts';
import { expect, photoId, queueDone, test } from './heirloom.ts';

test.use({ pack: 'real' });

async function packZip(path: string): Promise<void> {
  const entries: ZipEntry[] = [];
  for (const name of await readdir(TINY_PACK))
    entries.push({ name: `tiny/${name}`, data: await readFile(join(TINY_PACK, name)) });
  await writeFile(path, makeZip(entries));
}

test('a model pack is sent as a zip, checked, restores a photo, and is removed', async ({
  heirloom,
  server,
  folder,
}) => {
  const zip = join(folder, 'tiny.zip');
  await packZip(zip);
  await heirloom.getByRole('navigation').getByText('Models').click();
  const picker = heirloom.locator('input[type=file][accept*=zip]');

  await writeFile(join(folder, 'letter.zip'), 'Dear Anna, no pack this time.');
  await picker.setInputFiles(join(folder, 'letter.zip'));
  await expect(heirloom.getByRole('alert').first()).toBeVisible();
  expect(await server.call('packs.list', {})).toHaveLength(1);

  await picker.setInputFiles(zip);
  await expect(heirloom.getByText('Tiny was imported')).toBeVisible();
  const card = heirloom.getByRole('article', { name: 'Tiny' });
  await card.getByRole('button', { name: 'Check: Tiny' }).click();
  await expect(card.getByText('Nothing wrong was found')).toBeVisible({ timeout: 60_000 });
  await card.getByRole('button', { name: 'Use this pack: Tiny' }).click();
  await expect(card.getByText('In use').first()).toBeVisible();
  await expect(card.getByRole('button', { name: 'Use this pack: Tiny' })).toBeHidden();

  const id = await photoId(server, 'portrait-1938.jpg');
  await server.call('restore.enqueue', { photoIds: [id], settings: { speed: 'draft' } });
  const { jobs } = await queueDone(server);
  expect(jobs[0]).toMatchObject({ state: 'done', error: null });
  const { versions } = await server.call('photos.get', { id });
  expect(versions.at(-1)?.recipe.pack.id).toBe('tiny-32');

  await server.call('settings.set', { packId: 'family-256' });
  await card.getByRole('button', { name: 'Remove: Tiny' }).click();
  await heirloom.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await expect(card).toBeHidden();
  expect((await server.call('packs.list', {})).map(({ key }) => key)).toEqual(['family-256']);
});
