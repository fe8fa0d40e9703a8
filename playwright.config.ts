import { existsSync } from 'node:fs';
import { defineConfig } from '@playwright/test';

/** Debian's; elsewhere the one that Playwright installed. */
const CHROMIUM = '/usr/bin/chromium';

/** The interface in a real browser, against the real engine and pack. Two workers: most of a test is waiting for what is drawn. */
export default defineConfig({
  testDir: 'tests/e2e',
  testMatch: '*.spec.ts',
  outputDir: 'out/e2e',
  globalSetup: ['./tests/e2e/build-interface.ts', './tests/e2e/settle-library.ts'],
  workers: 2,
  timeout: 180_000,
  expect: { timeout: 20_000 },
  reporter: [['list']],
  use: {
    browserName: 'chromium',
    viewport: { width: 1440, height: 900 },
    locale: 'en-GB',
    actionTimeout: 20_000,
    launchOptions: {
      ...(existsSync(CHROMIUM) && { executablePath: CHROMIUM }),
      args: ['--no-sandbox'],
    },
    screenshot: 'only-on-failure',
  },
});
