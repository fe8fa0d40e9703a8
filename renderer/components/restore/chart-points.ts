import type { Measures } from '../../../contract/api.ts';

/** A setting's place on the chart: both 0-1, more is better. */
export interface ChartPoint {
  /** How much of the photo is kept. */
  fidelity: number;
  /** How much sharper than the photo. */
  quality: number;
}

/** A distance of 1.2 between descriptors is that of strangers; a difference of 0.12 is a photo not honoured. */
const FAR_LIKENESS = 1.2;
const FAR_DATA = 0.12;
/** Eight times as sharp as the photo is the top of the chart; a doubling is a third of the way. */
const TOP_DOUBLINGS = 3;

export function chartPoint({ likeness, dataDistance, sharpness, sharpnessBefore }: Measures): ChartPoint {
  const kept = likeness === undefined ? 1 - dataDistance / FAR_DATA : 1 - likeness / FAR_LIKENESS;
  const doublings = Math.log2(Math.max(sharpness, 1e-6) / Math.max(sharpnessBefore, 1e-6));
  return { fidelity: unit(kept), quality: unit(doublings / TOP_DOUBLINGS) };
}

function unit(value: number): number {
  return Math.min(1, Math.max(0, value));
}
