/**
 * `npm run screenshots`: takes the pictures of docs/screenshots/ from the built interface, a new library with the
 * bundled samples, and the real engine, in the browser that the tests use. Names of views take only those.
 *
 *     npm run screenshots -- library photo
 */
import { spawnSync } from 'node:child_process';
import { appendFile, cp, mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Page } from '@playwright/test';
import type { ApiMethod, ApiParamsInput, ApiResult } from '../contract/api.ts';
import { openApplication } from '../main/application.ts';
import { startBrowserServer } from '../main/browser/server.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const OUT = join(ROOT, 'docs', 'screenshots');
/** A build of its own, which nothing else replaces meanwhile. */
const INTERFACE = join(ROOT, 'out', 'screenshots');
/** Debian's; elsewhere the one that Playwright installed. */
const CHROMIUM = '/usr/bin/chromium';
const SIZES = [
  { width: 1440, height: 900 },
  { width: 1024, height: 700 },
];
const THEMES = ['light', 'dark'] as const;
const WEBP_QUALITY = 88;
/** For pictures to be decoded and transitions to end. */
const SETTLE_MS = 700;
const PATIENCE_MS = 180_000;

type Call = <M extends ApiMethod>(method: M, params: ApiParamsInput<M>) => Promise<ApiResult<M>>;

interface Studio {
  page: Page;
  call: Call;
  /** A folder for photos of the occasion. */
  folder: string;
}

interface Scene {
  name: string;
  prepare: (studio: Studio) => Promise<void>;
}

async function photoId({ call }: Studio, name: string): Promise<number> {
  const [id] = await call('timeline.ids', { query: { text: name } });
  if (id === undefined) throw new Error(`Expected a photo ${name} in the library`);
  return id;
}

async function queueDone({ page, call }: Studio): Promise<void> {
  for (;;) {
    const { jobs } = await call('jobs.list', {});
    if (!jobs.some(({ state }) => state === 'waiting' || state === 'running')) return;
    await page.waitForTimeout(500);
  }
}

async function restore(studio: Studio, names: string[]): Promise<void> {
  const photoIds = await Promise.all(names.map((name) => photoId(studio, name)));
  await studio.call('restore.enqueue', { photoIds, settings: {} });
  await queueDone(studio);
}

/** A photo that is in the library and can be read no more. */
async function addBrokenPhoto(studio: Studio): Promise<void> {
  const scans = join(studio.folder, 'Scans');
  await mkdir(scans);
  const file = join(scans, 'wedding-1921.jpg');
  await cp(join(ROOT, 'samples', 'group-1921.jpg'), file);
  await appendFile(file, 'another photo');
  const { id } = await studio.call('import.start', { paths: [file], mode: 'in-place' });
  while ((await studio.call('import.list', {})).some((report) => report.id === id && report.imported === 0))
    await studio.page.waitForTimeout(200);
  await studio.call('import.control', { id, action: 'dismiss' });
  await truncate(file, 5000);
}

async function dateAndTurn(studio: Studio): Promise<void> {
  const dates = {
    'wedding-1921': '1921-05-07',
    'group-1921': '1921-05-07',
    'portrait-1938': '1938-10-02',
    'couple-1968': '1968-08-14',
    'family-1974': '1974-07-20',
    'scanned-sideways': '1974-07-21',
  };
  for (const [name, takenAt] of Object.entries(dates))
    await studio.call('photos.setDate', { ids: [await photoId(studio, name)], takenAt });
  await studio.call('photos.rotate', { ids: [await photoId(studio, 'scanned-sideways')], by: 90 });
}

async function nameFaces(studio: Studio): Promise<void> {
  const names = { 'family-1974': ['Karin', 'Martin', 'Anna', 'Elise'], 'portrait-1938': ['Johannes'] };
  for (const [photo, people] of Object.entries(names)) {
    const { faces } = await studio.call('photos.get', { id: await photoId(studio, photo) });
    for (const [i, name] of people.entries())
      if (faces[i]) await studio.call('faces.name', { id: faces[i].id, name });
  }
}

