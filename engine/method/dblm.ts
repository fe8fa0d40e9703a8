import { expectFinite } from './expect-finite.ts';
import { neededBlur } from './least-blur.ts';
import { clampToAxis } from './types.ts';
import type { Networks, StdAxis } from './types.ts';

/** What the blur-level mapping knows of one face; `k_stdHat (*) restoration` is y_dot, the first guide. */
export interface BlurLevel {
  /** RM(y), `[3, S, S]` in about [0, 1]. */
  restoration: Float32Array;
  /** std_hat in 512-pixel units, on the axis. */
  stdHat: number;
  /** That of the face's std, in 512-pixel units: the given one, or from a smaller min on where RM is to be trusted. */
  axis: StdAxis;
  /** SE's std of each square of an 8 x 8 grid, likewise; undefined where SE has none or was not asked. */
  grid?: Float32Array | undefined;
  /** SE's expected absolute error of its std, 0 or more, in 512-pixel units; undefined likewise. */
  error?: number | undefined;
}

/**
 * Dynamic Blur-Level Mapping (eq. 8/17, 10/22): RM restores, SE says which Gaussian blur of the restoration can
 * be trusted.
 * @param y aligned face, `[3, S, S]` in [0, 1]
 * @param axis from the preset's least blur on; where SE tells what RM's picture is worth, only as far as it is needed
 * @param blur std in 512-pixel units in place of SE's, or undefined
 * @throws HeirloomError `face/failed` where a network gives no number
 */
export async function mapBlurLevel(
  networks: Pick<Networks, 'restoration' | 'estimator'>,
  y: Float32Array,
  axis: StdAxis,
  blur?: number,
): Promise<BlurLevel> {
  const restored = await networks.restoration(y);
  const restoration = expectFinite(restored.picture, 'The restoration network');
  if (blur !== undefined) return { restoration, axis, stdHat: clampToAxis(blur, axis) };
  const { std, grid, error, curve } = await networks.estimator(y, restored);
  expectFinite([std, ...(grid ?? []), error ?? 0, ...(curve?.log10 ?? [])], 'The blur estimator');
  const needed = curve ? { ...axis, min: neededBlur(restoration, curve, axis.min) } : axis;
  return {
    restoration,
    axis: needed,
    stdHat: clampToAxis(std, needed),
    grid: grid?.map((value) => clampToAxis(value, needed)),
    error: error === undefined ? undefined : Math.max(0, error),
  };
}
