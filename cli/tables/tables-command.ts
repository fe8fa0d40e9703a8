import { writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { join, resolve } from 'node:path';
import type { EngineParams, EngineResult } from '../../contract/engine.ts';
import { isExact, RECIPE_IDS, TABLES, type RecipeId } from '../../contract/evaluation.ts';
import { HeirloomError } from '../../contract/errors.ts';
import { EngineClient } from '../../engine/client.ts';
import { makeFolder } from '../../engine/make-folder.ts';
import { findPack } from '../find-pack.ts';
import { describeError, formatSeconds, writeLine, type Output } from '../output.ts';
import { parseCount, parseProvider, parseSettings } from '../parse-settings.ts';
import { isOfPair, readPairs, type Pair } from '../read-pairs.ts';
import {
  addRows,
  missingRows,
  openResults,
  readResults,
  saveResults,
  type Measured,
  type Results,
} from './collect.ts';
import { compareResults, compareRows } from './compare.ts';
import { resultsPage, resultsPlots, SAMPLER_ROWS, type Comparison } from './report.ts';
import { comparable, summarise } from './summarise.ts';

export interface TablesOptions {
  lq: string;
  hq: string;
  /** Folder of results.json, results.md and the plots. */
  tables: string;
  rows?: string;
  limit?: string;
  /** Pairs for the rows of the exact sampler, which take minutes a face. */
  exactPairs: string;
  /** Pairs for every other row that is not in the first table; absent: all. */
  rowPairs?: string;
  /** Folder of another run, as of another pack, whose faces these are compared with. */
  against?: string;
  inception?: string;
  lpips?: string;
  seed: string;
  provider: string;
  pack?: string;
}

const NO_AUTO = 'The row of guides by SE’s confidence was not run: the pack’s manifest has no table `auto`.';

type Request = Omit<EngineParams<'evaluateRows'>, 'name' | 'lq' | 'hq' | 'index' | 'rows'>;

/**
 * `heirloom evaluate --tables`: every row of every table on every pair. What results.json of an earlier run holds is
 * not measured again, so a run that was stopped goes on. Exit code 1 if a pair failed.
 */
export async function tablesCommand(
  options: TablesOptions,
  output: Output,
  signal: AbortSignal,
): Promise<number> {
  const limit = options.limit === undefined ? Infinity : parseCount('limit', options.limit);
  const limits = parseLimits(options);
  const asked = parseRows(options.rows);
  const request = readRequest(options, await findPack(options.pack));
  const pairs = (await readPairs(options.lq, options.hq)).slice(0, limit);
  const others = options.against === undefined ? undefined : await readResults(resultsFile(options.against));
  await makeFolder(options.tables);
  const engine = new EngineClient({ role: 'restore' });
  try {
    const pack = await describe(engine, request);
    const file = resultsFile(options.tables);
    const results = await openResults(file, pack.name, request.seed);
    const rows = pack.canAuto ? asked : asked.filter((row) => row !== 'auto');
    const wanted = (index: number) => rows.filter((row) => index < pairsOf(row, limits));
    const failed = await measure(engine, { pairs, wanted, request, results, file }, output, signal);
    if (results.pairs.length > 0) await report(options.tables, results, pack, output, others);
    return failed > 0 ? 1 : 0;
  } finally {
    await engine.close();
  }
}

function resultsFile(folder: string): string {
  return join(folder, 'results.json');
}

interface Limits {
  exactPairs: number;
  rowPairs: number;
}

function parseLimits({ exactPairs, rowPairs }: TablesOptions): Limits {
  return {
    exactPairs: parseCount('exact-pairs', exactPairs),
    rowPairs: rowPairs === undefined ? Infinity : parseCount('row-pairs', rowPairs),
  };
}

/** What a person can choose is measured on every pair. */
const OFFERED: ReadonlySet<RecipeId> = new Set(TABLES[0]!.rows.map(([id]) => id));

/** How many pairs a row is measured on. */
function pairsOf(row: RecipeId, { exactPairs, rowPairs }: Limits): number {
  if (OFFERED.has(row)) return Infinity;
  return isExact(row) ? Math.min(exactPairs, rowPairs) : rowPairs;
}

function parseRows(text: string | undefined): RecipeId[] {
  if (text === undefined) return [...RECIPE_IDS];
  return text.split(',').map((name) => {
    const id = RECIPE_IDS.find((known) => known === name);
    if (id) return id;
    throw new HeirloomError(
      'argument/invalid',
      `Expected rows out of ${RECIPE_IDS.join(', ')} but received '${name}'`,
    );
  });
}

function readRequest({ seed, provider, inception, lpips }: TablesOptions, pack: string): Request {
  return {
    seed: parseSettings({ seed }).seed,
    networks: {
      ...(inception !== undefined && { inception: resolve(inception) }),
      ...(lpips !== undefined && { lpips: resolve(lpips) }),
    },
    models: { provider: parseProvider(provider), pack },
  };
}

interface PackInUse {
  /** Id and version. */
  name: string;
  /** Its manifest has a table of guides, without which the row `auto` is not run. */
  canAuto: boolean;
}

async function describe(engine: EngineClient, { models }: Request): Promise<PackInUse> {
  const { id, version, presets = [], error } = await engine.call('checkPack', { folder: models.pack });
  if (error) throw new HeirloomError('pack/invalid', error.message);
  return { name: `${id} ${version}`, canAuto: presets.some(({ values }) => values && values.auto !== null) };
}

interface Work {
  pairs: Pair[];
  wanted: (index: number) => RecipeId[];
  request: Request;
  results: Results;
  file: string;
}

/** The number of pairs that failed. */
async function measure(
  engine: EngineClient,
  { pairs, wanted, request, results, file }: Work,
  { stdout, stderr }: Output,
  signal: AbortSignal,
): Promise<number> {
  let failed = 0;
  for (const [i, pair] of pairs.entries()) {
    const rows = missingRows(results, pair.name, wanted(i));
    if (rows.length === 0) continue;
    const began = performance.now();
    try {
      const measured = await engine.call('evaluateRows', { ...request, ...pair, index: i, rows }, { signal });
      addRows(results, pair.name, measured.rows.map(storable));
      await saveResults(file, results);
      const seconds = formatSeconds((performance.now() - began) / 1000);
      writeLine(stdout, `[${i + 1}/${pairs.length}] ${pair.name}: ${rows.length} rows, ${seconds}`);
    } catch (error) {
      if (!isOfPair(error)) throw error;
      failed++;
      writeLine(stderr, `${pair.name}: ${describeError(error)}`);
    }
  }
  return failed;
}

function storable({ descriptor, inception, ...row }: EngineResult<'evaluateRows'>['rows'][number]): Measured {
  return { ...row, descriptor: [...descriptor], ...(inception && { inception: [...inception] }) };
}

async function report(
  folder: string,
  results: Results,
  { name: pack, canAuto }: PackInUse,
  { stdout }: Output,
  others: Results | undefined,
): Promise<void> {
  const summaries = summarise(results);
  const notes = canAuto ? [] : [NO_AUTO];
  const machine = `${cpus()[0]?.model.trim()}, ${availableParallelism()} cores`;
  const head = { pack, pairs: results.pairs.length, seed: results.seed, machine, notes };
  const comparisons: Comparison[] = [
    { title: 'Face by face: what a row has more than another', differences: compareRows(results) },
    ...(others
      ? [
          {
            title: `Face by face: more than pack ${others.pack}`,
            differences: compareResults(results, others),
          },
        ]
      : []),
  ];
  const page = resultsPage(head, summaries, summarise(comparable(results, SAMPLER_ROWS)), comparisons);
  const files = { 'results.md': page, ...resultsPlots(summaries) };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  writeLine(stdout, `${Object.keys(files).join(', ')} and results.json are in ${resolve(folder)}`);
}
