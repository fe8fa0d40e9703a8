import type { EngineResult } from '../contract/engine.ts';
import { restoreSettingsSchema } from '../contract/restore.ts';
import { resolvePlan } from './method/presets.ts';
import { readGolden } from './models/golden.ts';
import type { OpenModels } from './open-models.ts';
import { restoreFace } from './restore-face.ts';

/** How long it goes on measuring; what has begun is ended. */
const LIMIT_MS = 10_000;

interface Run {
  milliseconds: number;
  sampling: number;
  steps: number;
}

/**
 * Restores the pack's golden face again and again, at draft and normal speed in turn, for about ten seconds and at
 * least once each. The fastest run of each speed counts: a busy machine slows a run by chance, never speeds it up.
 * Throws `pack/*`, `face/failed` and `job/cancelled`.
 */
export async function benchmark(models: OpenModels, signal: AbortSignal): Promise<EngineResult<'benchmark'>> {
  const { y } = await readGolden(models.pack);
  // Loads every graph, which counts for nothing.
  await run(models, y, 'draft', signal);
  const began = performance.now();
  const drafts: Run[] = [];
  const normals: Run[] = [];
  do {
    drafts.push(await run(models, y, 'draft', signal));
    normals.push(await run(models, y, 'normal', signal));
  } while (performance.now() - began < LIMIT_MS);
  return {
    provider: models.provider,
    stepMilliseconds: Math.min(...[...drafts, ...normals].map(({ sampling, steps }) => sampling / steps)),
    draftSeconds: fastest(drafts),
    normalSeconds: fastest(normals),
    faces: drafts.length + normals.length,
  };
}

async function run(
  { pack, sessions }: OpenModels,
  y: Float32Array,
  speed: 'draft' | 'normal',
  signal: AbortSignal,
): Promise<Run> {
  const size = pack.manifest.resolution;
  const plan = resolvePlan(pack.manifest, restoreSettingsSchema.parse({ speed }));
  let steps = 1;
  const onStep = ({ of }: { of: number }) => (steps = of);
  const began = performance.now();
  const crop = { width: size, height: size, data: y };
  const { milliseconds } = await restoreFace(crop, { sessions, pack, plan, face: 0, onStep, signal });
  return { milliseconds: performance.now() - began, sampling: milliseconds.sampling, steps };
}

function fastest(runs: Run[]): number {
  return Math.min(...runs.map(({ milliseconds }) => milliseconds)) / 1000;
}
