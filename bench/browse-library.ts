import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type Page } from '@playwright/test';

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const MAIN = fileURLToPath(new URL('../cli/main.ts', import.meta.url));
const INTERFACE = fileURLToPath(new URL('../out/renderer/index.html', import.meta.url));
const WINDOW = { width: 1440, height: 900 };
const WAIT_MS = 60_000;
const WHEEL_PIXELS = 400;
const WHEEL_PAUSE_MS = 50;
/** One frame more than this late is seen as a stutter. */
export const LATE_FRAME_MS = 50;

/** Notes when the first photo of the timeline could be seen, in milliseconds since 1970. */
const WATCH_FIRST_PHOTO = `
  const look = () => {
    const photo = [...document.querySelectorAll('img[src*="picture/photo/"]')].find((img) => img.naturalWidth > 0);
    if (photo) globalThis.firstPhotoAt = performance.timeOrigin + performance.now();
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
`;
const FIRST_PAINT = `
  performance.timeOrigin + performance.getEntriesByName('first-contentful-paint')[0].startTime
`;
/** Starts to note how long each frame takes. */
const WATCH_FRAMES = `
  globalThis.frames = [];
  let last = performance.now();
  const note = (now) => {
    globalThis.frames.push(now - last);
    last = now;
    requestAnimationFrame(note);
  };
  requestAnimationFrame(note);
`;

interface Served {
  child: ChildProcess;
  address: string;
}

export interface Opening {
  /** Seconds from the start of the process to the first paint, and to the first photo. */
  paint: number;
  photo: number;
}

export interface Memory {
  /** MiB of the app process, at the end and at its highest; the latter on Linux only. */
  resident: number;
  peak: number | null;
}

export interface Browsing {
  chromium: string;
  openings: Opening[];
  /** Milliseconds of each frame while scrolling. */
  frames: number[];
  /** Rows of the timeline that went by, in pixels. */
  scrolledPixels: number;
  memory: Memory;
}

/** Why browsing cannot be measured here; null where it can. */
export function whyNotBrowse(): string | null {
  if (!existsSync(CHROMIUM)) return `there is no ${CHROMIUM} (CHROMIUM=path names another one)`;
  return existsSync(INTERFACE) ? null : 'the interface is not built (`npm start` builds it)';
}

/** Serves the library in a process of its own, opens it `starts` times, scrolls through it for some seconds. */
export async function browseLibrary(
  folder: string,
  starts: number,
  scrollSeconds: number,
): Promise<Browsing> {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  try {
    const openings: Opening[] = [];
    for (let i = 1; i < starts; i++) openings.push(await visit(browser, folder, () => Promise.resolve()));
    let seen: Pick<Browsing, 'frames' | 'scrolledPixels' | 'memory'> | undefined;
    openings.push(
      await visit(browser, folder, async (page, { child }) => {
        const scrolled = await scroll(page, scrollSeconds);
        seen = { ...scrolled, memory: memoryOf(child.pid!) };
      }),
    );
    return { chromium: browser.version(), openings, ...seen! };
  } finally {
    await browser.close();
  }
}

async function visit(
  browser: Browser,
  folder: string,
  act: (page: Page, served: Served) => Promise<void>,
): Promise<Opening> {
  const began = Date.now();
  const served = await serve(folder);
  const context = await browser.newContext({ viewport: WINDOW });
  try {
    const page = await context.newPage();
    await page.addInitScript(WATCH_FIRST_PHOTO);
    await page.goto(served.address);
    // A function: waiting for a text would be evaluated in the page, which its policy forbids.
    await page.waitForFunction(() => 'firstPhotoAt' in globalThis, undefined, { timeout: WAIT_MS });
    const photo = await page.evaluate<number>('globalThis.firstPhotoAt');
    const paint = await page.evaluate<number>(FIRST_PAINT);
    await act(page, served);
    return { paint: (paint - began) / 1000, photo: (photo - began) / 1000 };
  } finally {
    await context.close();
    await stop(served.child);
  }
}

async function serve(folder: string): Promise<Served> {
  const child = spawn(process.execPath, [MAIN, 'serve', '--library', folder, '--port', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return { child, address: await addressOf(child) };
}

function addressOf(child: ChildProcess): Promise<string> {
  let text = '';
  return new Promise((resolve, reject) => {
    // Read to its end: a closed pipe would end the process.
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      const address = /http:\/\/127\.0\.0\.1:\S+(?=\s)/.exec(text)?.[0];
      if (address) resolve(address);
    });
    child.once('exit', () => reject(new Error(`heirloom serve ended: ${text}`)));
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
}

async function scroll(page: Page, seconds: number): Promise<Pick<Browsing, 'frames' | 'scrolledPixels'>> {
  await page.mouse.move(WINDOW.width / 2, WINDOW.height / 2);
  await page.evaluate(WATCH_FRAMES);
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) {
    await page.mouse.wheel(0, WHEEL_PIXELS);
    await page.waitForTimeout(WHEEL_PAUSE_MS);
  }
  const frames = await page.evaluate<number[]>('globalThis.frames');
  const scrolledPixels = await page.evaluate<number>(
    'Math.max(...[...document.querySelectorAll("*")].map((element) => element.scrollTop))',
  );
  return { frames, scrolledPixels };
}

function memoryOf(pid: number): Memory {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kilobytes = (name: string) => Number(new RegExp(`^${name}:\\s*(\\d+) kB`, 'm').exec(status)?.[1]);
  return { resident: kilobytes('VmRSS') / 1024, peak: kilobytes('VmHWM') / 1024 };
}
