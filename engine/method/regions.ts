import type { Guide } from './guidance.ts';

/**
 * Blur per region (ours; the paper's figure 19 leaves it open): a photo is not blurred alike everywhere, so each of a
 * few blur levels guides the pixels that are about as blurred as it. Stds are in 512-pixel units.
 */

/** Squares a side of SE's grid. */
export const GRID_SIZE = 8;

const MAX_LEVELS = 4;
/** A grid whose values lie closer together is as uniform as SE can tell. */
const UNIFORM = 1;
/** Levels further apart than this blend into blurs that neither has. */
const LEVEL_DISTANCE = 2;

interface Region {
  /** Its part of each pixel, `[S, S]` in 0-1, 1 in sum over all regions; undefined: it is the whole face. */
  share?: Float32Array | undefined;
}

/** The part of a face that is about equally blurred. */
export interface BlurRegion extends Region {
  std512: number;
}

/** A region with the guides of its blur level. */
export interface GuidedRegion extends Region {
  guides: readonly Guide[];
  /**
   * Timestep at which its sampling starts: before it the estimate of the region is its first guide, y_dot, which takes
   * x_t from noise level to noise level as if y_dot had been diffused to each. Undefined: at the first timestep.
   */
  start?: number | undefined;
}

/** A region's picture, `[3, S, S]`: what the whole face would be at its blur. */
interface RegionPicture extends Region {
  picture: Float32Array;
}

/**
 * The regions of a face, the sharpest first, each with the share that its level has of a pixel's own std: linear
 * between the squares' centres, then linear between levels. A face without a grid, or with a nearly uniform one, is
 * one region of `stdHat`.
 * @param grid std of each square, row by row; undefined where SE has none or it is not to be used
 * @param size S
 * @throws RangeError where the grid is not 8 x 8
 */
export function blurRegions(stdHat: number, grid: Float32Array | undefined, size: number): BlurRegion[] {
  const levels = grid ? blurLevels(grid) : [];
  if (!grid || levels.length < 2) return [{ std512: stdHat }];
  const stds = enlarge(grid, size);
  const distance = levels[1]! - levels[0]!;
  return levels.map((level) => ({
    std512: level,
    share: stds.map((std) => Math.max(0, 1 - Math.abs(std - level) / distance)),
  }));
}

/** Evenly from the smallest std to the largest, at most four; none where they are nearly the same. */
function blurLevels(grid: Float32Array): number[] {
  if (grid.length !== GRID_SIZE ** 2) {
    throw new RangeError(
      `Expected a grid of ${GRID_SIZE} x ${GRID_SIZE} values but received ${grid.length} values`,
    );
  }
  const lowest = Math.min(...grid);
  const spread = Math.max(...grid) - lowest;
  if (spread < UNIFORM) return [];
  const steps = Math.min(MAX_LEVELS - 1, Math.ceil(spread / LEVEL_DISTANCE));
  return Array.from({ length: steps + 1 }, (_, i) => lowest + (spread * i) / steps);
}

/** The grid as `[S, S]`, bilinear between the squares' centres; beyond the outermost ones it goes on as they are. */
function enlarge(grid: Float32Array, size: number): Float32Array {
  const places = Array.from({ length: size }, (_, pixel) => placeOf(pixel, size));
  const enlarged = new Float32Array(size * size);
  for (const [row, { square: top, part: down }] of places.entries()) {
    for (const [column, { square: left, part: right }] of places.entries()) {
      const corner = top * GRID_SIZE + left;
      const above = mix(grid[corner]!, grid[corner + 1]!, right);
      const below = mix(grid[corner + GRID_SIZE]!, grid[corner + GRID_SIZE + 1]!, right);
      enlarged[row * size + column] = mix(above, below, down);
    }
  }
  return enlarged;
}

/** The square before a pixel, and what part of the way from its centre to the next one's the pixel lies. */
function placeOf(pixel: number, size: number): { square: number; part: number } {
  const place = ((pixel + 0.5) * GRID_SIZE) / size - 0.5;
  const inside = Math.min(GRID_SIZE - 1, Math.max(0, place));
  const square = Math.min(GRID_SIZE - 2, Math.floor(inside));
  return { square, part: inside - square };
}

function mix(a: number, b: number, part: number): number {
  return a + part * (b - a);
}

/**
 * One picture of the regions' pictures, by their shares of each pixel; a single region's picture itself.
 * @throws RangeError where one of several regions has no share, or of another size
 */
export function blendRegions(parts: readonly RegionPicture[]): Float32Array {
  const [first, ...others] = parts as [RegionPicture, ...RegionPicture[]];
  if (others.length === 0) return first.picture;
  const blended = new Float32Array(first.picture.length);
  for (const { share, picture } of parts) addShare(blended, picture, share);
  return blended;
}

function addShare(sum: Float32Array, picture: Float32Array, share: Float32Array | undefined): void {
  const pixels = sum.length / 3;
  if (share?.length !== pixels)
    throw new RangeError(`Expected a share of ${pixels} pixels but received ${share?.length ?? 'none'}`);
  for (let i = 0; i < sum.length; i++) sum[i] = sum[i]! + share[i % pixels]! * picture[i]!;
}
