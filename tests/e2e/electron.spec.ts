import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { _electron as electron, expect, test, type ElectronApplication } from '@playwright/test';
import { findElectron } from '../../scripts/start.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const program = findElectron(ROOT);
/** The sample is restored while a newcomer looks on: minutes on a slow machine. */
const FIRST_RESTORATION_MS = 5 * 60_000;

const SKIPPED =
  'Skipped: Electron’s program is not installed (`npx install-electron` fetches it); unit tests run the shell against a stand-in.';
// Reporters count skipped tests without their reason; the workers load this file once more.
if (program === null && process.env['TEST_WORKER_INDEX'] === undefined)
  console.log(`electron.spec.ts: ${SKIPPED}`);

test.describe('Heirloom in Electron', () => {
  test.skip(program === null, SKIPPED);
  test.setTimeout(FIRST_RESTORATION_MS + 60_000);

  let folder: string;
  let heirloom: ElectronApplication;
  test.beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'heirloom-electron-'));
    const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    heirloom = await electron.launch({
      executablePath: program ?? '',
      args: [
        ROOT,
        `--library=${join(folder, 'library')}`,
        `--user-data-dir=${join(folder, 'user')}`,
        ...asRoot,
      ],
    });
  });
  test.afterEach(async () => {
    await heirloom.close();
    await rm(folder, { recursive: true, force: true });
  });

  test('shows a newcomer a restored sample under the split slider', async () => {
    const window = await heirloom.firstWindow();
    expect(window.url()).toMatch(/^heirloom:\/\/app\/index\.html/);
    await expect(window.getByRole('slider', { name: /^Split between/ })).toBeVisible({
      timeout: FIRST_RESTORATION_MS,
    });
    const pictures = window.locator('img[src^="heirloom://picture/version/"]');
    await expect(pictures.first()).toBeVisible();
    expect(
      await pictures.first().evaluate((picture: { naturalWidth: number }) => picture.naturalWidth),
    ).toBeGreaterThan(0);
  });

  test('gives the page nothing but the bridge', async () => {
    const window = await heirloom.firstWindow();
    const found = await window.evaluate(async () => {
      const page = globalThis as unknown as Record<string, unknown> & { open: (url: string) => unknown };
      const reached = await fetch('https://example.com/').then(
        () => true,
        () => false,
      );
      return {
        bridge: Object.keys(page['heirloom'] as object).sort(),
        node: ['require', 'process', 'module', 'Buffer'].filter((name) => page[name] !== undefined),
        opened: page.open('https://example.com/') !== null,
        reached,
      };
    });
    expect(found).toEqual({
      bridge: ['call', 'onEvent', 'pathForFile', 'pickFiles', 'pickFolder', 'platform'],
      node: [],
      opened: false,
      reached: false,
    });
  });
});
