import { HeirloomError } from '../../contract/errors.ts';
import type { Affine } from '../image/types.ts';
import type { DetectedFace, Point } from './types.ts';

/** The square of FFHQ around a face, in pixels of the picture. */
export interface FaceQuad {
  centre: Point;
  /** From the centre to the middle of the side at the face's left eye (right in the picture): half a side long. */
  x: Point;
  /** From the centre to the middle of the chin's side: `x` turned by 90 degrees clockwise. */
  y: Point;
}

/**
 * The square that FFHQ (Karras et al. 2019, appendix A) cuts for a face.
 *
 * @param landmarks 68 points of the iBUG 300-W scheme, normalised 0-1 of the picture.
 * @param width the picture's width in pixels.
 * @param height the picture's height in pixels.
 * @throws `argument/invalid` for another number of points, and for points that no face can have: not finite,
 *   all in one place, or mirrored (the eyes swapped for how the mouth lies).
 */
export function faceQuad(landmarks: readonly Point[], width: number, height: number): FaceQuad {
  const { leftEye, rightEye, mouth } = facePoints(landmarks, width, height);
  const eyes = middle(leftEye, rightEye);
  const eyeToEye = subtract(rightEye, leftEye);
  const eyeToMouth = subtract(mouth, eyes);
  requireFace(eyeToEye, eyeToMouth);
  const direction = subtract(eyeToEye, quarterTurn(eyeToMouth));
  const half = Math.max(2.0 * length(eyeToEye), 1.8 * length(eyeToMouth));
  const x = scale(direction, half / length(direction));
  return { centre: add(eyes, scale(eyeToMouth, 0.1)), x, y: quarterTurn(x) };
}

/**
 * The similarity that takes pixels of the aligned `size x size` crop to pixels of the picture.
 *
 * @param pictureWidth pixels.
 * @param pictureHeight pixels.
 * @param size side of the crop in pixels.
 * @throws `argument/invalid` as `faceQuad`, and for a `size` that is not a positive integer.
 * @example
 * const toPicture = cropTransform(face, image.width, image.height, 256);
 * const crop = warpAffine(image, toPicture, 256, 256);
 */
export function cropTransform(
  face: Pick<DetectedFace, 'landmarks'>,
  pictureWidth: number,
  pictureHeight: number,
  size: number,
): Affine {
  if (!Number.isInteger(size) || size < 1) {
    throw new HeirloomError('argument/invalid', `Expected a positive integer for size but received ${size}`);
  }
  const { centre, x, y } = faceQuad(face.landmarks, pictureWidth, pictureHeight);
  const corner = subtract(subtract(centre, x), y);
  return [(2 * x.x) / size, (2 * y.x) / size, corner.x, (2 * x.y) / size, (2 * y.y) / size, corner.y];
}

/** Side of the face's FFHQ square in pixels of the picture. Throws as `faceQuad`. */
export function faceSizePx(
  face: Pick<DetectedFace, 'landmarks'>,
  pictureWidth: number,
  pictureHeight: number,
): number {
  return 2 * length(faceQuad(face.landmarks, pictureWidth, pictureHeight).x);
}

/** The points that alignment rests on, in pixels. Left and right as seen in the picture. */
export interface FacePoints {
  leftEye: Point;
  rightEye: Point;
  /** Middle of the outer corners of the mouth. */
  mouth: Point;
}

/** Eye centres and mouth centre in pixels. Throws `argument/invalid` unless there are 68 points. */
export function facePoints(landmarks: readonly Point[], width: number, height: number): FacePoints {
  if (landmarks.length !== 68) {
    throw new HeirloomError('argument/invalid', `Expected 68 landmarks but received ${landmarks.length}`);
  }
  const pixels = landmarks.map(({ x, y }) => ({ x: x * width, y: y * height }));
  return {
    leftEye: middle(...pixels.slice(36, 42)),
    rightEye: middle(...pixels.slice(42, 48)),
    mouth: middle(pixels[48]!, pixels[54]!),
  };
}

function requireFace(eyeToEye: Point, eyeToMouth: Point): void {
  const area = eyeToEye.x * eyeToMouth.y - eyeToEye.y * eyeToMouth.x;
  if (!Number.isFinite(area) || area === 0) {
    throw new HeirloomError(
      'argument/invalid',
      `Expected landmarks of a face but the triangle of eyes and mouth has an area of ${area / 2} pixels`,
    );
  }
  if (area < 0) {
    throw new HeirloomError('argument/invalid', 'Expected landmarks of a face but received mirrored ones');
  }
}

function middle(...points: Point[]): Point {
  return scale(points.reduce(add), 1 / points.length);
}

function add(a: Point, b: Point): Point {
  return { x: a.x + b.x, y: a.y + b.y };
}

function subtract(a: Point, b: Point): Point {
  return { x: a.x - b.x, y: a.y - b.y };
}

function scale(a: Point, factor: number): Point {
  return { x: a.x * factor, y: a.y * factor };
}

/** Turned by 90 degrees clockwise as seen (y points down). */
function quarterTurn(a: Point): Point {
  return { x: -a.y, y: a.x };
}

function length(a: Point): number {
  return Math.hypot(a.x, a.y);
}
