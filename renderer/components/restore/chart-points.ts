import type { Measures } from '../../../contract/api.ts';

/** What was measured of a setting; more is better for both. */
export interface ChartPoint {
  /** How much of the photo is kept, 0-1. */
  fidelity: number;
  /** How much sharper than the photo, in doublings: 0 as sharp, 1 twice, -1 half as sharp. */
  quality: number;
}

/** The part of the two scales that the chart shows. */
export interface ChartRange {
  fidelity: readonly [number, number];
  quality: readonly [number, number];
}

/** A distance of 1.2 between descriptors is that of strangers; a difference of 0.12 is a photo not honoured. */
const FAR_LIKENESS = 1.2;
const FAR_DATA = 0.12;
/** Settings that differ less than this look alike on the chart too. */
const LEAST_SPAN = { fidelity: 0.06, quality: 0.3 };
/** Room around the points, as a part of their span. */
const ROOM = 0.25;

export function chartPoint({ likeness, dataDistance, sharpness, sharpnessBefore }: Measures): ChartPoint {
  const kept = likeness === undefined ? 1 - dataDistance / FAR_DATA : 1 - likeness / FAR_LIKENESS;
  return {
    fidelity: Math.min(1, Math.max(0, kept)),
    quality: Math.log2(Math.max(sharpness, 1e-6) / Math.max(sharpnessBefore, 1e-6)),
  };
}

/** Around all points, so that settings of one face, which never differ by much, are told apart. */
export function chartRange(points: readonly ChartPoint[]): ChartRange {
  return {
    fidelity: spanOf(
      points.map((point) => point.fidelity),
      LEAST_SPAN.fidelity,
    ),
    quality: spanOf(
      points.map((point) => point.quality),
      LEAST_SPAN.quality,
    ),
  };
}

function spanOf(values: readonly number[], least: number): readonly [number, number] {
  if (values.length === 0) return [0, 1];
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const half = Math.max(least, (high - low) * (1 + 2 * ROOM)) / 2;
  return [(low + high) / 2 - half, (low + high) / 2 + half];
}

/** Where a value lies in a range, 0-1. */
export function placeIn([low, high]: readonly [number, number], value: number): number {
  return Math.min(1, Math.max(0, (value - low) / (high - low)));
}
