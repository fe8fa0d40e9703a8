/**
 * `npm run bench -- library [--photos 500 --rows 100000 --pages 500 --starts 5 --scroll 10]`: what a large library
 * costs: import with thumbnails, a page of the timeline, start to first paint, scrolling, memory. `--only scroll` (or
 * import, page, search, start) measures one of them, `--library DIR` keeps the library there for the next time.
 */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { parseCount } from '../cli/parse-settings.ts';
import type { ApiMethod, ApiParamsInput, ApiResult } from '../contract/api.ts';
import { HeirloomError } from '../contract/errors.ts';
import { createApi } from '../main/api.ts';
import { createEngines } from '../main/engines.ts';
import { libraryHandlers } from '../main/library/library-handlers.ts';
import { openLibrary, type Library } from '../main/library/open-library.ts';
import { browseLibrary, LATE_FRAME_MS, whyNotBrowse, type Browsing } from './browse-library.ts';
import { fillLibrary } from './fill-library.ts';
import { LARGE_PHOTO, writeLargePhotos } from './large-photos.ts';
import { printMachine, printMeasured } from './report.ts';

const PAGE_SIZE = 100;
/** From nearly every photo to a few of them. */
const SEARCHES = ['s', 'scan', '19', '195', 'scan 1', 'scan 00012'];
/** Pages of a search that are in sight at once. */
const FIRST_PAGES = 3;
/** What each number should at least, or at most, be on two cores. */
const GOALS = { photosPerSecond: 8, pageMs: 10, startSeconds: 2, lateFrames: 0.01, memoryMiB: 300 };

const PARTS = ['import', 'page', 'search', 'start', 'scroll'] as const;
type Part = (typeof PARTS)[number];
/** Photos that are imported where only other parts are measured: what the rows show. */
const SEEDS = 8;

interface Sizes {
  photos: number;
  rows: number;
  pages: number;
  starts: number;
  scroll: number;
}

interface Options {
  sizes: Sizes;
  parts: ReadonlySet<Part>;
  /** Undefined: one of its own, which goes at the end. */
  library: string | undefined;
}

function parseOptions(args: string[]): Options {
  const option = (value: string) => ({ type: 'string', default: value }) as const;
  const { values } = parseArgs({
    args,
    options: {
      photos: option('500'),
      rows: option('100000'),
      pages: option('500'),
      starts: option('5'),
      scroll: option('10'),
      only: { type: 'string', multiple: true, default: [...PARTS] },
      library: { type: 'string' },
    },
  });
  const count = (name: keyof Sizes) => parseCount(name, values[name]);
  const sizes = {
    photos: count('photos'),
    rows: count('rows'),
    pages: count('pages'),
    starts: count('starts'),
    scroll: count('scroll'),
  };
  return { sizes, parts: new Set(values.only.map(parsePart)), library: values.library };
}

