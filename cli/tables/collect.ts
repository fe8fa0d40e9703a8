import { readFile, rename, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { RECIPE_IDS, type RecipeId } from '../../contract/evaluation.ts';
import { HeirloomError } from '../../contract/errors.ts';

const measuredSchema = z.strictObject({
  row: z.enum([...RECIPE_IDS, 'truth']),
  psnr: z.number(),
  ssim: z.number(),
  identity: z.number().optional(),
  landmarks: z.number().optional(),
  seconds: z.number(),
  sharpness: z.number(),
  descriptor: z.array(z.number()),
  naturalScene: z.array(z.array(z.number())),
  inception: z.array(z.number()).optional(),
  lpips: z.number().optional(),
});
export type Measured = z.infer<typeof measuredSchema>;

const resultsSchema = z.strictObject({
  formatVersion: z.literal(1),
  /** What the figures belong to: another pack or seed begins anew. */
  pack: z.string(),
  seed: z.int(),
  pairs: z.array(z.strictObject({ name: z.string(), rows: z.array(measuredSchema) })),
});
export type Results = z.infer<typeof resultsSchema>;

/** The results of an earlier run, which this one goes on with; new ones where there are none, or of something else. */
export async function openResults(file: string, pack: string, seed: number): Promise<Results> {
  const fresh: Results = { formatVersion: 1, pack, seed, pairs: [] };
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return fresh;
  const results = parseResults(text);
  if (!results)
    throw new HeirloomError('argument/invalid', `${file} is not a file of results; move it away first`);
  return results.pack === pack && results.seed === seed ? results : fresh;
}

/** Results of any pack and seed. Throws `argument/invalid` where the file holds none or cannot be read. */
export async function readResults(file: string): Promise<Results> {
  const results = parseResults(await readFile(file, 'utf8').catch(() => ''));
  if (!results) throw new HeirloomError('argument/invalid', `${file} is not a file of results`);
  return results;
}

function parseResults(text: string): Results | undefined {
  return resultsSchema.safeParse(parse(text)).data;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whole or not at all. */
export async function saveResults(file: string, results: Results): Promise<void> {
  await writeFile(`${file}.part`, `${JSON.stringify(rounded(results))}\n`);
  await rename(`${file}.part`, file);
}

/** Six digits: what a figure can hold, in a file that can be read through. */
function rounded(results: Results): unknown {
  return JSON.parse(JSON.stringify(results), (_, value: unknown) =>
    typeof value === 'number' ? Number(value.toPrecision(6)) : value,
  );
}

/** The rows that a pair still lacks. */
export function missingRows(results: Results, name: string, wanted: readonly RecipeId[]): RecipeId[] {
  const have = new Set(results.pairs.find((pair) => pair.name === name)?.rows.map(({ row }) => row));
  return wanted.filter((row) => !have.has(row));
}

/** Adds what was measured of a pair; the truth is kept once. */
export function addRows(results: Results, name: string, rows: readonly Measured[]): void {
  const pair = results.pairs.find((known) => known.name === name);
  if (!pair) results.pairs.push({ name, rows: [...rows] });
  else pair.rows.push(...rows.filter(({ row }) => !pair.rows.some((known) => known.row === row)));
}
