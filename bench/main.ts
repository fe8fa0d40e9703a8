/**
 * `npm run bench [-- --pack ID --provider NAME --runs N]`: seconds per face of each speed, milliseconds of each stage
 * of a 12-megapixel photo, and peak memory, through the engine process as the command line uses it.
 * `npm run bench -- library`: see library.ts; `npm run bench -- likeness`: see likeness.ts; `npm run bench -- draft`:
 * see draft.ts; `npm run bench -- regions`: see regions.ts; `npm run bench -- old-photos`: see old-photos.ts;
 * `npm run bench -- fit`: see fit.ts; `npm run bench -- scale-map`: see scale-map.ts.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { DEFAULT_PACK, findPack } from '../cli/find-pack.ts';
import { parseCount, parseProvider } from '../cli/parse-settings.ts';
import type { EngineParamsInput, PhotoReport, Stage } from '../contract/engine.ts';
import type { RestoreSettingsInput } from '../contract/restore.ts';
import { EngineClient } from '../engine/client.ts';
import { decodePhoto } from '../engine/image/decode.ts';
import { encodePhoto } from '../engine/image/encode.ts';
import { resizeFloat, toFloat, toRgb } from '../engine/image/geometry.ts';
import { benchDraft } from './draft.ts';
import { benchFit } from './fit.ts';
import { benchLibrary } from './library.ts';
import { benchLikeness } from './likeness.ts';
import { benchOldPhotos } from './old-photos.ts';
import { benchRegions } from './regions.ts';
import { printMachine, printMeasured } from './report.ts';
import { benchScaleMap } from './scale-map.ts';
import { median } from './statistics.ts';

const PHOTO = { width: 4000, height: 3000 };
const SAMPLE = fileURLToPath(new URL('../samples/family-1974.jpg', import.meta.url));
/** The exact sampler takes minutes: one run says enough. */
const EXACT_RUNS = 1;
/** A start inside the paper's range: the exact sampler takes every step from it, however sharp the sample's face is. */
const START = 700;
const SPEEDS = ['draft', 'normal', 'exact'] as const;
const STAGES: Stage[] = ['decode', 'detect', 'blend', 'encode'];

type Models = EngineParamsInput<'restorePhoto'>['models'];

interface Bench {
  engine: EngineClient;
  input: string;
  output: string;
  models: Models;
}

/** A sample scene stretched to 12 megapixels: real faces of a size that a modern scan has. */
async function writePhoto(path: string): Promise<void> {
  const { image, metadata } = await decodePhoto(SAMPLE);
  const large = toRgb(resizeFloat(toFloat(image), PHOTO.width, PHOTO.height), 8);
  await writeFile(path, await encodePhoto(large, { ...metadata, ...PHOTO }, { format: 'jpeg' }));
}

function restore({ engine, input, output, models }: Bench, settings: RestoreSettingsInput) {
  return engine.call('restorePhoto', { input, output, settings, models, overwrite: true });
}

async function repeat(times: number, run: () => Promise<PhotoReport>): Promise<PhotoReport[]> {
  const reports: PhotoReport[] = [];
  for (let i = 0; i < times; i++) reports.push(await run());
  return reports;
}

function faceSeconds(report: PhotoReport): number {
  return report.faces[0]?.seconds ?? NaN;
}

async function benchFaces(bench: Bench, runs: number): Promise<void> {
  const medians: Partial<Record<(typeof SPEEDS)[number], number>> = {};
  for (const speed of SPEEDS) {
    const reports = await repeat(speed === 'exact' ? EXACT_RUNS : runs, () =>
      restore(bench, { speed, faces: [0], start: START }),
    );
    const face = reports[0]?.faces[0];
    if (face?.status !== 'restored') throw new Error(`The sample's face was not restored: ${face?.note}`);
    const seconds = reports.map(faceSeconds);
    medians[speed] = median(seconds);
    printMeasured(`face ${speed}`, seconds, 2, 's ', `, ${face.steps} steps from t = ${face.start}`);
  }
  const { normal = NaN, exact = NaN } = medians;
  console.log(`exact / normal   ${(exact / normal).toFixed(1)}`);
}

async function benchStages(bench: Bench, runs: number): Promise<void> {
  const reports = await repeat(runs, () => restore(bench, { speed: 'draft' }));
  console.log(`\nStages of ${PHOTO.width} x ${PHOTO.height} JPEG, ${reports[0]?.faces.length} faces`);
  const stages = STAGES.map((stage) => reports.map(({ timings }) => timings[stage] ?? NaN));
  for (const [i, values] of stages.entries()) printMeasured(STAGES[i] ?? '', values, 0, 'ms');
  const sums = reports.map((_, run) => stages.reduce((sum, values) => sum + (values[run] ?? NaN), 0));
  printMeasured('sum', sums, 0, 'ms');
}

async function benchRestoring(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      pack: { type: 'string', default: DEFAULT_PACK },
      provider: { type: 'string', default: 'cpu' },
      runs: { type: 'string', default: '5' },
    },
  });
  const runs = parseCount('runs', values.runs);
  const models = { pack: await findPack(values.pack), provider: parseProvider(values.provider) };
  const folder = await mkdtemp(join(tmpdir(), 'heirloom-bench-'));
  const engine = new EngineClient({ role: 'restore' });
  try {
    const bench = { engine, input: join(folder, 'photo.jpg'), output: join(folder, 'restored'), models };
    await writePhoto(bench.input);
    // Loads the models and warms every cache.
    const warm = await restore(bench, { speed: 'draft', faces: [0] });
    printMachine((await engine.call('resources', {})).versions);
    console.log(`Pack      ${models.pack} on ${warm.recipe.provider}\n`);
    await benchFaces(bench, runs);
    await benchStages(bench, runs);
    const { peakMemoryBytes } = await engine.call('resources', {});
    console.log(`\nPeak memory of the engine ${(peakMemoryBytes / 2 ** 20).toFixed(0)} MiB`);
  } finally {
    await engine.close();
    await rm(folder, { recursive: true, force: true });
  }
}

const [what, ...rest] = process.argv.slice(2);
if (what === 'library') await benchLibrary(rest);
else if (what === 'draft') await benchDraft(rest);
else if (what === 'likeness') await benchLikeness(rest);
else if (what === 'fit') await benchFit(rest);
else if (what === 'old-photos') await benchOldPhotos(rest);
else if (what === 'regions') await benchRegions(rest);
else if (what === 'scale-map') await benchScaleMap(rest);
else await benchRestoring(process.argv.slice(2));