function parsePart(name: string): Part {
  const part = PARTS.find((one) => one === name);
  if (part) return part;
  throw new HeirloomError('argument/invalid', `Expected one of ${PARTS.join(', ')} but received ${name}`);
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

/** Imports generated photos. Answers with the seconds, and the photos' mean size in megabytes. */
async function importPhotos(library: Library, folder: string, count: number) {
  const photos = join(folder, 'photos');
  await mkdir(photos);
  const sizes = await writeLargePhotos(photos, count);
  const megabytes = sizes.reduce((sum, size) => sum + size, 0) / sizes.length / 1e6;
  const began = performance.now();
  const { id } = library.importPaths([photos], 'copy');
  const { imported, failedCount } = await library.importDone(id);
  const seconds = (performance.now() - began) / 1000;
  if (imported !== count) throw new Error(`${imported} of ${count} photos imported, ${failedCount} failed`);
  await rm(photos, { recursive: true });
  return { seconds, megabytes };
}

async function benchImport(library: Library, folder: string, count: number): Promise<void> {
  const { seconds, megabytes } = await importPhotos(library, folder, count);
  const speed = count / seconds;
  console.log(
    `import           ${speed.toFixed(2)} photos/s: ${count} JPEGs of ${LARGE_PHOTO.width} x ${LARGE_PHOTO.height}, ${megabytes.toFixed(1)} MB on average, copied, two thumbnails each, faces not looked for, in ${seconds.toFixed(1)} s` +
      verdict(speed >= GOALS.photosPerSecond, `at least ${GOALS.photosPerSecond}`),
  );
}

/** The library's calls as a transport makes them; answers with the value. */
function callerOf(library: Library) {
  // Of the API's table only these handlers exist here; no other is called.
  const call = createApi(libraryHandlers(library) as Parameters<typeof createApi>[0]);
  return async <M extends ApiMethod>(method: M, params: ApiParamsInput<M>): Promise<ApiResult<M>> => {
    const answer = await call(method, params);
    if (!answer.ok) throw new Error(answer.error.message);
    return answer.value as ApiResult<M>;
  };
}

async function benchPages(library: Library, rows: number, runs: number): Promise<void> {
  const call = callerOf(library);
  const query = { bin: false };
  const months = await call('timeline.months', { query });
  const times: number[] = [];
  for (let i = 0; i < runs; i++) {
    const { month, count } = months[(i * 37) % months.length]!;
    const offset = Math.max(0, Math.min(count - PAGE_SIZE, (i * 53) % count));
    const began = performance.now();
    await call('timeline.page', { query, month, offset, limit: PAGE_SIZE });
    times.push(performance.now() - began);
  }
  const late = times.filter((time) => time > GOALS.pageMs).length / times.length;
  const note =
    `, up to ${PAGE_SIZE} of ${rows} rows in ${months.length} months` +
    verdict(late <= 0.05, `p95 under ${GOALS.pageMs} ms`);
  printMeasured('timeline page', times, 2, 'ms', note);
}

/** What the interface asks for while a person types: the months that are met, and the first pages. */
async function benchSearch(library: Library): Promise<void> {
  const call = callerOf(library);
  for (const text of SEARCHES) {
    const query = { bin: false, text };
    const began = performance.now();
    const months = await call('timeline.months', { query });
    for (const { month } of months.slice(0, FIRST_PAGES))
      await call('timeline.page', { query, month, offset: 0, limit: PAGE_SIZE });
    const milliseconds = performance.now() - began;
    const met = months.reduce((sum, { count }) => sum + count, 0);
    console.log(`search           ${milliseconds.toFixed(0).padStart(4)} ms for "${text}": ${met} photos`);
  }
}

function printOpenings({ openings, chromium }: Browsing, rows: number): void {
  const paints = openings.map(({ paint }) => paint);
  const worst = Math.max(...paints);
  printMeasured(
    'first paint',
    paints,
    2,
    's ',
    `, ${rows} photos, from the start of the process, Chromium ${chromium} running` +
      verdict(worst < GOALS.startSeconds, `under ${GOALS.startSeconds} s`),
  );
  printMeasured(
    'first photo',
    openings.map(({ photo }) => photo),
    2,
    's ',
  );
}

function printScrolling({ frames, scrolledPixels, memory }: Browsing): void {
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

async function benchInside(folder: string, library: string, { parts, sizes }: Options): Promise<void> {
  const { photos, rows, pages } = sizes;
  const isThere = existsSync(library);
  await withLibrary(library, async (open) => {
    if (parts.has('import')) await benchImport(open, folder, photos);
    else if (!isThere) await importPhotos(open, folder, SEEDS);
    fillLibrary(open, rows);
    if (parts.has('page')) await benchPages(open, rows, pages);
    if (parts.has('search')) await benchSearch(open);
  });
}

async function benchInBrowser(library: string, { parts, sizes }: Options): Promise<void> {
  const { starts, scroll, rows } = sizes;
  if (!parts.has('start') && !parts.has('scroll')) return;
  const obstacle = whyNotBrowse();
  if (obstacle) return console.log(`start, scrolling and memory were not measured: ${obstacle}`);
  const browsing = await browseLibrary(library, parts.has('start') ? starts : 1, scroll);
  if (parts.has('start')) printOpenings(browsing, rows);
  if (parts.has('scroll')) printScrolling(browsing);
}

export async function benchLibrary(args: string[]): Promise<void> {
  const options = parseOptions(args);
  const folder = await mkdtemp(join(tmpdir(), 'heirloom-bench-'));
  const library = resolve(options.library ?? join(folder, 'library'));
  try {
    printMachine({ node: process.versions.node });
    console.log('');
    await benchInside(folder, library, options);
    await benchInBrowser(library, options);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
