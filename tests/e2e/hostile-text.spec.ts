import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ConsoleMessage, Page } from '@playwright/test';
import sharp from 'sharp';
import { expect, photoId, SAMPLES, test, type Server } from './heirloom.ts';

/** Texts of other people's files: whatever they hold, they are shown as text and run nowhere. */

const HTML = '<img src=x onerror=window.hostile=1>';
const SCRIPT = '<script>window.hostile=1</script><svg onload=window.hostile=1>';
const QUOTES = `"'><b onmouseover=window.hostile=1>{{7*7}}\${7*7}</b>`;
const SQL = `'); DROP TABLE photos; --`;
const NAMES = {
  html: `${HTML}.jpg`,
  sql: `${SQL}.jpg`,
  turned: 'holiday\u202egpj.exe.jpg',
  quotes: `"'><b onmouseover=window.hostile=1>{{7*7}}.jpg`,
};

interface Observed {
  problems: string[];
}

/** Hears of dialogs, of scripts that ran and of everything that the content security policy had to stop. */
async function observe(page: Page): Promise<Observed> {
  const problems: string[] = [];
  page.on('dialog', (dialog) => {
    problems.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('pageerror', (error) => problems.push(`error: ${error.message}`));
  page.on('console', (message: ConsoleMessage) => {
    if (/content security policy/i.test(message.text())) problems.push(message.text());
  });
  await page.exposeFunction('reportViolation', (text: string) => void problems.push(`policy: ${text}`));
  await page.addInitScript(() => {
    const page = globalThis as unknown as {
      addEventListener: (
        type: string,
        listener: (event: { violatedDirective: string; blockedURI: string }) => void,
      ) => void;
      reportViolation: (text: string) => void;
    };
    page.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
      page.reportViolation(`${violatedDirective} ${blockedURI}`),
    );
  });
  return { problems };
}

async function expectQuiet(page: Page, { problems }: Observed): Promise<void> {
  expect(problems).toEqual([]);
  expect(await page.evaluate(() => (globalThis as { hostile?: unknown }).hostile)).toBeUndefined();
  for (const selector of ['img[src="x"]', 'svg[onload]', 'b[onmouseover]', 'body script:not([src])'])
    await expect(page.locator(selector), selector).toHaveCount(0);
}

/** A sample under each name, with the same texts in its EXIF and XMP. */
async function importHostile(server: Server, folder: string): Promise<void> {
  const photos = join(folder, 'hostile');
  await mkdir(photos);
  const xmp = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" dc:title="&lt;script>alert(1)&lt;/script>"/></rdf:RDF></x:xmpmeta>`;
  for (const [index, name] of Object.values(NAMES).entries()) {
    const bytes = await sharp(join(SAMPLES, 'portrait-1938.jpg'))
      .resize(400 + index)
      .withExifMerge({ IFD0: { ImageDescription: SCRIPT, Artist: HTML, Make: SQL } })
      .withXmp(xmp)
      .jpeg()
      .toBuffer();
    await writeFile(join(photos, name), bytes);
  }
  await writeFile(join(photos, `letter ${HTML}\u202e.jpg`), 'Dear Anna');
  const { id } = await server.call('import.start', { paths: [photos], mode: 'copy' });
  await expect
    .poll(async () => (await server.call('import.list', {})).find((one) => one.id === id)?.state)
    .toBe('done');
}

test('names, captions and EXIF that hold HTML, script, SQL or turned letters are text in every view', async ({
  server,
  folder,
  page,
}) => {
  await importHostile(server, folder);
  const id = await photoId(server, NAMES.html);
  await server.call('photos.setCaption', { id, caption: `${SCRIPT} ${SQL}` });
  const [face] = await server.call('faces.detect', { photoId: id });
  await server.call('faces.name', { id: face!.id, name: `${HTML}\u202e` });
  await server.call('albums.create', { name: QUOTES, photoIds: [id] });
  const observed = await observe(page);
  await page.goto(server.address);

  // The library, its panel, the report of what failed, and search.
  await expect(page.getByRole('gridcell', { name: NAMES.html })).toBeVisible();
  await expect(page.getByRole('gridcell', { name: NAMES.sql })).toBeVisible();
  await expect(page.getByRole('gridcell', { name: 'holidaygpj.exe.jpg' })).toBeVisible();
  await expect(page.getByText(QUOTES).first()).toBeVisible();
  await expect(page.getByText(HTML, { exact: true }).first()).toBeVisible();
  await page.getByRole('button', { name: 'What was not imported, and why' }).click();
  await expect(page.getByRole('dialog')).toContainText(`letter ${HTML}.jpg`);
  await expectQuiet(page, observed);
  await page.keyboard.press('Escape');
  const search = page.getByRole('textbox', { name: 'Search the library' });
  for (const text of [HTML, SQL, SCRIPT]) {
    await search.fill(text);
    await page.waitForTimeout(300);
    await expectQuiet(page, observed);
  }
  await search.fill('');

  // The photo with its details, faces and versions.
  await page.getByRole('gridcell', { name: NAMES.html }).dblclick();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(`${SCRIPT} ${SQL}`);
  for (const tab of await page.getByRole('tab').all()) {
    await tab.click();
    await expectQuiet(page, observed);
  }

  // The queue, where a job has the photo's name.
  await server.call('jobs.pauseAll', { paused: true });
  await server.call('restore.enqueue', { photoIds: [id], settings: { speed: 'draft' } });
  await page.goto(server.address);
  for (const view of ['Queue', 'Models', 'Settings', 'Library']) {
    await page.getByRole('navigation').getByText(view).first().click();
    if (view === 'Queue') await expect(page.getByText(NAMES.html).first()).toBeVisible();
    await page.waitForTimeout(300);
    await expectQuiet(page, observed);
  }

  // What an export proposes is a plain name.
  await page.getByRole('gridcell', { name: NAMES.html }).click();
  await page.keyboard.press('Control+e');
  await page.waitForTimeout(500);
  await expectQuiet(page, observed);
  expect((await server.call('app.info', {})).photoCount).toBe(9);
});
