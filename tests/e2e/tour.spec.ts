import { expect, openPhoto, test } from './heirloom.ts';

/** Pixels at the photo's lower edge that three lines of a longer language may take. */
const MOST_OVER_PHOTO = 24;
const PHOTO = 'portrait-1938.jpg';
const SIZES = [
  { width: 1024, height: 700 },
  { width: 1280, height: 800 },
  { width: 1440, height: 900 },
];

test('the tour leaves the photo and the sliders free that it speaks of', async ({
  heirloom: page,
  server,
}) => {
  test.setTimeout(600_000);
  await server.call('settings.set', { tourDone: false });
  await page.reload();
  const card = page.locator('.tour');
  // A newcomer is led to the photo already; Escape, on the way to another one, would end the tour.
  await card
    .or(page.getByRole('gridcell', { name: PHOTO }))
    .first()
    .waitFor();
  if (!(await card.isVisible())) await openPhoto(page, PHOTO);
  for (let step = 1; step <= 3; step++) {
    for (const language of ['en', 'de', 'ar'] as const) {
      await server.call('settings.set', { language });
      await page.locator(`html[lang=${language}]`).waitFor({ state: 'attached' });
      for (const size of SIZES) {
        await page.setViewportSize(size);
        const box = (await card.boundingBox())!;
        const panel = (await page.locator('aside').first().boundingBox())!;
        const stage = (await page.locator('.stage').first().boundingBox())!;
        const found = {
          inside: box.x >= 0 && box.y + box.height <= size.height,
          overPanel: box.x < panel.x + panel.width && panel.x < box.x + box.width,
          overPhoto: stage.y + stage.height - box.y > MOST_OVER_PHOTO,
        };
        const wanted = { inside: true, overPanel: false, overPhoto: false };
        expect({ step, language, ...size, ...found }).toEqual({ step, language, ...size, ...wanted });
      }
    }
    if (step < 3) await card.getByRole('button').last().click();
  }
});