async function furnish(studio: Studio): Promise<void> {
  await studio.call('settings.set', { tourDone: true });
  await addBrokenPhoto(studio);
  await restore(studio, ['family-1974', 'couple-1968', 'wedding-1921']);
  await nameFaces(studio);
  await dateAndTurn(studio);
  const photoIds = await Promise.all(['family-1974', 'couple-1968'].map((name) => photoId(studio, name)));
  await studio.call('albums.create', { name: 'By the lake', photoIds });
}

async function goTo({ page }: Studio, view: string): Promise<void> {
  await page.getByRole('navigation').getByText(view, { exact: true }).first().click();
}

async function openLibrary(studio: Studio): Promise<void> {
  await studio.page.reload();
  await goTo(studio, 'Library');
  await studio.page.getByRole('gridcell').first().waitFor();
}

async function openPhoto(studio: Studio, name: string): Promise<void> {
  await openLibrary(studio);
  await studio.page.getByRole('gridcell', { name }).dblclick();
  await studio.page.getByRole('group', { name: new RegExp(`^${name}`) }).waitFor();
}

async function chooseMode({ page }: Studio, mode: string): Promise<void> {
  await page.getByRole('group', { name: 'Compare', exact: true }).locator('label', { hasText: mode }).click();
}

async function chooseFace({ page }: Studio, number: number): Promise<void> {
  await page
    .getByRole('button', { name: new RegExp(`^Face ${number}`) })
    .first()
    .click();
}

const SCENES: Scene[] = [
  {
    name: 'first-run',
    prepare: async ({ page }) => {
      await page.getByRole('slider', { name: /^Split between/ }).waitFor({ timeout: PATIENCE_MS });
    },
  },
  {
    name: 'library',
    prepare: async (studio) => {
      await openLibrary(studio);
      await studio.page.getByRole('gridcell', { name: 'family-1974' }).click();
      await studio.page.getByRole('gridcell', { name: 'couple-1968' }).click({ modifiers: ['Control'] });
    },
  },
  {
    name: 'photo',
    prepare: async (studio) => {
      await openPhoto(studio, 'portrait-1938');
      await chooseMode(studio, 'Slider');
      await chooseFace(studio, 1);
      await studio.page.locator('[data-draft="done"]').first().waitFor({ timeout: PATIENCE_MS });
    },
  },
  {
    name: 'faces',
    prepare: async (studio) => {
      await openPhoto(studio, 'family-1974');
      await chooseMode(studio, 'One picture');
      await studio.page.locator('label', { hasText: /^\s*Faces\s*$/ }).click();
      await studio.page.getByRole('button', { name: 'Show faces' }).click();
    },
  },
  {
    name: 'side-by-side',
    prepare: async (studio) => {
      await openPhoto(studio, 'couple-1968');
      await chooseMode(studio, 'Side by side');
      await studio.page.getByRole('button', { name: 'Hide the panel' }).click();
    },
  },
  {
    name: 'difference',
    prepare: async (studio) => {
      await openPhoto(studio, 'family-1974');
      await chooseMode(studio, 'Difference');
    },
  },
  {
    name: 'export',
    prepare: async (studio) => {
      await openPhoto(studio, 'family-1974');
      await studio.page.getByRole('button', { name: 'Export' }).click();
      await studio.page.getByRole('textbox', { name: 'Folder' }).fill('/home/anna/Pictures/Heirloom exports');
    },
  },
  {
    name: 'shortcuts',
    prepare: async (studio) => {
      await openLibrary(studio);
      await studio.page.keyboard.press('?');
      await studio.page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'models',
    prepare: async (studio) => {
      await openLibrary(studio);
      await goTo(studio, 'Models');
    },
  },
  {
    name: 'settings',
    prepare: async (studio) => {
      await openLibrary(studio);
      await goTo(studio, 'Settings');
    },
  },
  {
    name: 'queue',
    prepare: async (studio) => {
      await openLibrary(studio);
      await goTo(studio, 'Queue');
      const photoIds = await Promise.all(
        ['group-1921', 'scanned-sideways', 'portrait-1938'].map((name) => photoId(studio, name)),
      );
      await studio.call('restore.enqueue', { photoIds, settings: { speed: 'exact', start: 150 } });
      await studio.page
        .getByText(/^Step \d+ of \d+$/)
        .first()
        .waitFor({ timeout: PATIENCE_MS });
      await studio.page.waitForTimeout(15_000);
    },
  },
  {
    name: 'library-arabic',
    prepare: async (studio) => {
      const { jobs } = await studio.call('jobs.list', {});
      await studio.call('jobs.control', { ids: jobs.map(({ id }) => id), action: 'cancel' });
      await queueDone(studio);
      await studio.call('jobs.clearFinished', {});
      await openLibrary(studio);
      await studio.call('settings.set', { language: 'ar' });
      await studio.page.locator('html[dir="rtl"]').waitFor();
      await studio.page.getByRole('gridcell').first().click();
    },
  },
];

async function shoot({ page, call }: Studio, name: string): Promise<void> {
  const session = await page.context().newCDPSession(page);
  for (const theme of THEMES)
    for (const size of SIZES) {
      await call('settings.set', { theme });
      await page.setViewportSize(size);
      await page.mouse.move(size.width / 2, 1);
      await page.waitForTimeout(SETTLE_MS);
      const { data } = await session.send('Page.captureScreenshot', {
        format: 'webp',
        quality: WEBP_QUALITY,
      });
      await writeFile(join(OUT, `${name}-${theme}-${size.width}.webp`), Buffer.from(data, 'base64'));
    }
  await page.setViewportSize(SIZES[0]!);
  await session.detach();
}

function buildInterface(): void {
  const vite = join(ROOT, 'node_modules', 'vite', 'bin', 'vite.js');
  const config = join(ROOT, 'renderer', 'vite.config.ts');
  const { status } = spawnSync(
    process.execPath,
    [vite, 'build', '--config', config, '--outDir', INTERFACE, '--emptyOutDir'],
    { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] },
  );
  if (status !== 0) throw new Error(`Building the interface failed with status ${status}`);
}

