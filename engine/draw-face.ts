import type { EngineParams } from '../contract/engine.ts';
import type { FloatImage } from './image/types.ts';
import { constantScale } from './method/dgsa.ts';
import { createNoise } from './method/noise.ts';
import { sampleSpectral } from './method/samplers.ts';
import { linearSchedule, timestepsFrom } from './method/schedule.ts';
import type { OpenModels } from './open-models.ts';
import { toPicture } from './restore-face.ts';

/**
 * Draws a face from the prior alone: from noise at the last timestep down, without a guide, in `steps` steps of
 * DPM-Solver++ 2M. The same seed and index give the same face.
 */
export async function drawFace(
  { seed, index, steps }: Pick<EngineParams<'drawFace'>, 'seed' | 'index' | 'steps'>,
  { pack: { manifest }, sessions }: Pick<OpenModels, 'pack' | 'sessions'>,
  signal?: AbortSignal,
): Promise<FloatImage> {
  const { resolution: size, spectral } = manifest;
  const schedule = linearSchedule(manifest.schedule);
  const timesteps = timestepsFrom(schedule.steps, steps, spectral.timestepSpacing, schedule);
  const { x0 } = await sampleSpectral(sessions, createNoise(seed, index).normal(3 * size * size), timesteps, {
    schedule,
    guides: [],
    guidanceScale: constantScale(0),
    solver: 'dpmpp-2m',
    lambda: () => 1,
    signal,
  });
  return toPicture(x0, { width: size, height: size });
}
