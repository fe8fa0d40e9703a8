import type { RgbImage } from '../image/types.ts';

/** Normalised 0-1 of the oriented picture, origin top left. */
export interface Point {
  x: number;
  y: number;
}

/** Upright rectangle; the unit stands where it is used. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Degrees clockwise. */
export type Turn = 0 | 90 | 180 | 270;

/** One face as found on the oriented picture. */
export interface DetectedFace {
  /** Normalised 0-1, origin top left; may reach a little outside for a face at the border. */
  box: Box;
  /** 0-1. */
  confidence: number;
  /** The 68 landmarks of the iBUG 300-W scheme, normalised 0-1. */
  landmarks: Point[];
  /** Degrees clockwise by which the picture was turned when the face was found: 0, 90, 180 or 270. */
  turn: Turn;
}

export interface FaceDetector {
  /** Name and version, stored with every detection, e.g. `face-api-ssd/1.7.15`. */
  readonly name: string;
  /** Faces in reading order: bands from top to bottom, each from left to right. */
  detect(image: RgbImage): Promise<DetectedFace[]>;
  /** 68 landmarks of a crop that holds one face, normalised 0-1 of the crop; null when none is seen. */
  landmarks(crop: RgbImage): Promise<Point[] | null>;
  /** 128 numbers of unit-free face descriptor of an aligned crop; identity distance is their Euclidean distance. */
  descriptor(crop: RgbImage): Promise<Float32Array>;
}
