/**
 * `npm run bench -- library [--photos 500 --rows 100000 --pages 500 --starts 5 --scroll 10]`: what a large library
 * costs: import with thumbnails, a page of the timeline, start to first paint, scrolling, memory.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parseCount } from '../cli/parse-settings.ts';
import { createApi } from '../main/api.ts';
import { createEngines } from '../main/engines.ts';
import { libraryHandlers } from '../main/library/library-handlers.ts';
import { openLibrary, type Library } from '../main/library/open-library.ts';
import { browseLibrary, LATE_FRAME_MS, whyNotBrowse, type Browsing } from './browse-library.ts';
import { fillLibrary } from './fill-library.ts';
import { LARGE_PHOTO, writeLargePhotos } from './large-photos.ts';
import { printMachine, printMeasured } from './report.ts';

const PAGE_SIZE = 100;
/** What each number should at least, or at most, be on two cores. */
const GOALS = { photosPerSecond: 8, pageMs: 10, startSeconds: 2, lateFrames: 0.01, memoryMiB: 300 };

interface Sizes {
  photos: number;
  rows: number;
  pages: number;
  starts: number;
  scroll: number;
}

function parseSizes(args: string[]): Sizes {
  const option = (value: string) => ({ type: 'string', default: value }) as const;
  const { values } = parseArgs({
    args,
    options: {
      photos: option('500'),
      rows: option('100000'),
      pages: option('500'),
      starts: option('5'),
      scroll: option('10'),
    },
  });
  const count = (name: keyof Sizes) => parseCount(name, values[name]);
  return {
    photos: count('photos'),
    rows: count('rows'),
    pages: count('pages'),
    starts: count('starts'),
    scroll: count('scroll'),
  };
}

function verdict(met: boolean, goal: string): string {
  return `  (${goal}: ${met ? 'met' : 'missed'})`;
}

/** An empty library, without faces being looked for: it is the import that is measured. */
async function withLibrary<T>(folder: string, act: (library: Library) => Promise<T>): Promise<T> {
  const engines = createEngines({});
  const library = await openLibrary({ folder, engines, emit: () => undefined });
  try {
    library.settings.set({ detectOnImport: false, tourDone: true });
    return await act(library);
  } finally {
    await library.close();
    await engines.close();
  }
}

async function benchImport(library: Library, folder: string, count: number): Promise<void> {
  const photos = join(folder, 'photos');
  await mkdir(photos);
  const sizes = await writeLargePhotos(photos, count);
  const megabytes = sizes.reduce((sum, size) => sum + size, 0) / sizes.length / 1e6;
  const began = performance.now();
  const { id } = library.importPaths([photos], 'copy');
  const { imported, failedCount } = await library.importDone(id);
  const seconds = (performance.now() - began) / 1000;
  if (imported !== count) throw new Error(`${imported} of ${count} photos imported, ${failedCount} failed`);
  const speed = count / seconds;
  console.log(
    `import           ${speed.toFixed(2)} photos/s: ${count} JPEGs of ${LARGE_PHOTO.width} x ${LARGE_PHOTO.height}, ${megabytes.toFixed(1)} MB on average, copied, two thumbnails each, faces not looked for, in ${seconds.toFixed(1)} s` +
      verdict(speed >= GOALS.photosPerSecond, `at least ${GOALS.photosPerSecond}`),
  );
  await rm(photos, { recursive: true });
}

async function benchPages(library: Library, rows: number, runs: number): Promise<void> {
  fillLibrary(library, rows);
  const handlers = libraryHandlers(library);
  const query = { bin: false };
  const months = await handlers['timeline.months']({ query });
  // Of the API's table only these handlers exist here; no other is called.
  const call = createApi(handlers as Parameters<typeof createApi>[0]);
  const times: number[] = [];
  for (let i = 0; i < runs; i++) {
    const { month, count } = months[(i * 37) % months.length]!;
    const offset = Math.max(0, Math.min(count - PAGE_SIZE, (i * 53) % count));
    const began = performance.now();
    const answer = await call('timeline.page', { query, month, offset, limit: PAGE_SIZE });
    times.push(performance.now() - began);
    if (!answer.ok) throw new Error(answer.error.message);
  }
  const late = times.filter((time) => time > GOALS.pageMs).length / times.length;
  const note =
    `, up to ${PAGE_SIZE} of ${rows} rows in ${months.length} months` +
    verdict(late <= 0.05, `p95 under ${GOALS.pageMs} ms`);
  printMeasured('timeline page', times, 2, 'ms', note);
}

function printBrowsing({ openings, frames, scrolledPixels, memory, chromium }: Browsing, rows: number): void {
  const goal = `under ${GOALS.startSeconds} s`;
  const paints = openings.map(({ paint }) => paint);
  const worst = Math.max(...paints);
  printMeasured(
    'first paint',
    paints,
    2,
    's ',
    `, ${rows} photos, from the start of the process, Chromium ${chromium} running` +
      verdict(worst < GOALS.startSeconds, goal),
  );
  printMeasured(
    'first photo',
    openings.map(({ photo }) => photo),
    2,
    's ',
  );
  const late = frames.filter((frame) => frame > LATE_FRAME_MS).length / frames.length;
  printMeasured('scrolling frame', frames, 1, 'ms', `, ${scrolledPixels} pixels of the timeline`);
  console.log(
    `late frames      ${(100 * late).toFixed(2)} % over ${LATE_FRAME_MS} ms` +
      verdict(late < GOALS.lateFrames, 'under 1 %'),
  );
  const highest = memory.peak ?? memory.resident;
  console.log(
    `app process      ${memory.resident.toFixed(0)} MiB after scrolling, ${highest.toFixed(0)} MiB at most` +
      verdict(highest < GOALS.memoryMiB, `under ${GOALS.memoryMiB}`),
  );
}

export async function benchLibrary(args: string[]): Promise<void> {
  const { photos, rows, pages, starts, scroll } = parseSizes(args);
  const folder = await mkdtemp(join(tmpdir(), 'heirloom-bench-'));
  const library = join(folder, 'library');
  try {
    printMachine({ node: process.versions.node });
    console.log('');
    await withLibrary(library, async (open) => {
      await benchImport(open, folder, photos);
      await benchPages(open, rows, pages);
    });
    const obstacle = whyNotBrowse();
    if (obstacle) console.log(`start, scrolling and memory were not measured: ${obstacle}`);
    else printBrowsing(await browseLibrary(library, starts, scroll), rows);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
