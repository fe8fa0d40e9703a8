import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { expect, openPhoto, photoId, SAMPLES, test } from './heirloom.ts';

/** What the page's own `globalThis` has, and Node's types do not. */
interface PageGlobals {
  DataTransfer: new () => { items: { add(file: File): void } };
}

/** What a file manager hands over. */
async function drop(page: Page, files: { name: string; bytes: Buffer }[]): Promise<void> {
  const sent = files.map(({ name, bytes }) => ({ name, base64: bytes.toString('base64') }));
  const transfer = await page.evaluateHandle((list) => {
    const { DataTransfer } = globalThis as unknown as PageGlobals;
    const data = new DataTransfer();
    for (const { name, base64 } of list) {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      data.items.add(new File([bytes], name, { type: 'image/jpeg' }));
    }
    return data;
  }, sent);
  const target = page.locator('body');
  for (const type of ['dragenter', 'dragover', 'drop'])
    await target.dispatchEvent(type, { dataTransfer: transfer });
}

test('photos that are dropped are imported, a bad one is reported', async ({ heirloom, server }) => {
  const bytes = await readFile(join(SAMPLES, 'portrait-1938.jpg'));
  await drop(heirloom, [
    { name: 'Großmutter 1931.jpg', bytes: Buffer.concat([bytes, Buffer.from('x')]) },
    { name: 'portrait again.jpg', bytes },
    { name: 'letter.jpg', bytes: Buffer.from('Dear Anna, no picture this time.') },
  ]);
  await expect(heirloom.getByRole('gridcell', { name: 'Großmutter 1931.jpg' })).toBeVisible();
  await expect(heirloom.getByText('1 imported')).toBeVisible();
  await expect(heirloom.getByText('1 already there')).toBeVisible();
  await heirloom.getByRole('button', { name: 'What was not imported, and why' }).click();
  await expect(heirloom.getByRole('dialog')).toContainText('letter.jpg');
  await expect(heirloom.getByRole('row', { name: 'portrait again.jpg' })).toContainText(
    'Already in the library as portrait-1938.jpg.',
  );
  const id = await photoId(server, 'Großmutter 1931.jpg');
  expect((await server.call('photos.get', { id })).storage).toBe('copied');
});

test('search finds names, people and captions; what is put into the bin can be put back', async ({
  heirloom,
  server,
}) => {
  const id = await photoId(server, 'couple-1968.jpg');
  await server.call('photos.setCaption', { id, caption: 'Wedding in Kraków' });
  const [face] = await server.call('faces.detect', { photoId: id });
  await server.call('faces.name', { id: face!.id, name: 'Aunt Zofia' });

  const cells = heirloom.getByRole('gridcell');
  for (const [words, count] of [
    ['krak', 1],
    ['zof wedd', 1],
    ['portrait', 1],
    ['"quoted* OR', 0],
  ] as const) {
    await heirloom.keyboard.press('/');
    await heirloom.getByRole('textbox', { name: 'Search the library' }).fill(words);
    await expect(cells).toHaveCount(count);
    await heirloom.getByRole('textbox', { name: 'Search the library' }).press('Escape');
  }
  await heirloom.getByRole('textbox', { name: 'Search the library' }).fill('');
  await expect(cells).toHaveCount(5);

  await heirloom.getByRole('gridcell', { name: 'couple-1968.jpg' }).click();
  await heirloom.keyboard.press('Delete');
  await expect(cells).toHaveCount(4);
  await heirloom.getByRole('button', { name: 'Undo', exact: true }).first().click();
  await expect(cells).toHaveCount(5);
});

test('works by keyboard alone', async ({ heirloom }) => {
  await heirloom.getByRole('gridcell').first().focus();
  await heirloom.keyboard.press('End');
  await heirloom.keyboard.press('Shift+Home');
  await expect(heirloom.getByRole('gridcell', { selected: true })).toHaveCount(5);
  await heirloom.keyboard.press('Escape');
  await heirloom.keyboard.press('Enter');
  const stage = heirloom.getByRole('group', { name: /\.jpg\. Plus and minus zoom/ });
  await expect(stage).toBeVisible();
  const before = await stage.getAttribute('aria-label');
  await heirloom.keyboard.press('ArrowRight');
  await expect(stage).not.toHaveAttribute('aria-label', before ?? '');
  await heirloom.keyboard.press('?');
  await expect(heirloom.getByRole('dialog', { name: /Keyboard/ })).toBeVisible();
  await heirloom.keyboard.press('Escape');
  await heirloom.keyboard.press('Escape');
  await expect(heirloom.getByRole('grid', { name: 'Photos by month' })).toBeVisible();
});

test('speaks four languages, one of them from right to left', async ({ heirloom, server }) => {
  const html = heirloom.locator('html');
  for (const [language, title, direction] of [
    ['de', 'Einstellungen', 'ltr'],
    ['es', 'Ajustes', 'ltr'],
    ['ar', 'الإعدادات', 'rtl'],
  ] as const) {
    await server.call('settings.set', { language });
    await expect(html).toHaveAttribute('lang', language);
    await expect(html).toHaveAttribute('dir', direction);
    await expect(heirloom.getByRole('navigation').getByText(title)).toBeVisible();
  }
  await openPhoto(heirloom, 'portrait-1938.jpg');
  await expect(heirloom.getByRole('button', { name: /Restore/ })).toHaveCount(0);
});
