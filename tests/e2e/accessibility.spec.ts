import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { LOCALES } from '../../contract/library.ts';
import { choose, copySamples, expect, openPhoto, photoId, queueDone, test, type Server } from './heirloom.ts';

type Look = readonly [language: (typeof LOCALES)[number], theme: 'light' | 'dark'];

const EVERY_LOOK: readonly Look[] = LOCALES.flatMap((language) =>
  (['light', 'dark'] as const).map((theme) => [language, theme] as const),
);

/**
 * Both themes of the n-th scene, each in another language than its neighbours are seen in: a theme changes colours and a
 * language texts, so each is seen often enough without every pair of them (`HEIRLOOM_EVERY_LOOK=1`: with).
 */
function looksOf(n: number): readonly Look[] {
  if (process.env['HEIRLOOM_EVERY_LOOK']) return EVERY_LOOK;
  const language = (i: number) => LOCALES[i % LOCALES.length]!;
  return [
    [language(n), 'light'],
    [language(n + 1 + (Math.floor(n / LOCALES.length) % 3)), 'dark'],
  ];
}

/** Many scenes, each looked at again and again. */
const PATIENCE_MS = 900_000;
/** Drafts on a machine that does much else. */
const SLOW_MS = 120_000;

/** Colours on their way to others are no colours of the theme. */
async function coloursAtRest(page: Page): Promise<void> {
  await page.waitForFunction(
    'document.getAnimations().every((animation) => !(animation instanceof CSSTransition))',
  );
  await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))');
}

async function expectNothingSerious(page: Page, where: string): Promise<void> {
  await coloursAtRest(page);
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'])
    .analyze();
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  const found = serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  expect.soft(found, where).toEqual([]);
}

/** The scene that is open, as it looks then; English and light again afterwards. */
async function lookAtAll(page: Page, server: Server, scene: string, looks: readonly Look[]): Promise<void> {
  const html = page.locator('html');
  for (const [language, theme] of looks) {
    await server.call('settings.set', { language, theme });
    await expect(html).toHaveAttribute('lang', language);
    await expect(html).toHaveAttribute('data-theme', theme);
    await expectNothingSerious(page, `${scene}, ${language}, ${theme}`);
  }
  await server.call('settings.set', { language: 'en', theme: 'light' });
  await expect(html).toHaveAttribute('lang', 'en');
}

/** A library with something of everything: a version, a queue, an album, a person, a missing original. */
async function furnish(server: Server, folder: string): Promise<void> {
  const id = await photoId(server, 'portrait-1938.jpg');
  await server.call('restore.enqueue', { photoIds: [id], settings: { speed: 'draft' } });
  await queueDone(server);
  const { faces } = await server.call('photos.get', { id });
  await server.call('faces.name', { id: faces[0]!.id, name: 'Johannes' });
  await server.call('albums.create', { name: 'By the lake', photoIds: [id] });
  const photos = await copySamples(folder, { 'lost.jpg': 'couple-1968.jpg' });
  await server.call('photos.bin', { ids: [await photoId(server, 'couple-1968.jpg')] });
  await server.call('bin.empty', {});
  await server.call('import.start', { paths: [photos], mode: 'in-place' });
  await expect.poll(() => server.call('timeline.ids', { query: { text: 'lost' } })).toHaveLength(1);
  await rm(join(photos, 'lost.jpg'));
}

async function goTo(page: Page, view: string): Promise<void> {
  await page.getByRole('navigation').getByText(view, { exact: true }).first().click();
}

async function openMenu(page: Page, name: string, item: string): Promise<void> {
  await page.getByRole('button', { name, exact: true }).first().click();
  await page.getByRole('menuitem', { name: item, exact: true }).click();
}

type Scenes = Record<string, (page: Page) => Promise<void>>;

async function lookAt(page: Page, server: Server, scenes: Scenes, isDialog: boolean): Promise<void> {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  for (const [n, [name, open]] of Object.entries(scenes).entries()) {
    await open(page);
    if (isDialog) await expect(page.getByRole('dialog')).toBeVisible();
    await lookAtAll(page, server, name, looksOf(n));
    if (isDialog) await page.keyboard.press('Escape');
  }
}