async function takeAll(studio: Studio, names: string[]): Promise<void> {
  const wanted = SCENES.filter(({ name }) => names.length === 0 || names.includes(name));
  if (!wanted.some(({ name }) => name === 'first-run')) await SCENES[0]!.prepare(studio);
  let furnished = false;
  for (const { name, prepare } of wanted) {
    if (name !== 'first-run' && !furnished) {
      await furnish(studio);
      furnished = true;
    }
    await prepare(studio);
    await shoot(studio, name);
    console.log(name);
  }
}

async function main(names: string[]): Promise<void> {
  const unknown = names.find((name) => !SCENES.some((scene) => scene.name === name));
  if (unknown !== undefined)
    throw new Error(`Expected one of ${SCENES.map(({ name }) => name).join(', ')} but received ${unknown}`);
  buildInterface();
  await mkdir(OUT, { recursive: true });
  const folder = await mkdtemp(join(tmpdir(), 'heirloom-'));
  const application = await openApplication({ libraryFolder: join(folder, 'Heirloom'), host: 'browser' });
  const { uploads } = application;
  const server = await startBrowserServer({ application, uploads, renderer: INTERFACE, port: 0 });
  const browser = await chromium.launch({
    ...(existsSync(CHROMIUM) && { executablePath: CHROMIUM }),
    args: ['--no-sandbox'],
  });
  const call: Call = async (method, params) => {
    const envelope = await application.call(method, params);
    if (!envelope.ok) throw new Error(`${method}: ${envelope.error.message}`);
    return envelope.value as never;
  };
  try {
    const page = await browser.newPage({ viewport: SIZES[0]!, locale: 'en-GB', reducedMotion: 'reduce' });
    await page.goto(server.address);
    await takeAll({ page, call, folder }, names);
  } finally {
    await browser.close();
    await server.close();
    await application.close();
    await rm(folder, { recursive: true, force: true });
  }
}

await main(process.argv.slice(2));
