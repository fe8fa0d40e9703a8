import type { Locator, Page } from '@playwright/test';
import sharp from 'sharp';
import { choose, expect, openPhoto, photoId, queueDone, test } from './heirloom.ts';

const PHOTO = 'portrait-1938.jpg';

test.use({ pack: 'real' });

async function slide(page: Page, label: string, presses: number): Promise<void> {
  const slider = page.getByRole('slider', { name: label, exact: true });
  await slider.focus();
  for (let i = 0; i < Math.abs(presses); i++)
    await page.keyboard.press(presses > 0 ? 'ArrowRight' : 'ArrowLeft');
}

/** Takes a value out of the automatic's hands, then moves it. */
async function override(page: Page, label: string, presses: number): Promise<void> {
  await page.getByRole('switch', { name: label }).click();
  await slide(page, label, presses);
}

function draftOf(page: Page): Locator {
  return page.getByRole('region', { name: 'Draft of face 1' }).getByRole('img', { name: 'Draft of face 1' });
}

async function finishedDraft(page: Page): Promise<string> {
  await expect(draftOf(page)).toHaveAttribute('data-draft', 'done', { timeout: 60_000 });
  return (await draftOf(page).getAttribute('src')) ?? '';
}

test('each preset makes a version of its own', async ({ heirloom, server }) => {
  await openPhoto(heirloom, PHOTO);
  const made = heirloom
    .getByRole('region', { name: 'Versions' })
    .getByRole('button', { name: /^Version \d/ });
  for (const [i, preset] of ['Faithful', 'Balanced', 'Detailed'].entries()) {
    await choose(heirloom, 'Preset', preset);
    await choose(heirloom, 'Speed', 'Draft');
    await heirloom.getByRole('button', { name: /^Restore (photo|again)$/ }).click();
    await expect(made).toHaveCount(i + 1, { timeout: 90_000 });
  }
  const photo = await server.call('photos.get', { id: await photoId(server, PHOTO) });
  expect(photo.versions.map(({ recipe }) => recipe.settings.preset)).toEqual([
    'faithful',
    'balanced',
    'detailed',
  ]);
  expect(new Set(photo.versions.map(({ sha256 }) => sha256)).size).toBe(3);
  expect(photo.versions.every(({ faces }) => faces.every(({ likeness }) => (likeness ?? 1) < 0.6))).toBe(
    true,
  );
});

test('every slider redraws the draft', async ({ heirloom }) => {
  test.slow();
  await openPhoto(heirloom, PHOTO);
  await heirloom
    .getByRole('button', { name: /^Face 1/ })
    .first()
    .click();
  await choose(heirloom, 'Speed', 'Draft');
  const seen = new Set([await finishedDraft(heirloom)]);
  const moves: [string, () => Promise<void>][] = [
    // First: guides of a sharp face are one and the same.
    ['Blur of the photo', () => override(heirloom, 'Blur of the photo', 60)],
    ['Fidelity or quality', () => slide(heirloom, 'Fidelity or quality', -30)],
    // Down: towards Detailed it is near its most.
    ['Crispness', () => slide(heirloom, 'Crispness', -8)],
    ['Number of guides', () => choose(heirloom, 'Number of guides', '2')],
    ['Weight of guide 1', () => slide(heirloom, 'Weight of guide 1', -20)],
    // Apart, not together: two guides at no distance are the one guide that Detailed had.
    ['Distance between guides', () => slide(heirloom, 'Distance between guides', 15)],
    ['Starting step', () => override(heirloom, 'Starting step', 60)],
    ['Steps', () => slide(heirloom, 'Steps', 3)],
    ['Seed', () => heirloom.getByRole('button', { name: 'Another seed' }).click()],
    ['Grain', () => slide(heirloom, 'Grain', 5)],
  ];
  for (const [name, move] of moves) {
    const known = seen.size;
    await move();
    await expect
      .poll(
        async () => {
          seen.add(await finishedDraft(heirloom));
          return seen.size;
        },
        { message: `a new draft after ${name}`, timeout: 60_000 },
      )
      .toBeGreaterThan(known);
  }
});

