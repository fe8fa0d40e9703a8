import type { EngineParams } from '../contract/engine.ts';
import type { FloatImage } from './image/types.ts';
import { constantScale } from './method/dgsa.ts';
import { createNoise } from './method/noise.ts';
import { sampleSpectral } from './method/samplers.ts';
import { linearSchedule, spectralTimesteps } from './method/schedule.ts';
import type { OpenModels } from './open-models.ts';
import { toPicture } from './restore-face.ts';

type Models = Pick<OpenModels, 'pack' | 'sessions'>;

/**
 * Draws a face from the prior alone: from noise at the last timestep down, without a guide, in `steps` steps of
 * DPM-Solver++ 2M. The same seed and index give the same face.
 */
export async function drawFace(
  { seed, index, steps }: Pick<EngineParams<'drawFace'>, 'seed' | 'index' | 'steps'>,
  models: Models,
  signal?: AbortSignal,
): Promise<FloatImage> {
  const { resolution: size, schedule } = models.pack.manifest;
  return drawFrom(createNoise(seed, index).normal(3 * size * size), schedule.steps, steps, models, signal);
}

/** What the prior makes of x_t at timestep `start`, `[3, S, S]` in diffusion range, without a guide. */
export async function drawFrom(
  xt: Float32Array,
  start: number,
  steps: number,
  { pack: { manifest }, sessions }: Models,
  signal?: AbortSignal,
): Promise<FloatImage> {
  const { resolution: size, spectral } = manifest;
  const schedule = linearSchedule(manifest.schedule);
  const timesteps = spectralTimesteps(start, steps, spectral, schedule);
  const unguided = { regions: [], guidanceScale: constantScale(0), lambda: () => 1 };
  const { x0 } = await sampleSpectral(sessions, xt, timesteps, {
    ...unguided,
    schedule,
    solver: 'dpmpp-2m',
    signal,
  });
  return toPicture(x0, { width: size, height: size });
}
