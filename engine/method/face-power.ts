import { z } from 'zod';
import { parseTable } from './parse-table.ts';
import { dct2, idct2, sizeOf } from './spectral-blur.ts';

/**
 * Power spectrum equalization (Cannon 1976) of RM's picture (ours). RM is trained to give the mean of all faces that y may
 * be, and a mean is fainter than each of them, the more so the finer the detail: guided by it, the prior is held to
 * eyes that are too pale. How much power a face has in each ring of frequencies can be told well from how much RM's
 * picture has in all of them, so each ring is raised towards it.
 */

const facePowerSchema = z
  .object({
    /** Bounds of the rings, cycles across the picture, rising. */
    edges: z.array(z.number().positive()).min(3),
    /** A row for each ring: a constant, then a weight for each ring's log power in RM's picture. */
    weights: z.array(z.array(z.number())).min(2),
    /** S. */
    resolution: z.int().positive(),
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

/** No ring is raised more: what RM shows of one that is fainter still is hardly a face's own. */
export const LARGEST_GAIN = 4;

/** Of a ring in which RM shows nothing, as of a blank picture. */
const LEAST_POWER = 1e-12;

/** Checks a parsed `face-power.json`. Throws `pack/invalid` with `name` and the first reason. */
export function parseFacePower(json: unknown, name: string): FacePower {
  return parseTable(facePowerSchema, json, name, 'a table of powers');
}

/**
 * RM(y) with each frequency multiplied by `(P_face / P_RM)^(strength / 2)`, from 1 to `LARGEST_GAIN`; P_face as `table`
 * predicts it of this picture, both at the middles of the rings and linear between them in log frequency and log gain.
 * What is coarser than the first ring's middle stays, and so does a ring in which RM shows as much as a face has.
 * @param restoration `[3, S, S]` in about [0, 1]
 * @param strength 0 (as it is) to 1 (all of a face's power)
 * @throws RangeError where the table is for another S
 */
export function equalisePower(restoration: Float32Array, table: FacePower, strength: number): Float32Array {
  const size = sizeOf(restoration);
  if (size !== table.resolution)
    throw new RangeError(`Expected a picture of ${table.resolution} pixels a side but received ${size}`);
  if (strength === 0) return restoration;
  const spectrum = dct2(restoration);
  const logGains = ringLogGains(ringPowers(spectrum, table.edges), table);
  const middles = table.edges.slice(1).map((edge, i) => Math.log(edge * table.edges[i]!) / 2);
  const gains = new Float64Array(size * size);
  for (let u = 0, f = 0; u < size; u++)
    for (let v = 0; v < size; v++, f++) {
      const logGain = (strength / 2) * between(Math.log(cycles(u, v)), middles, logGains);
      gains[f] = Math.min(LARGEST_GAIN, Math.exp(logGain));
    }
  return idct2(spectrum.map((value, i) => value * gains[i % gains.length]!));
}

/** Cycles across the picture of a frequency of the DCT-II, whose u-th cosine has u / 2. */
function cycles(u: number, v: number): number {
  return Math.hypot(u, v) / 2;
}

/** Mean square of the coefficients in each ring. */
function ringPowers(spectrum: Float32Array, edges: readonly number[]): number[] {
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
  return sums.map(({ power, count }) => power / Math.max(1, count));
}

/** ln of P_face / P_RM in each ring, 0 where RM shows enough. */
function ringLogGains(powers: readonly number[], { weights }: FacePower): number[] {
  const logs = powers.map((power) => Math.log(Math.max(power, LEAST_POWER)));
  return weights.map(([constant = 0, ...row], ring) => {
    const predicted = row.reduce((sum, weight, i) => sum + weight * logs[i]!, constant);
    return Math.max(0, predicted - logs[ring]!);
  });
}

/** Linear between the points; 0 before the first, the last one's value beyond it. */
function between(x: number, xs: readonly number[], ys: readonly number[]): number {
  const right = xs.findIndex((value) => value >= x);
  if (right < 0) return ys.at(-1)!;
  if (right === 0) return x === xs[0] ? ys[0]! : 0;
  const share = (x - xs[right - 1]!) / (xs[right]! - xs[right - 1]!);
  return (1 - share) * ys[right - 1]! + share * ys[right]!;
}
