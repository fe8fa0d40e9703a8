import { choose, expect, openPhoto, photoId, queueDone, test } from './heirloom.ts';

const PHOTO = 'couple-1968.jpg';

test('one face is restored by settings of its own, in one version with the others', async ({
  heirloom,
  server,
}) => {
  await openPhoto(heirloom, PHOTO);
  await choose(heirloom, 'Speed', 'Draft');
  const faces = heirloom.getByRole('region', { name: /^Faces, / });
  await faces.getByRole('button', { name: 'Face 2' }).click();
  // By keyboard: the arrow chooses the other of the two.
  await heirloom.getByRole('radio', { name: 'All faces' }).focus();
  await heirloom.keyboard.press('ArrowRight');
  await expect(heirloom.getByRole('radio', { name: 'Face 2 only' })).toBeChecked();
  await expect(heirloom.getByRole('radio', { name: 'Face 2 only' })).toBeFocused();
  await choose(heirloom, 'Preset', 'Faithful');
  await expect(heirloom.getByRole('group', { name: 'Output size' })).toHaveCount(0);
  // What is half typed is still of the face when another one's frame is pressed.
  await heirloom.getByRole('button', { name: 'Show faces' }).click();
  const seed = heirloom.getByRole('textbox', { name: 'Seed' });
  await seed.fill('7');
  await heirloom.getByRole('button', { name: /^Face 1, Blur/ }).click({ position: { x: 8, y: 20 } });
  await expect(seed).toHaveValue('0');
  await expect(heirloom.getByRole('radio', { name: 'Balanced' })).toBeChecked();
  await expect(faces.getByRole('button', { name: 'Face 2, Settings of its own' })).toBeVisible();
  await heirloom.getByRole('button', { name: 'Restore photo' }).click();

  const version = heirloom
    .getByRole('region', { name: 'Versions' })
    .getByRole('button', { name: /^Version 1, Balanced.* · Face 2 has settings of its own$/ });
  await expect(version).toBeVisible({ timeout: 90_000 });
  const { versions } = await server.call('photos.get', { id: await photoId(server, PHOTO) });
  expect(versions[0]?.recipe.settings).toMatchObject({
    ...{ preset: 'balanced', seed: 0 },
    perFace: { 1: { preset: 'faithful', seed: 7 } },
  });
  expect(versions[0]?.faces.map(({ seed }) => seed)).toEqual([0, 7]);
  await heirloom.getByRole('radio', { name: 'Details' }).locator('..').click();
  await expect(heirloom.getByText('Faithful · Seed 7')).toBeVisible();

  // Back to those of all faces, and that undone.
  await heirloom.getByRole('radio', { name: 'Restore', exact: true }).locator('..').click();
  await faces.getByRole('button', { name: /^Face 2/ }).click();
  await choose(heirloom, 'Settings for', 'All faces');
  await expect(faces.getByRole('button', { name: 'Face 2', exact: true })).toBeVisible();
  await heirloom.getByRole('button', { name: 'Undo' }).last().click();
  await expect(faces.getByRole('button', { name: 'Face 2, Settings of its own' })).toBeVisible();
});

test("a version's settings are used again after a new start, those of single faces too", async ({
  heirloom,
  server,
}) => {
  const id = await photoId(server, PHOTO);
  const perFace = { 1: { preset: 'faithful', seed: 7, grain: 1 } };
  await server.call('restore.enqueue', {
    photoIds: [id],
    settings: { preset: 'detailed', speed: 'draft', seed: 4, scale: 2, perFace },
  });
  await queueDone(server);
  await heirloom.reload();
  await openPhoto(heirloom, PHOTO);
  const faces = heirloom.getByRole('region', { name: /^Faces, / });
  const preset = (name: string) => heirloom.getByRole('radio', { name: new RegExp(`^${name}`) });
  await expect(preset('Balanced')).toBeChecked();
  const versions = heirloom.getByRole('region', { name: 'Versions' });
  const again = versions.getByRole('button', { name: 'Use the settings of version 1 again' });
  const use = async () => {
    // By keyboard: the version's picture, then its tools.
    await versions.getByRole('button', { name: /^Version 1, Detailed/ }).focus();
    await heirloom.keyboard.press('Tab');
    await expect(again).toBeFocused();
    await heirloom.keyboard.press('Enter');
    await expect(preset('Detailed')).toBeChecked();
    await expect(faces.getByRole('button', { name: 'Face 2, Settings of its own' })).toBeVisible();
  };
  await use();
  await heirloom.getByRole('button', { name: 'Undo' }).last().click();
  await expect(preset('Balanced')).toBeChecked();
  await expect(faces.getByRole('button', { name: 'Face 2', exact: true })).toBeVisible();

  await use();
  await heirloom.getByRole('button', { name: 'Restore again' }).click();
  await expect(versions.getByRole('button', { name: /^Version 2, Detailed/ })).toBeVisible({
    timeout: 90_000,
  });
  const { versions: made } = await server.call('photos.get', { id });
  expect(made[1]?.recipe.settings).toEqual(made[0]?.recipe.settings);
  expect(made[1]?.sha256).toBe(made[0]?.sha256);
});
