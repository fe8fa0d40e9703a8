import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { join, resolve } from 'node:path';
import type { EngineParams, EngineResult } from '../../contract/engine.ts';
import { RECIPE_IDS, type RecipeId } from '../../contract/evaluation.ts';
import { HeirloomError } from '../../contract/errors.ts';
import { EngineClient } from '../../engine/client.ts';
import { findPack } from '../find-pack.ts';
import { describeError, formatSeconds, writeLine, type Output } from '../output.ts';
import { parseCount, parseProvider, parseSettings } from '../parse-settings.ts';
import { readPairs, type Pair } from '../read-pairs.ts';
import { addRows, missingRows, openResults, saveResults, type Measured, type Results } from './collect.ts';
import { resultsPage, resultsPlots } from './report.ts';
import { summarise } from './summarise.ts';

export interface TablesOptions {
  lq: string;
  hq: string;
  /** Folder of results.json, results.md and the plots. */
  tables: string;
  rows?: string;
  limit?: string;
  /** Pairs for the exact sampler, which takes minutes a face. */
  exactPairs: string;
  inception?: string;
  lpips?: string;
  seed: string;
  provider: string;
  pack?: string;
}

type Request = Omit<EngineParams<'evaluateRows'>, 'name' | 'lq' | 'hq' | 'rows'>;

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
  const exactPairs = parseCount('exact-pairs', options.exactPairs);
  const rows = parseRows(options.rows);
  const request = readRequest(options, await findPack(options.pack));
  const pairs = (await readPairs(options.lq, options.hq)).slice(0, limit);
  await mkdir(options.tables, { recursive: true });
  const engine = new EngineClient({ role: 'restore' });
  try {
    const pack = await describe(engine, request);
    const file = join(options.tables, 'results.json');
    const results = await openResults(file, pack, request.seed);
    const wanted = (index: number) => rows.filter((row) => row !== 'exact' || index < exactPairs);
    const failed = await measure(engine, { pairs, wanted, request, results, file }, output, signal);
    await report(options.tables, results, pack, output);
    return failed > 0 ? 1 : 0;
  } finally {
    await engine.close();
  }
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

async function describe(engine: EngineClient, { models }: Request): Promise<string> {
  const { id, version, error } = await engine.call('checkPack', { folder: models.pack });
  if (error) throw new HeirloomError('pack/invalid', error.message);
  return `${id} ${version}`;
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
      const measured = await engine.call('evaluateRows', { ...request, ...pair, rows }, { signal });
      addRows(results, pair.name, measured.rows.map(storable));
      await saveResults(file, results);
      const seconds = formatSeconds((performance.now() - began) / 1000);
      writeLine(stdout, `[${i + 1}/${pairs.length}] ${pair.name}: ${rows.length} rows, ${seconds}`);
    } catch (error) {
      if (!(error instanceof HeirloomError) || !error.code.startsWith('input/')) throw error;
      failed++;
      writeLine(stderr, `${pair.name}: ${describeError(error)}`);
    }
  }
  return failed;
}

function storable({ descriptor, inception, ...row }: EngineResult<'evaluateRows'>['rows'][number]): Measured {
  return { ...row, descriptor: [...descriptor], ...(inception && { inception: [...inception] }) };
}

async function report(folder: string, results: Results, pack: string, { stdout }: Output): Promise<void> {
  const summaries = summarise(results);
  const machine = `${cpus()[0]?.model.trim()}, ${availableParallelism()} cores`;
  const head = { pack, pairs: results.pairs.length, seed: results.seed, machine };
  const files = { 'results.md': resultsPage(head, summaries), ...resultsPlots(summaries) };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  writeLine(stdout, `${Object.keys(files).join(', ')} and results.json are in ${resolve(folder)}`);
}
