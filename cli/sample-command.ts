import { realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { EngineParams, EngineResult } from '../contract/engine.ts';
import { HeirloomError } from '../contract/errors.ts';
import { EngineClient } from '../engine/client.ts';
import { makeFolder } from '../engine/make-folder.ts';
import { expectFree } from '../engine/output-file.ts';
import { findPack } from './find-pack.ts';
import { writeLine, type Output } from './output.ts';
import { parseCount, parsePath, parseProvider, parseSettings } from './parse-settings.ts';

export interface SampleOptions {
  count: string;
  seed: string;
  steps: string;
  out?: string;
  sheet?: string;
  overwrite?: boolean;
  provider: string;
  pack?: string;
}

type Picture = EngineResult<'drawFace'>['picture'];

const MAX_STEPS = 1000;
const SHEET_COLUMNS = 8;

/** `heirloom sample`: faces that the prior draws by itself, unchosen; they are no person's. */
export async function sampleCommand(
  given: SampleOptions,
  { stdout }: Output,
  signal: AbortSignal,
): Promise<number> {
  const options = withPaths(given);
  if (options.out === undefined && options.sheet === undefined)
    throw new HeirloomError('argument/invalid', 'Expected --out or --sheet, or nothing would be kept');
  const count = parseCount('count', options.count);
  const request = await readRequest(options);
  const overwrite = options.overwrite ?? false;
  if (options.out !== undefined) await makeFolder(options.out);
  if (options.sheet !== undefined) await makeFolder(dirname(options.sheet));
  await expectOwnSheet(options, count);
  // Now, and not when hours of drawing are done.
  for (const path of outputsOf(options, count)) await expectFree(path, { overwrite });
  const engine = new EngineClient({ role: 'restore' });
  const faces: Picture[] = [];
  try {
    for (let index = 0; index < count; index++) {
      const output = options.out === undefined ? null : join(options.out, nameOf(index, count));
      const began = performance.now();
      const { picture } = await engine.call('drawFace', { ...request, index, output, overwrite }, { signal });
      faces.push(picture);
      const seconds = ((performance.now() - began) / 1000).toFixed(1);
      writeLine(stdout, `[${index + 1}/${count}] ${output ?? 'drawn'}, ${seconds} s`);
    }
    if (options.sheet !== undefined) {
      const { sheet } = options;
      await engine.call('writeContactSheet', { output: sheet, overwrite, rows: inRows(faces) });
      writeLine(stdout, `all of them: ${sheet}`);
    }
    return 0;
  } finally {
    await engine.close();
  }
}

function withPaths({ out, sheet, ...options }: SampleOptions): SampleOptions {
  return {
    ...options,
    ...(out !== undefined && { out: parsePath(out, 'a folder for --out') }),
    ...(sheet !== undefined && { sheet: parsePath(sheet, 'a file for --sheet') }),
  };
}

/** Every file that will be written. */
function* outputsOf({ out, sheet }: Pick<SampleOptions, 'out' | 'sheet'>, count: number): Generator<string> {
  if (sheet !== undefined) yield sheet;
  if (out === undefined) return;
  for (let index = 0; index < count; index++) yield join(out, nameOf(index, count));
}

/** The sheet comes last, and would be written over a face: nobody would miss it before. */
async function expectOwnSheet({ out, sheet }: SampleOptions, count: number): Promise<void> {
  if (out === undefined || sheet === undefined) return;
  const faces = await Promise.all([...outputsOf({ out }, count)].map(sameName));
  if (faces.includes(await sameName(sheet)))
    throw new HeirloomError(
      'argument/invalid',
      `Expected --sheet as a file of its own but received ${sheet}, which --out gives to a face`,
    );
}

/** One text for all names that lead to one file, on file systems that know no case too. */
async function sameName(path: string): Promise<string> {
  const folder = await realpath(dirname(path)).catch(() => dirname(path));
  return join(folder, basename(path)).normalize('NFC').toLowerCase();
}

async function readRequest(
  options: SampleOptions,
): Promise<Pick<EngineParams<'drawFace'>, 'seed' | 'steps' | 'models'>> {
  return {
    seed: parseSettings({ seed: options.seed }).seed,
    steps: parseCount('steps', options.steps, MAX_STEPS),
    models: { provider: parseProvider(options.provider), pack: await findPack(options.pack) },
  };
}

function nameOf(index: number, count: number): string {
  return `face-${String(index).padStart(String(count - 1).length, '0')}.png`;
}

function inRows(faces: readonly Picture[]) {
  const cells = faces.map((picture, i) => ({ label: String(i), picture }));
  return Array.from({ length: Math.ceil(cells.length / SHEET_COLUMNS) }, (_, row) =>
    cells.slice(row * SHEET_COLUMNS, (row + 1) * SHEET_COLUMNS),
  );
}
