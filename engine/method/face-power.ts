import { z } from 'zod';
import { parseTable } from './parse-table.ts';
import { dct2, idct2, sizeOf } from './spectral-blur.ts';

/**
 * Power spectrum equalization (Cannon 1976) of a restored face (ours). Guides hold the prior to RM's picture, which is the
 * mean of all faces that y may be and fainter than each of them, the more so the finer the detail; and of what is left
 * free the prior, itself trained to give means, draws too little in few steps. How much power a face has in each ring of
 * frequencies can be told well from how much RM's picture has in all of them, so each ring of fine detail is raised
 * towards it.
 */

const facePowerSchema = z
  .object({
    /** Bounds of the rings, cycles across the picture, rising. */
    edges: z.array(z.number().positive()).min(3),
    /** A row for each ring: a constant, then a weight for each ring's log power in RM's picture. */
    weights: z.array(z.array(z.number())).min(2),
    /** S. */
    resolution: z.int().positive(),
    /** How far RM's picture is raised before it guides, as a part of how far the face is. */
    guides: z.number().min(0).max(1).default(1),
    /** Cycles from which the restored face is raised: rings whose middle lies there or above. Absent: none. */
    raisedFrom: z.number().min(0).optional(),
    /** Side in pixels of the squares that the networks draw in: their grid is not raised but lowered. Absent: none. */
    squares: z.int().min(2).optional(),
  })
  .refine(({ edges }) => edges.every((value, i) => i === 0 || value > edges[i - 1]!), {
    error: 'edges do not rise',
  })
  .refine(
    ({ edges, weights }) =>
      weights.length === edges.length - 1 && weights.every((row) => row.length === edges.length),
    { error: 'weights are not a row for each ring, of one number more than there are rings' },
  );

/** Predicts the natural log of a face's mean power in each ring of the DCT-II spectrum from RM's, pictures in [0, 1]. */
export type FacePower = z.infer<typeof facePowerSchema>;

/** No frequency is raised more: what is fainter still is hardly a face's own. */
export const LARGEST_GAIN = 4;

/** Of a ring that is empty, as of a blank picture. */
const LEAST_POWER = 1e-12;

/** Checks a parsed `face-power.json`. Throws `pack/invalid` with `name` and the first reason. */
export function parseFacePower(json: unknown, name: string): FacePower {
  return parseTable(facePowerSchema, json, name, 'a table of powers');
}

/**
 * RM(y) as it guides: all rings raised by the table's part of `crispness`.
 * @param restoration `[3, S, S]` in about [0, 1]
 * @param crispness 0 (as it is) to 1
 * @throws RangeError where the table is for another S
 */
export function equaliseGuide(restoration: Float32Array, table: FacePower, crispness: number): Float32Array {
  return equalisePower(restoration, restoration, table, { strength: crispness * table.guides, from: 0 });
}

/**
 * A restored face, its fine detail raised to what a face has by RM(y).
 * @param picture `[3, S, S]` in about [0, 1]
 * @param restoration RM(y), the same
 * @param crispness 0 (as it is) to 1 (all of a face's power)
 * @throws RangeError where the table is for another S
 */
export function equaliseFace(
  picture: Float32Array,
  restoration: Float32Array,
  table: FacePower,
  crispness: number,
): Float32Array {
  const { raisedFrom: from, squares } = table;
  return from === undefined
    ? picture
    : equalisePower(picture, restoration, table, { strength: crispness, from, squares });
}

/**
 * `picture` with each frequency multiplied by `(P_face / P)^(strength / 2)`, from 1 to `LARGEST_GAIN`; P_face as `table`
 * predicts it of RM(y), P the picture's own, both at the middles of the rings and linear between them in log frequency and
 * log gain. What is coarser than the first raised ring's neighbour stays, and so does a ring that has as much as a face.
 * Around the frequencies of the grid of `squares` the factor is `1 - strength`.
 */
function equalisePower(
  picture: Float32Array,
  restoration: Float32Array,
  table: FacePower,
  { strength, from, squares }: { strength: number; from: number; squares?: number | undefined },
): Float32Array {
  for (const size of [sizeOf(picture), sizeOf(restoration)])
    if (size !== table.resolution)
      throw new RangeError(`Expected a picture of ${table.resolution} pixels a side but received ${size}`);
  if (strength === 0) return picture;
  const spectrum = dct2(picture);
  const middles = table.edges.slice(1).map((edge, i) => Math.sqrt(edge * table.edges[i]!));
  const own = logPowers(spectrum, table.edges);
  const logGains = faceLogPowers(restoration, table).map((log, ring) =>
    middles[ring]! < from ? 0 : Math.max(0, log - own[ring]!),
  );
  const at = middles.map((middle) => Math.log(middle));
  const size = table.resolution;
  const gains = new Float64Array(size * size);
  for (let u = 0, f = 0; u < size; u++)
    for (let v = 0; v < size; v++, f++) {
      const logGain = (strength / 2) * between(Math.log(cycles(u, v)), at, logGains);
      gains[f] = isOfGrid(u, v, size, squares) ? 1 - strength : Math.min(LARGEST_GAIN, Math.exp(logGain));
    }
  return idct2(spectrum.map((value, i) => value * gains[i % gains.length]!));
}

/** Whether both u and v lie within S / 32 of a multiple of the grid's frequency, not both of 0. */
function isOfGrid(u: number, v: number, size: number, squares: number | undefined): boolean {
  if (squares === undefined) return false;
  const [period, reach] = [(2 * size) / squares, size / 32];
  const nearest = [u, v].map((index) => period * Math.round(index / period));
  const near = Math.abs(u - nearest[0]!) <= reach && Math.abs(v - nearest[1]!) <= reach;
  return near && Math.max(...nearest) > 0;
}

/** Cycles across the picture of a frequency of the DCT-II, whose u-th cosine has u / 2. */
function cycles(u: number, v: number): number {
  return Math.hypot(u, v) / 2;
}

/** ln of a face's mean power in each ring, predicted of RM(y). */
function faceLogPowers(restoration: Float32Array, { edges, weights }: FacePower): number[] {
  const logs = logPowers(dct2(restoration), edges);
  return weights.map(([constant = 0, ...row]) =>
    row.reduce((sum, weight, i) => sum + weight * logs[i]!, constant),
  );
}

/** ln of the mean square of a spectrum's coefficients in each ring. */
function logPowers(spectrum: Float32Array, edges: readonly number[]): number[] {
  const size = sizeOf(spectrum);
  const sums = edges.slice(1).map(() => ({ power: 0, count: 0 }));
  for (let i = 0; i < spectrum.length; i++) {
    const f = i % (size * size);
    const radius = cycles(Math.floor(f / size), f % size);
    const ring = sums[edges.findIndex((edge) => edge > radius) - 1];
    if (!ring) continue;
    ring.power += spectrum[i]! ** 2;
    ring.count++;
  }
  return sums.map(({ power, count }) => Math.log(Math.max(power / Math.max(1, count), LEAST_POWER)));
}

/** Linear between the points; 0 before the first, the last one's value beyond it. */
function between(x: number, xs: readonly number[], ys: readonly number[]): number {
  const right = xs.findIndex((value) => value >= x);
  if (right < 0) return ys.at(-1)!;
  if (right === 0) return x === xs[0] ? ys[0]! : 0;
  const share = (x - xs[right - 1]!) / (xs[right]! - xs[right - 1]!);
  return (1 - share) * ys[right - 1]! + share * ys[right]!;
}
