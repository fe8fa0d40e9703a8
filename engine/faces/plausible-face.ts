import { facePoints } from './alignment.ts';
import type { LandmarkFit } from './fit-landmarks.ts';
import type { Box, Point, Turn } from './types.ts';

/** Largest `LandmarkFit.disagreement`. Upright faces stay below 0.03 mostly; turned ones and no faces above 0.04. */
const MAX_DISAGREEMENT = 0.04;
/** Eye distance as a part of the eye-mouth distance: 0.6 in profile, 0.9 from the front, 1.4 looking down. */
const EYES_TO_MOUTH = [0.4, 1.7] as const;
/** Side of the FFHQ square (twice the eye distance or 1.8 times eye-mouth) as a part of the box's width. */
const SQUARE_TO_BOX = [1.15, 2.8] as const;
/** Where the middle of the eyes lies in the box, from the left and from above. */
const EYES_ACROSS = [0.1, 0.9] as const;
const EYES_DOWN = [0.1, 0.7] as const;
/** How far the head may lean from the picture's own vertical, degrees. */
const MAX_LEAN = 60;

/**
 * Whether landmarks are those of the face in the box: seen alike in the mirror, in the proportions of a face, of
 * the box's size and inside it, upright in the picture as turned, the mouth below the eyes.
 *
 * @param box pixels of the picture.
 */
export function isPlausible(
  { landmarks, disagreement }: LandmarkFit,
  box: Box,
  turn: Turn,
  { width, height }: { width: number; height: number },
): boolean {
  const { leftEye, rightEye, mouth } = facePoints(landmarks, width, height);
  const eyes = { x: (leftEye.x + rightEye.x) / 2, y: (leftEye.y + rightEye.y) / 2 };
  const eyeDistance = Math.hypot(rightEye.x - leftEye.x, rightEye.y - leftEye.y);
  const mouthDistance = Math.hypot(mouth.x - eyes.x, mouth.y - eyes.y);
  const sideways = turn === 90 || turn === 270;
  const across = sideways ? box.height : box.width;
  const [u, v] = inTurnedBox(eyes, box, turn);
  return (
    disagreement <= MAX_DISAGREEMENT &&
    within(eyeDistance / mouthDistance, EYES_TO_MOUTH) &&
    within((2 * Math.max(2 * eyeDistance, 1.8 * mouthDistance)) / across, SQUARE_TO_BOX) &&
    within(u, EYES_ACROSS) &&
    within(v, EYES_DOWN) &&
    Math.abs(leanOf(leftEye, rightEye, turn)) <= MAX_LEAN &&
    isBelow(mouth, leftEye, rightEye)
  );
}

/** Whether a point lies on the chin's side of the line through the eyes. */
function isBelow({ x, y }: Point, left: Point, right: Point): boolean {
  return (right.x - left.x) * (y - left.y) - (right.y - left.y) * (x - left.x) > 0;
}

type Range = readonly [least: number, most: number];

function within(value: number, [least, most]: Range): boolean {
  return value >= least && value <= most;
}

/** A point as parts of the box's width and height, as seen in the turned picture. */
function inTurnedBox({ x, y }: { x: number; y: number }, box: Box, turn: Turn): [number, number] {
  const u = (x - box.x) / box.width;
  const v = (y - box.y) / box.height;
  if (turn === 90) return [1 - v, u];
  if (turn === 180) return [1 - u, 1 - v];
  return turn === 270 ? [v, 1 - u] : [u, v];
}

/** Degrees, -180 to 180, by which the eyes' line leans clockwise in the turned picture. */
function leanOf(left: { x: number; y: number }, right: { x: number; y: number }, turn: Turn): number {
  const degrees = (Math.atan2(right.y - left.y, right.x - left.x) * 180) / Math.PI + turn;
  return ((((degrees + 180) % 360) + 360) % 360) - 180;
}
