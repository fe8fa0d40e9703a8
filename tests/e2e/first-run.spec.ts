import { join } from 'node:path';
import { expect, test } from './heirloom.ts';

/** The welcome photo is restored while a newcomer looks on: under a minute on two cores. */
const FIRST_RESTORATION_MS = 150_000;

test('a newcomer sees a restored sample under the split slider, with no click', async ({
  folder,
  start,
  page,
}) => {
  const server = await start(join(folder, 'library'));
  await page.goto(server.address);
  await expect(page.getByRole('slider', { name: /^Split between/ })).toBeVisible({
    timeout: FIRST_RESTORATION_MS,
  });
  const version = page.locator('img[src*="/picture/version/"]').first();
  await expect(version).toBeVisible();
  await expect
    .poll(() => version.evaluate((picture: { naturalWidth: number }) => picture.naturalWidth))
    .toBeGreaterThan(0);
});
