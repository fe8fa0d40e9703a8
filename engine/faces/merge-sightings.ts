import type { View } from './views.ts';
import type { Box } from './types.ts';

/** A face as one view showed it. */
export interface Sighting {
  /** Pixels of the picture. */
  box: Box;
  /** 0-1. */
  confidence: number;
  view: View;
}

/** More common area than this, as a part of the union, is one face. */
const SAME_FACE_IOU = 0.4;
/** More common area than this, as a part of the smaller box, is one face. */
const SAME_FACE_CONTAINMENT = 0.7;

/**
 * Non-maximum suppression over all views: of the boxes of one face the most confident stays. Two faces that
 * really overlap (cheek to cheek, a baby on an arm) share less than that and both stay.
 */
export function mergeSightings(sightings: readonly Sighting[]): Sighting[] {
  const kept: Sighting[] = [];
  for (const sighting of sightings.toSorted((a, b) => b.confidence - a.confidence)) {
    if (!kept.some((other) => isSameFace(other.box, sighting.box))) kept.push(sighting);
  }
  return kept;
}

/** Whether two boxes (one unit) surround one face. */
export function isSameFace(a: Box, b: Box): boolean {
  const common = commonArea(a, b);
  const union = areaOf(a) + areaOf(b) - common;
  return common > SAME_FACE_IOU * union || overlap(a, b) > SAME_FACE_CONTAINMENT;
}

/** The common area of two boxes as a part, 0-1, of the smaller one's. */
export function overlap(a: Box, b: Box): number {
  return commonArea(a, b) / Math.min(areaOf(a), areaOf(b));
}

function areaOf({ width, height }: Box): number {
  return width * height;
}

function commonArea(a: Box, b: Box): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return Math.max(0, width) * Math.max(0, height);
}
