import { expectFinite } from './expect-finite.ts';
import type { NoiseSource } from './noise.ts';
import { blendRegions } from './regions.ts';
import type { GuidedRegion } from './regions.ts';
import { gaussianBlur, sizeOf, stdAtSize } from './spectral-blur.ts';
import type { Networks } from './types.ts';

export interface DetailInput {
  /** The sampler's result, `[3, S, S]` in about [-1, 1]. */
  x0: Float32Array;
  /** RM(y) in [-1, 1]. */
  restoration: Float32Array;
  /** With the guides as the sampler left them. */
  regions: readonly GuidedRegion[];
  /** Part of what the network draws that is added, above 0. */
  strength: number;
  noise: NoiseSource;
}

/**
 * `x0 + strength (d - k (*) d)` (ours), d what the detail network draws and k the first guide's blur, or a narrower
 * one (`detailBlur`), region by region: what k leaves of a face is RM's and stays as it is, and what it takes is drawn anew. A split into range
 * and null space, as in DDNM (Wang et al. 2023), with DBLM's blur as the measurement.
 * @throws HeirloomError `face/failed` where the network gives something that is not a number
 */
export async function addDetail(
  networks: { detail: NonNullable<Networks['detail']> },
  { x0, restoration, regions, strength, noise }: DetailInput,
): Promise<Float32Array> {
  const size = sizeOf(x0);
  const drawn = expectFinite(
    await networks.detail({ x0, restoration, noise: noise.normal(size * size), std512: meanStd(regions) }),
    'The detail network',
  );
  const kept = regions.map(({ guides, share }) => ({
    share,
    picture: gaussianBlur(drawn, stdAtSize(detailBlur(guides[0]!.std512), size)),
  }));
  const blurred = blendRegions(kept);
  return x0.map((value, i) => value + strength * (drawn[i]! - blurred[i]!));
}

/** In 512-pixel units. */
const WIDEST = 3;

/** std of k for that of the first guide. A wider one would leave it to the network how a much blurred face is built. */
export function detailBlur(std512: number): number {
  return Math.min(std512, WIDEST);
}

/** The first guides' std, each counted by the pixels that are its region's. */
function meanStd(regions: readonly GuidedRegion[]): number {
  const areas = regions.map(({ share }) => share?.reduce((sum, part) => sum + part, 0) ?? 1);
  const whole = areas.reduce((sum, area) => sum + area, 0);
  return regions.reduce((sum, { guides }, i) => sum + (guides[0]!.std512 * areas[i]!) / whole, 0);
}
