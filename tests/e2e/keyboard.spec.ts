import type { Page } from '@playwright/test';
import { expect, openPhoto, photoId, queueDone, test, type Server } from './heirloom.ts';

const PHOTO = 'portrait-1938.jpg';
/** Tab stops between two controls of a view; more is a trap. */
const MOST_STOPS = 90;

async function restored(page: Page, server: Server): Promise<void> {
  const id = await photoId(server, PHOTO);
  await server.call('restore.enqueue', { photoIds: [id], settings: { speed: 'draft' } });
  await queueDone(server);
  await openPhoto(page, PHOTO);
  await expect(page.getByRole('slider', { name: /^Split between/ })).toBeVisible();
}

/** Goes on with Tab until the control has the keyboard. */
async function tabTo(page: Page, role: 'slider' | 'radio' | 'button' | 'combobox', name: string | RegExp) {
  const control = page.getByRole(role, { name }).first();
  const hasFocus = () =>
    control.evaluate((element: { matches(what: string): boolean }) => element.matches(':focus'));
  for (let stop = 0; stop < MOST_STOPS; stop++) {
    if (await hasFocus()) return control;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Expected Tab to reach ${role} ${name} within ${MOST_STOPS} stops`);
}

test('compares in every way without a mouse', async ({ heirloom, server }) => {
  await restored(heirloom, server);
  const slider = await tabTo(heirloom, 'slider', /^Split between/);
  await heirloom.keyboard.press('End');
  await expect(slider).toHaveAttribute('aria-valuenow', '100');
  await heirloom.keyboard.press('ArrowLeft');
  await expect(slider).toHaveAttribute('aria-valuenow', '98');

  // `c` goes through the ways; each is where its name says.
  const mode = (name: string) => heirloom.getByRole('radio', { name, exact: true });
  await heirloom.keyboard.press('c');
  await expect(mode('Side by side')).toBeChecked();
  await expect(heirloom.locator('[data-pane]')).toHaveCount(2);

  await heirloom.keyboard.press('c');
  await expect(mode('Hold to peek')).toBeChecked();
  const name = heirloom.locator('[data-stage]').getByText(/^(Original|Version 1)$/);
  await expect(name).toHaveText('Version 1');
  await heirloom.keyboard.down(' ');
  await expect(name).toHaveText('Original');
  await heirloom.keyboard.up(' ');
  await expect(name).toHaveText('Version 1');

  await heirloom.keyboard.press('c');
  await expect(mode('Blink')).toBeChecked();
  await heirloom.keyboard.press(' ');
  await expect(heirloom.getByRole('button', { name: 'Blink', exact: true })).toBeVisible();

  await heirloom.keyboard.press('c');
  await expect(mode('Difference')).toBeChecked();
  const brighten = await tabTo(heirloom, 'button', 'Brighten');
  await expect(brighten).toHaveAttribute('aria-pressed', 'true');
  await heirloom.keyboard.press('Enter');
  await expect(brighten).toHaveAttribute('aria-pressed', 'false');
});

test('overlays are laid over the photo without a mouse', async ({ heirloom, server }) => {
  await restored(heirloom, server);
  await heirloom.locator('[data-draft="done"]').first().waitFor({ timeout: 60_000 });
  await tabTo(heirloom, 'combobox', 'Overlay on the photo');
  await heirloom.keyboard.press('ArrowDown');
  await expect(heirloom.getByRole('img', { name: 'Where the photo decides' })).toBeVisible();
  await heirloom.keyboard.press('ArrowDown');
  // On a face that leaves no room the four seeds agree, and the overlay says so.
  const invented = heirloom.getByRole('img', { name: 'What was invented' });
  await expect(invented.or(heirloom.getByText('The four agree')).first()).toBeVisible({ timeout: 90_000 });
  await heirloom.keyboard.press('Home');
  await expect(heirloom.getByRole('img', { name: 'What was invented' })).toHaveCount(0);
});

test('one Escape is enough: a tooltip that is open, and a button that was chosen, do not keep it', async ({
  heirloom,
}) => {
  await expect(heirloom.getByRole('gridcell')).toHaveCount(5);
  await heirloom.keyboard.press('?');
  const sheet = heirloom.getByRole('dialog', { name: /Keyboard/ });
  await sheet.getByRole('button', { name: 'Close' }).first().hover();
  await expect(heirloom.locator('.heirloom-tooltip')).toBeVisible();
  await heirloom.keyboard.press('Escape');
  await expect(sheet).toBeHidden();

  await openPhoto(heirloom, PHOTO);
  await heirloom.getByRole('button', { name: 'Turn left' }).hover();
  await expect(heirloom.locator('.heirloom-tooltip')).toBeVisible();
  await heirloom.keyboard.press('Escape');
  await expect(heirloom.getByRole('grid', { name: 'Photos by month' })).toBeVisible();

  await openPhoto(heirloom, PHOTO);
  await heirloom.getByRole('radio', { name: 'Details' }).check({ force: true });
  await heirloom.keyboard.press('Escape');
  await expect(heirloom.getByRole('grid', { name: 'Photos by month' })).toBeVisible();
});
