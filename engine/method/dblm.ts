import { expectFinite } from './expect-finite.ts';
import { clampToAxis } from './types.ts';
import type { Networks, StdAxis } from './types.ts';

/** What the blur-level mapping knows of one face; `k_stdHat (*) restoration` is y_dot, the first guide. */
export interface BlurLevel {
  /** RM(y), `[3, S, S]` in about [0, 1]. */
  restoration: Float32Array;
  /** std_hat in 512-pixel units, on the axis. */
  stdHat: number;
}

/**
 * Dynamic Blur-Level Mapping (eq. 8/17, 10/22): RM restores, SE says which Gaussian blur of the restoration can
 * be trusted.
 * @param y aligned face, `[3, S, S]` in [0, 1]
 * @param blur std in 512-pixel units in place of SE's, or undefined
 * @throws HeirloomError `face/failed` where a network gives no number
 */
export async function mapBlurLevel(
  networks: Pick<Networks, 'restoration' | 'estimator'>,
  y: Float32Array,
  axis: StdAxis,
  blur?: number,
): Promise<BlurLevel> {
  const restoration = expectFinite(await networks.restoration(y), 'The restoration network');
  return { restoration, stdHat: clampToAxis(blur ?? (await estimateStd(networks, y)), axis) };
}

async function estimateStd(networks: Pick<Networks, 'estimator'>, y: Float32Array): Promise<number> {
  const { std } = await networks.estimator(y);
  expectFinite([std], 'The blur estimator');
  return std;
}
