import { resolve } from 'node:path';
import type { EngineParams, EngineResult, Score } from '../contract/engine.ts';
import { HeirloomError } from '../contract/errors.ts';
import { EngineClient } from '../engine/client.ts';
import { expectFree, writeOutput } from '../engine/output-file.ts';
import { findPack } from './find-pack.ts';
import { describeError, formatSeconds, plural, writeLine, type Output } from './output.ts';
import { parseCount, parsePresets, parseProvider, parseSettings, parseSpeeds } from './parse-settings.ts';
import { isOfPair, readPairs, type Pair } from './read-pairs.ts';
import { meanScores, scoreTable } from './score-table.ts';

export interface EvaluateOptions {
  lq: string;
  hq: string;
  limit?: string;
  presets: string;
  speeds: string;
  seed: string;
  json?: string;
  sheet?: string;
  sheetPairs: string;
  overwrite?: boolean;
  provider: string;
  pack?: string;
}

type Request = Pick<EngineParams<'evaluatePair'>, 'presets' | 'speeds' | 'seed' | 'models'>;
type SheetRow = EngineResult<'evaluatePair'>['pictures'];

interface Results {
  pairs: { name: string; scores: Score[] }[];
  sheet: SheetRow[];
  failed: number;
}

/** `heirloom evaluate`: scores of each pair and their means. Exit code 1 if a pair failed. */
export async function evaluateCommand(
  options: EvaluateOptions,
  output: Output,
  signal: AbortSignal,
): Promise<number> {
  const request = await readRequest(options);
  const limit = options.limit === undefined ? Infinity : parseCount('limit', options.limit);
  const sheetPairs = options.sheet === undefined ? 0 : parseCount('sheet-pairs', options.sheetPairs);
  // Now, and not when hours of measuring are done.
  const files = [options.json, options.sheet]
    .filter((path) => path !== undefined)
    .map((path) => resolve(path));
  for (const path of files) await expectFree(path, { overwrite: options.overwrite ?? false });
  if (files[0] === files[1] && files.length > 1)
    throw new HeirloomError('argument/invalid', `Expected two files but ${files[0]} is --json and --sheet`);
  const pairs = (await readPairs(options.lq, options.hq)).slice(0, limit);
  const engine = new EngineClient({ role: 'restore' });
  try {
    const results = await evaluatePairs(engine, pairs, request, sheetPairs, output, signal);
    await report(engine, results, request, options, output);
    return results.failed > 0 ? 1 : 0;
  } finally {
    await engine.close();
  }
}

async function readRequest(options: EvaluateOptions): Promise<Request> {
  return {
    presets: parsePresets(options.presets),
    speeds: parseSpeeds(options.speeds),
    seed: parseSettings({ seed: options.seed }).seed,
    models: { provider: parseProvider(options.provider), pack: await findPack(options.pack) },
  };
}

async function evaluatePairs(
  engine: EngineClient,
  pairs: Pair[],
  request: Request,
  sheetPairs: number,
  { stdout, stderr }: Output,
  signal: AbortSignal,
): Promise<Results> {
  const results: Results = { pairs: [], sheet: [], failed: 0 };
  const started = performance.now();
  for (const [i, pair] of pairs.entries()) {
    try {
      const params = { ...request, ...pair, index: i, pictures: i < sheetPairs };
      const { scores, pictures } = await engine.call('evaluatePair', params, { signal });
      results.pairs.push({ name: pair.name, scores });
      if (pictures.length > 0) results.sheet.push(pictures);
      writeLine(stdout, progressLine(pair.name, i + 1, pairs.length, started));
      for (const line of scoreTable(scores)) writeLine(stdout, `  ${line}`);
    } catch (error) {
      if (!isOfPair(error)) throw error;
      results.failed++;
      writeLine(stderr, `${pair.name}: ${describeError(error)}`);
    }
  }
  return results;
}

function progressLine(name: string, done: number, total: number, started: number): string {
  const left = ((performance.now() - started) / 1000 / done) * (total - done);
  return `[${done}/${total}] ${name}${left > 0 ? `, about ${formatSeconds(left)} left` : ''}`;
}

async function report(
  engine: EngineClient,
  { pairs, sheet }: Results,
  request: Request,
  options: EvaluateOptions,
  { stdout }: Output,
): Promise<void> {
  const means = meanScores(pairs.map((pair) => pair.scores));
  writeLine(stdout, `Mean of ${plural(pairs.length, 'pair')}`);
  for (const line of scoreTable(means)) writeLine(stdout, `  ${line}`);
  const overwrite = options.overwrite ?? false;
  if (options.json !== undefined) {
    const scores = JSON.stringify({ request, means, pairs }, null, 2);
    await writeOutput(resolve(options.json), Buffer.from(`${scores}\n`), { overwrite });
  }
  if (options.sheet === undefined || sheet.length === 0) return;
  await engine.call('writeContactSheet', { output: resolve(options.sheet), overwrite, rows: sheet });
}