/** The stage without what lies over the picture. */
async function shot(stage: Locator): Promise<{ data: Buffer; width: number; height: number }> {
  const png = await stage.screenshot({ animations: 'disabled' });
  const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

type Shot = Awaited<ReturnType<typeof shot>>;

/**
 * Share of pixels in columns `from` to `to` (0-1) that differ by more than 8 of 255 in a channel, in the rows that
 * nothing else lies over.
 */
function difference(a: Shot, b: Shot, from: number, to: number): number {
  let different = 0;
  let all = 0;
  for (let y = Math.round(0.15 * a.height); y < 0.75 * a.height; y++) {
    for (let x = Math.round(from * a.width); x < Math.round(to * a.width); x++, all++) {
      const i = 3 * (y * a.width + x);
      if ([0, 1, 2].some((c) => Math.abs(a.data[i + c]! - b.data[i + c]!) > 8)) different++;
    }
  }
  return different / all;
}

test('compares in every way, pixel for pixel', async ({ heirloom, server }) => {
  const id = await photoId(server, PHOTO);
  await server.call('restore.enqueue', {
    photoIds: [id],
    settings: { preset: 'detailed', speed: 'draft', tone: 'colour', blur: 12, start: 700 },
  });
  await queueDone(server);
  await openPhoto(heirloom, PHOTO);
  const stage = heirloom.getByRole('group', { name: /Plus and minus zoom/ });

  await choose(heirloom, 'Compare', 'One picture');
  await heirloom.getByRole('button', { name: /^Version 1,/ }).click();
  await expect(stage.locator('img[src*="/picture/version/"]').first()).toBeVisible();
  await heirloom.waitForLoadState('networkidle');
  const version = await shot(stage);
  await heirloom.getByRole('button', { name: 'Original', exact: true }).click();
  await expect(stage.locator('img[src*="/picture/photo/"]').first()).toBeVisible();
  await heirloom.waitForLoadState('networkidle');
  const original = await shot(stage);
  expect(difference(original, version, 0.3, 0.7)).toBeGreaterThan(0.02);

  await heirloom.getByRole('button', { name: /^Version 1,/ }).click();
  await choose(heirloom, 'Compare', 'Slider');
  const handle = heirloom.getByRole('slider', { name: 'Split between Original and Version 1' });
  await expect(handle).toBeVisible();
  await heirloom.waitForLoadState('networkidle');
  const split = await shot(stage);
  expect(difference(split, original, 0.3, 0.47)).toBeLessThan(0.002);
  expect(difference(split, version, 0.53, 0.7)).toBeLessThan(0.002);
  await handle.focus();
  await heirloom.keyboard.press('End');
  expect(difference(await shot(stage), original, 0.35, 0.6)).toBeLessThan(0.002);
  await heirloom.keyboard.press('Home');
  expect(difference(await shot(stage), version, 0.4, 0.65)).toBeLessThan(0.002);

  await choose(heirloom, 'Compare', 'Side by side');
  await expect(heirloom.locator('[data-pane] img[src*="/picture/"]').first()).toBeVisible();
  await expect(heirloom.locator('[data-pane]')).toHaveCount(2);

  await choose(heirloom, 'Compare', 'Hold to peek');
  const still = await shot(stage);
  expect(difference(still, version, 0.35, 0.65)).toBeLessThan(0.002);
  const button = heirloom.getByRole('button', { name: /^Hold to see: Original/ });
  await button.hover();
  await heirloom.mouse.down();
  expect(difference(await shot(stage), original, 0.35, 0.65)).toBeLessThan(0.002);
  await heirloom.mouse.up();

  await choose(heirloom, 'Compare', 'Blink');
  const shown = new Set<boolean>();
  await expect
    .poll(async () => {
      shown.add(difference(await shot(stage), version, 0.35, 0.65) < 0.002);
      return shown.size;
    })
    .toBe(2);

  await choose(heirloom, 'Compare', 'Difference');
  const changes = await shot(stage);
  const corner = 3 * (Math.round(changes.height * 0.74) * changes.width + Math.round(changes.width / 2));
  expect(Math.max(...changes.data.subarray(corner, corner + 3))).toBeLessThan(12);
  expect(difference(changes, original, 0.35, 0.65)).toBeGreaterThan(0.3);
});
