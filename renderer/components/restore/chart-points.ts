import type { Measures } from '../../../contract/api.ts';

/** What was measured of a setting; more is better for both. */
export interface ChartPoint {
  /** How much of the photo is kept, 0-1. */
  fidelity: number;
  /** How much sharper than the photo, in doublings: 0 as sharp, 1 twice, -1 half as sharp. */
  sharpness: number;
}

/**
 * The scales are the same for every face and setting, so that a point keeps its place. Half as sharp as the photo to
 * eight times: its quarters are as sharp, twice and four times.
 */
export const CHART_RANGE = { fidelity: [0, 1], sharpness: [-1, 3] } as const;

/** A distance of 1.2 between descriptors is that of strangers; a difference of 0.12 is a photo not honoured. */
const FAR_LIKENESS = 1.2;
const FAR_DATA = 0.12;

export function chartPoint({ likeness, dataDistance, sharpness, sharpnessBefore }: Measures): ChartPoint {
  const kept = likeness === undefined ? 1 - dataDistance / FAR_DATA : 1 - likeness / FAR_LIKENESS;
  return {
    fidelity: Math.min(1, Math.max(0, kept)),
    sharpness: Math.log2(Math.max(sharpness, 1e-6) / Math.max(sharpnessBefore, 1e-6)),
  };
}

/** Where a value lies in a range, 0-1; what is beyond lies at its end. */
export function placeIn([low, high]: readonly [number, number], value: number): number {
  return Math.min(1, Math.max(0, (value - low) / (high - low)));
}
