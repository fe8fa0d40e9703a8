/**
 * `npm run test:hostile`: every file of the corpus through a real import, with the real application and the real
 * engine, each in its own process. `--seed N`, `--files N` (a sample over all families), `--short` (a minute or so).
 * None may end a process, take longer than 10 s or more than 2 GB; each is imported or refused with a reason.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ERROR_TABLE } from '../../contract/errors.ts';
import type { ImportReport } from '../../contract/library.ts';
import { tallyLine } from '../../scripts/test.ts';
import { makeAppFolder } from '../fixtures/open-test-application.ts';
import { PICTURES } from '../fixtures/make-pictures.ts';
import { Application } from './application.ts';
import { makeCorpus, sampleOf } from './corpus.ts';
import { ODD_FILES } from './odd-files.ts';
import { childrenOf, forgetPeak, isAlive, peakMemory, processorTime } from './watch-process.ts';

const LIMIT_MS = 10_000;
const LIMIT_BYTES = 2e9;
/** A file that takes so long is given up. */
const GIVE_UP_MS = 60_000;
const SHORT_FILES = 400;
/** Of writing and syncing, which take no processor. */
const WAITING_MS = 500;
/** Of the imported ones, the views of every third are asked for, and faces looked for in every twentieth. */
const VIEWED = 3;
const DETECTED = 20;

interface Case {
  name: string;
  family: string;
  put: (path: string) => void;
}

interface Result {
  name: string;
  family: string;
  /** `imported`, `already there`, or the code of the refusal. */
  outcome: string;
  milliseconds: number;
  /** Bytes, of the process that took most. */
  memory: number;
  problems: string[];
}

interface Options {
  seed: number;
  files: number | undefined;
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: { seed: { type: 'string' }, files: { type: 'string' }, short: { type: 'boolean' } },
  });
  const files = values.files ?? (values.short ? String(SHORT_FILES) : undefined);
  return {
    seed: whole('seed', values.seed ?? '1'),
    files: files === undefined ? undefined : whole('files', files),
  };
}

function whole(name: string, text: string): number {
  const value = Number(text);
  if (/^\d{1,9}$/.test(text)) return value;
  throw new Error(`Expected a whole number for --${name} but received ${text}`);
}

async function casesOf({ seed, files }: Options): Promise<Case[]> {
  const corpus = await makeCorpus(seed);
  const chosen = files === undefined ? corpus : sampleOf(corpus, files, seed);
  const good = await PICTURES['plain.jpg']();
  return [
    ...chosen.map(({ name, family, bytes }) => ({
      name,
      family,
      put: (path: string) => writeFileSync(path, bytes()),
    })),
    ...ODD_FILES.map(({ name, make }) => ({
      name,
      family: 'odd files',
      put: (path: string) => make(path, good),
    })),
  ];
}

/** The application, its engines, and what became of them. */
class Watched {
  readonly application: Application;
  readonly #engines = new Set<number>();
  deaths = 0;

  constructor(application: Application) {
    this.application = application;
  }

