import type { Point, Size } from './viewport-math.ts';

/**
 * The square of FFHQ around a face in picture units: where drafts, previews and maps of the face lie. The definition
 * is the engine's (`engine/faces/alignment.ts`); a test holds the two together.
 */
export interface AlignedSquare {
  /** Corner at the face's forehead, right eye of the person. */
  corner: Point;
  /** Along the eyes and down the face, a whole side long. */
  x: Point;
  y: Point;
}

/** Null where the landmarks are none of a face. */
export function alignedSquare(landmarks: readonly Point[], { width, height }: Size): AlignedSquare | null {
  if (landmarks.length !== 68) return null;
  const points = landmarks.map(({ x, y }) => ({ x: x * width, y: y * height }));
  const eyeLeft = mean(points.slice(36, 42));
  const eyeRight = mean(points.slice(42, 48));
  const eyes = mean([eyeLeft, eyeRight]);
  const toEye = minus(eyeRight, eyeLeft);
  const toMouth = minus(mean([points[48]!, points[54]!]), eyes);
  const direction = { x: toEye.x + toMouth.y, y: toEye.y - toMouth.x };
  const length = Math.hypot(direction.x, direction.y);
  if (!(length > 0)) return null;
  const half = Math.max(2 * Math.hypot(toEye.x, toEye.y), 1.8 * Math.hypot(toMouth.x, toMouth.y));
  const x = { x: (direction.x / length) * half, y: (direction.y / length) * half };
  const y = { x: -x.y, y: x.x };
  const centre = { x: eyes.x + 0.1 * toMouth.x, y: eyes.y + 0.1 * toMouth.y };
  return { corner: minus(minus(centre, x), y), x: twice(x), y: twice(y) };
}

/** The CSS matrix that draws a `side`-sized element over the square, in picture units. */
export function squareTransform({ corner, x, y }: AlignedSquare, side: number): string {
  const numbers = [x.x / side, x.y / side, y.x / side, y.y / side, corner.x, corner.y];
  return `matrix(${numbers.map((value) => Math.round(value * 1e6) / 1e6).join(', ')})`;
}

function mean(points: readonly Point[]): Point {
  const sum = points.reduce((a, b) => ({ x: a.x + b.x, y: a.y + b.y }));
  return { x: sum.x / points.length, y: sum.y / points.length };
}

function minus(a: Point, b: Point): Point {
  return { x: a.x - b.x, y: a.y - b.y };
}

function twice({ x, y }: Point): Point {
  return { x: 2 * x, y: 2 * y };
}
