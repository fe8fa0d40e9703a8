import type { Locator, Page } from '@playwright/test';
import { expect, openPhoto, test } from './heirloom.ts';

/** Pixels at the photo's lower or upper edge that three lines of a longer language may take. */
const MOST_OVER_PHOTO = 24;
const PHOTO = 'portrait-1938.jpg';
const SIZES = [
  { width: 1024, height: 700 },
  { width: 1280, height: 800 },
  { width: 1440, height: 900 },
];

/** What each step speaks of. */
const SUBJECTS = ['split', 'library', 'presets'];

/** What is marked and can be seen, beside the card. */
async function marked(page: Page, card: Locator): Promise<string | undefined> {
  const subjects: [string, Locator][] = [
    ['split', page.locator('[data-stage] [role=slider] .grip')],
    ['library', page.locator('nav button[aria-current=page]').first()],
    ['presets', page.locator('aside [data-tour-of]')],
  ];
  const over = (await card.boundingBox())!;
  for (const [name, subject] of subjects) {
    const at = await subject.boundingBox();
    const isApart =
      at && (at.x + at.width <= over.x || over.x + over.width <= at.x || at.y + at.height <= over.y);
    if (isApart && (await hasRing(subject))) return name;
  }
  return undefined;
}

interface Window {
  getComputedStyle(element: unknown): { outlineStyle: string };
}
const hasRing = (subject: Locator): Promise<boolean> =>
  subject.evaluate(
    (element) => (globalThis as unknown as Window).getComputedStyle(element).outlineStyle === 'solid',
  );

test('the tour points at what it speaks of, and leaves the photo and the sliders free', async ({
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
        await expect.poll(() => marked(page, card), `${step} ${language}`).toBe(SUBJECTS[step - 1]);
        const box = (await card.boundingBox())!;
        const panel = (await page.locator('aside').first().boundingBox())!;
        const stage = (await page.locator('.stage').first().boundingBox())!;
        const found = {
          inside: box.x >= 0 && box.y + box.height <= size.height,
          overPanel: box.x < panel.x + panel.width && panel.x < box.x + box.width,
          overPhoto:
            Math.min(stage.y + stage.height, box.y + box.height) - Math.max(stage.y, box.y) > MOST_OVER_PHOTO,
        };
        const wanted = { inside: true, overPanel: false, overPhoto: false };
        expect({ step, language, ...size, ...found }).toEqual({ step, language, ...size, ...wanted });
      }
    }
    if (step < 3) await card.getByRole('button').last().click();
  }
});
