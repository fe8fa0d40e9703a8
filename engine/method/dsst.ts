import { z } from 'zod';
import { parseTable } from './parse-table.ts';

const dsstSchema = z
  .object({
    /** In 512-pixel units, rising. */
    std: z.array(z.number().positive()).min(2),
    /** Starting timestep of each std, never falling. */
    t: z.array(z.int().min(1).max(1000)).min(2),
    tol: z.number().positive(),
    resolution: z.int().positive(),
    /** Radial mean power of the training set, from which the table was made. */
    power: z.array(z.number().min(0)),
  })
  .refine(({ std, t }) => std.length === t.length, { error: 'std and t differ in length' })
  .refine(({ std }) => std.every((value, i) => i === 0 || value > std[i - 1]!), {
    error: 'std does not rise',
  })
  .refine(({ t }) => t.every((value, i) => i === 0 || value >= t[i - 1]!), { error: 't falls' });

/** Dynamic Starting Step lookup Table (eq. 11/23). */
export type Dsst = z.infer<typeof dsstSchema>;

/** Checks a parsed `dsst.json`. Throws `pack/invalid` with `name` and the first reason. */
export function parseDsst(json: unknown, name: string): Dsst {
  return parseTable(dsstSchema, json, name, 'a DSST');
}

/**
 * Starting timestep t_std of a blur level: linear between the table's entries, rounded, its ends beyond them.
 * @param std512 std in 512-pixel units
 * @returns a timestep, 1-1000
 */
export function startingStep(dsst: Dsst, std512: number): number {
  const { std, t } = dsst;
  const above = std.findIndex((value) => value >= std512);
  if (above === 0) return t[0]!;
  if (above === -1) return t.at(-1)!;
  const fraction = (std512 - std[above - 1]!) / (std[above]! - std[above - 1]!);
  return Math.round(t[above - 1]! + fraction * (t[above]! - t[above - 1]!));
}