test('axe finds nothing serious in any view', async ({ heirloom, server, folder }) => {
  test.setTimeout(PATIENCE_MS);
  await furnish(server, folder);
  await lookAt(
    heirloom,
    server,
    {
      library: async (page) => {
        await expect(page.getByRole('gridcell')).toHaveCount(5);
      },
      'library, photos chosen': async (page) => {
        await page.getByRole('gridcell').first().click();
        await page.keyboard.press('Shift+End');
      },
      'library, nothing found': async (page) => {
        await page.keyboard.press('Escape');
        await page.getByRole('textbox', { name: 'Search the library' }).fill('no such photo');
        await expect(page.getByRole('gridcell')).toHaveCount(0);
      },
      bin: async (page) => {
        await page.getByRole('textbox', { name: 'Search the library' }).fill('');
        await page.getByRole('button', { name: 'Bin', exact: true }).click();
      },
      queue: async (page) => goTo(page, 'Queue'),
      models: async (page) => {
        await goTo(page, 'Models');
        await page.getByText('Model card', { exact: true }).first().click();
        await expect(page.getByRole('heading', { level: 4 }).first()).toBeVisible();
      },
      settings: async (page) => goTo(page, 'Settings'),
    },
    false,
  );
});

async function draftDone(page: Page): Promise<void> {
  await page.locator('[data-draft="done"]').first().waitFor({ timeout: SLOW_MS });
}

test('axe finds nothing serious in the photo view', async ({ heirloom, server, folder }) => {
  test.setTimeout(PATIENCE_MS);
  await furnish(server, folder);
  const compare = (mode: string) => async (page: Page) => choose(page, 'Compare', mode);
  await lookAt(
    heirloom,
    server,
    {
      'photo, draft': async (page) => {
        await openPhoto(page, 'family-1974.jpg');
        await draftDone(page);
      },
      'photo, settings of one face': async (page) => choose(page, 'Settings for', 'only'),
      'photo, faces': async (page) => choose(page, 'Photo panel', 'Faces'),
      'photo, details': async (page) => choose(page, 'Photo panel', 'Details'),
      'photo, slider': async (page) => {
        await page.keyboard.press('Escape');
        await openPhoto(page, 'portrait-1938.jpg');
        await draftDone(page);
      },
      'photo, side by side': compare('Side by side'),
      'photo, peek': compare('Hold to peek'),
      'photo, difference': compare('Difference'),
    },
    false,
  );
});

test('axe finds nothing serious in any dialog', async ({ heirloom, server, folder }) => {
  test.setTimeout(PATIENCE_MS);
  await furnish(server, folder);
  await expect(heirloom.getByRole('gridcell')).toHaveCount(5);
  const toolbar = heirloom.getByRole('toolbar');
  await lookAt(
    heirloom,
    server,
    {
      'dialog of shortcuts': async (page) => page.keyboard.press('?'),
      'dialog of dates': async (page) => page.getByRole('button', { name: 'Dates', exact: true }).click(),
      'dialog of watched folders': async (page) => openMenu(page, 'Import', 'Watched folders'),
      'dialog that names an album': async (page) =>
        page.getByRole('button', { name: 'New album' }).first().click(),
      'dialog that names a person': async (page) => openMenu(page, 'Actions for Johannes', 'Rename'),
      'confirmation of a removal': async (page) => openMenu(page, 'Actions for Johannes', 'Remove'),
      'dialog of a restoration': async (page) => {
        await page.getByRole('gridcell', { name: 'portrait-1938.jpg' }).click();
        await toolbar.getByRole('button', { name: 'Restore', exact: true }).click();
      },
      'dialog of the date': async (page) => openMenu(page, 'More actions', 'Set date'),
      'dialog of the export': async () =>
        toolbar.getByRole('button', { name: 'Export', exact: true }).click(),
    },
    true,
  );
});

test('axe finds nothing serious in the dialogs of a photo, and where an original is missing', async ({
  heirloom,
  server,
  folder,
}) => {
  test.setTimeout(PATIENCE_MS);
  await furnish(server, folder);
  await lookAt(
    heirloom,
    server,
    {
      'dialog of four seeds': async (page) => {
        await openPhoto(page, 'portrait-1938.jpg');
        await page.getByRole('button', { name: 'Try four' }).click();
        await expect(page.locator('[data-four="done"]')).toHaveCount(4, { timeout: SLOW_MS });
      },
      'dialog of missing originals': async (page) => {
        await goTo(page, 'Library');
        await openPhoto(page, 'lost.jpg');
        await page.getByRole('button', { name: /^Look for missing originals/ }).click();
      },
      'dialog of the tour': async (page) => {
        await goTo(page, 'Settings');
        await page.getByRole('button', { name: 'Show the tour again' }).click();
      },
    },
    true,
  );
  await lookAt(
    heirloom,
    server,
    {
      'photo, original missing': async (page) => {
        await goTo(page, 'Library');
        await openPhoto(page, 'lost.jpg');
        await expect(page.getByText('The original is missing')).toBeVisible();
      },
    },
    false,
  );
});
