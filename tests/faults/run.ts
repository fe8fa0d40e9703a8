/**
 * `npm run test:faults`: what may happen to a machine, done to a library of small photos with the tiny pack and the real
 * processes. Prints rounds, faults, items lost (to be 0) and the seed that repeats it; its last line is a tally.
 *
 *     npm run test:faults -- --seed 7 --rounds 200 --minutes 60
 *     npm run test:faults -- --short          # what `npm test` runs: about a minute and a half
 *     npm run test:faults -- --only kill-9,soak
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Inspection } from '../../contract/engine.ts';
import { cutLogs } from './cut-logs.ts';
import { newResult, reportOf, type PartOptions, type PartResult } from './fault-report.ts';
import { killRounds } from './kill-rounds.ts';
import {
  findFace,
  makeFaultLibrary,
  makePictures,
  workFolder,
  type FaultLibrary,
} from './make-fault-library.ts';
import { failingWrites, powerLoss } from './power-loss.ts';
import { soak } from './soak.ts';

const BATCH = { short: 15, whole: 50 };

interface Settings {
  seed: number;
  minutes: number;
  short: boolean;
  /** Kills; the other parts go by their own numbers. */
  rounds: number;
  only: string[];
}

interface Materials {
  root: string;
  face: Inspection;
  pictures: string[];
  /** Not in the library. */
  more: string[];
  library: FaultLibrary;
}

/** A part, how many rounds it has in each form, and its share of the time. */
interface Part {
  name: string;
  rounds: (settings: Settings) => number;
  share: number;
  run: (materials: Materials, options: PartOptions) => Promise<PartResult>;
}

const PARTS: readonly Part[] = [
  {
    name: 'kill-9',
    rounds: ({ rounds }) => rounds,
    share: 0.5,
    run: ({ library, pictures }, options) => killRounds(library, pictures, options),
  },
  {
    name: 'failing-writes',
    rounds: ({ short }) => (short ? 4 : 1000),
    share: 0.1,
    run: ({ library, more }, options) => failingWrites(library, more, options),
  },
  {
    name: 'power-loss',
    rounds: ({ short }) => (short ? 2 : 1000),
    share: 0.2,
    run: ({ library, more }, options) => powerLoss(library, more, options),
  },
  {
    name: 'cut-logs',
    rounds: ({ short }) => (short ? 4 : 100),
    share: 0.05,
    run: ({ library, more, face }, options) => cutLogs(library, more, face, options),
  },
  {
    name: 'soak',
    rounds: ({ short }) => (short ? 60 : 2000),
    share: 1,
    run: async ({ root, face }, options) => {
      const pictures = await makePictures(join(root, 'soak-pictures'), options.rounds, 10_000);
      return soak(await makeFaultLibrary(join(root, 'soak'), pictures, face), options);
    },
  },
];

function parseSettings(args: string[]): Settings {
  const { values } = parseArgs({
    args,
    options: {
      seed: { type: 'string' },
      rounds: { type: 'string' },
      minutes: { type: 'string' },
      short: { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
    },
  });
  const { short } = values;
  return {
    short,
    seed: Number(values.seed ?? Math.floor(Math.random() * 2 ** 31)),
    rounds: Number(values.rounds ?? (short ? 5 : 200)),
    minutes: Number(values.minutes ?? (short ? 6 : 15)),
    only: values.only.split(',').filter(Boolean),
  };
}

async function makeMaterials(batch: number): Promise<Materials> {
  const root = await workFolder();
  const face = await findFace();
  const pictures = await makePictures(join(root, 'pictures'), batch);
  const more = await makePictures(join(root, 'more'), 200, 1000);
  const library = await makeFaultLibrary(join(root, 'library'), pictures, face);
  return { root, face, pictures, more, library };
}

async function runPart(part: Part, materials: Materials, options: PartOptions): Promise<PartResult> {
  const began = performance.now();
  const result = await part.run(materials, options).catch((error: unknown) => ({
    ...newResult(part.name),
    problems: [error instanceof Error ? (error.stack ?? error.message) : String(error)],
  }));
  if (result.rounds === 0) result.problems.push('nothing was tried');
  console.log(`${reportOf(result)} (${((performance.now() - began) / 1000).toFixed(0)} s)`);
  return result;
}

async function main(): Promise<void> {
  const settings = parseSettings(process.argv.slice(2));
  const { seed, minutes, only } = settings;
  console.log(`Faults with seed ${seed}, at most ${minutes} minutes`);
  console.log(
    "Hosts: browser mode, and what Electron's shell opens, in plain Node; Electron itself is not started.",
  );
  const end = performance.now() + minutes * 60_000;
  const materials = await makeMaterials(settings.short ? BATCH.short : BATCH.whole);
  const results: PartResult[] = [];
  for (const part of PARTS.filter(({ name }) => only.length === 0 || only.includes(name))) {
    // What an earlier part left of its time is shared by those after it.
    const until = performance.now() + part.share * minutes * 60_000;
    const options = { seed, rounds: part.rounds(settings), until: Math.min(until, end), log: console.log };
    results.push(await runPart(part, materials, options));
  }
  rmSync(materials.root, { recursive: true });
  summarise(results, seed);
}

function summarise(results: readonly PartResult[], seed: number): void {
  const sum = (value: (result: PartResult) => number) =>
    results.reduce((all, result) => all + value(result), 0);
  const failed = results.filter(({ problems, lost }) => problems.length > 0 || lost > 0);
  console.log(
    `${sum(({ rounds }) => rounds)} rounds, ${sum(({ faults }) => faults)} faults injected, ${sum(({ lost }) => lost)} items lost; repeat with --seed ${seed}`,
  );
  console.log(`${results.length - failed.length} passed, ${failed.length} failed`);
  process.exitCode = failed.length === 0 ? 0 : 1;
}

if (import.meta.main) await main();