  forget(): void {
    for (const pid of this.#pids()) forgetPeak(pid);
  }

  /** Most memory of one process since `forget`; what has died meanwhile is counted. */
  look(): { memory: number; died: number } {
    const pids = this.#pids();
    const died = [...this.#engines].filter((pid) => !isAlive(pid));
    for (const pid of died) this.#engines.delete(pid);
    this.deaths += died.length;
    return { memory: Math.max(...pids.map(peakMemory)), died: died.length };
  }

  /** Processor time of all of them, in milliseconds. */
  get worked(): number {
    return this.#pids().reduce((sum, pid) => sum + processorTime(pid), 0);
  }

  #pids(): number[] {
    const engines = childrenOf(this.application.pid);
    for (const pid of engines) this.#engines.add(pid);
    return [this.application.pid, ...engines];
  }
}

async function attack(watched: Watched, folder: string, { name, family, put }: Case): Promise<Result> {
  const path = join(folder, name);
  put(path);
  watched.forget();
  const before = watched.worked;
  const start = performance.now();
  const report = await watched.application.import([path], GIVE_UP_MS);
  const elapsed = performance.now() - start;
  // On a machine that does other work too, what counts is the work; what waits is given up.
  const milliseconds =
    elapsed < GIVE_UP_MS ? Math.min(elapsed, watched.worked - before + WAITING_MS) : elapsed;
  const { memory, died } = watched.look();
  rmSync(path, { recursive: true, force: true });
  const outcome = outcomeOf(report, family);
  const problems = [
    ...(outcome === null ? [`neither imported nor refused: ${JSON.stringify(report)}`] : []),
    ...(died > 0 ? ['it ended an engine process'] : []),
    ...(milliseconds > LIMIT_MS ? [`it took ${seconds(milliseconds)}`] : []),
    ...(memory > LIMIT_BYTES ? [`it took ${megabytes(memory)}`] : []),
  ];
  return { name, family, outcome: outcome ?? 'nothing', milliseconds, memory, problems };
}

function outcomeOf({ imported, alreadyThere, failed, total }: ImportReport, family: string): string | null {
  const [failure] = failed;
  if (failure) {
    const isReason = Object.hasOwn(ERROR_TABLE, failure.code) && failure.message.length > 10;
    return isReason && failure.code !== 'internal' && failure.code !== 'engine/died' ? failure.code : null;
  }
  if (imported === 1) return 'imported';
  // A folder without pictures.
  if (alreadyThere === 1 || (family === 'odd files' && total === 0)) return 'already there';
  return null;
}

/** What a person sees of an imported one: each is a picture or a refusal. */
async function visit(watched: Watched, id: number, result: Result, index: number): Promise<void> {
  const { application } = watched;
  if (index % VIEWED === 0)
    for (const size of ['small', 'view', 'full', 'tile/0/0/0']) {
      const { status, bytes } = await application.picture(`photo/${id}/${size}`);
      if (status !== 404 && (status !== 200 || bytes === 0))
        result.problems.push(`${size} answered ${status}`);
    }
  if (index % DETECTED === 0)
    await application.call('faces.detect', { photoId: id }).catch(expectCode(result));
  const { memory, died } = watched.look();
  result.memory = Math.max(result.memory, memory);
  if (died > 0) result.problems.push('to look at it ended an engine process');
  if (memory > LIMIT_BYTES) result.problems.push(`to look at it took ${megabytes(memory)}`);
}

const expectCode = (result: Result) => (error: unknown) => {
  const code = (error as { code?: string }).code ?? 'no code';
  if (!code.startsWith('input/')) result.problems.push(`faces.detect: ${code}`);
};

const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;

function summary(results: Result[], watched: Watched, { seed, files }: Options): string[] {
  const count = (outcome: string) => results.filter((result) => result.outcome === outcome).length;
  const refused = results.filter(({ outcome }) => outcome.includes('/'));
  const reasons = Map.groupBy(refused, ({ outcome }) => outcome);
  const slowest = results.toSorted((a, b) => b.milliseconds - a.milliseconds)[0]!;
  const largest = results.toSorted((a, b) => b.memory - a.memory)[0]!;
  const options = files === undefined ? '' : ` --files ${files}`;
  return [
    `files tried     ${results.length}`,
    `imported        ${count('imported')}, and ${count('already there')} whose bytes were there already`,
    `refused         ${refused.length}`,
    ...[...reasons].map(([code, group]) => `  ${code.padEnd(22)} ${group.length}`),
    `crashes         ${watched.application.running ? 0 : 1} of the application, ${watched.deaths} of its engines`,
    `slowest         ${seconds(slowest.milliseconds)}  ${slowest.name}`,
    `highest memory  ${megabytes(largest.memory)}  ${largest.name}`,
    `seed            ${seed}; again: npm run test:hostile -- --seed ${seed}${options}`,
  ];
}

/** One line a family, and the tally: a family has passed where every file of it did. */
function familyLines(results: Result[]): { lines: string[]; passed: number; failed: number } {
  const families = [...Map.groupBy(results, ({ family }) => family)];
  const failed = families.filter(([, group]) => group.some(({ problems }) => problems.length > 0)).length;
  const lines = families.map(([family, group]) => {
    const imported = group.filter(({ outcome }) => outcome === 'imported').length;
    return `  ${family.padEnd(16)} ${String(group.length).padStart(5)} files, ${imported} imported`;
  });
  return { lines, passed: families.length - failed, failed };
}

async function main(): Promise<void> {
  const options = readOptions();
  const cases = await casesOf(options);
  const root = await makeAppFolder();
  const folder = join(root, 'incoming');
  mkdirSync(folder);
  const watched = new Watched(await Application.start(root));
  const results: Result[] = [];
  try {
    await watched.application.call('settings.set', { detectOnImport: false });
    for (const one of cases) {
      const result = await attack(watched, folder, one);
      results.push(result);
      if (result.outcome === 'imported') await visitNewest(watched, result, results.length);
      for (const problem of result.problems) console.log(`${one.family}: ${one.name}: ${problem}`);
    }
  } catch (error) {
    // What it was at when the application ended.
    console.log(`${cases[results.length]?.name}: ${(error as Error).message}`);
  }
  for (const line of summary(results, watched, options)) console.log(line);
  const { lines, passed, failed } = familyLines(results);
  for (const line of lines) console.log(line);
  const whole = results.length === cases.length && watched.application.running;
  await watched.application.stop();
  await rm(root, { recursive: true, force: true, maxRetries: 3 });
  console.log(tallyLine({ passed: passed + (whole ? 1 : 0), failed: failed + (whole ? 0 : 1), skipped: 0 }));
  process.exitCode = whole && failed === 0 ? 0 : 1;
}

async function visitNewest(watched: Watched, result: Result, index: number): Promise<void> {
  const ids = await watched.application.call('timeline.page', {
    query: {},
    month: null,
    offset: 0,
    limit: 1,
  });
  const [newest] = ids;
  if (newest) await visit(watched, newest.id, result, index);
}

await main();
