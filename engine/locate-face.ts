import type { EngineParams, EngineResult } from '../contract/engine.ts';
import { HeirloomError } from '../contract/errors.ts';
import { meanLandmarks } from './faces/mean-face.ts';
import type { Box, DetectedFace, FaceDetector } from './faces/types.ts';
import { decodePhoto } from './image/decode.ts';
import type { RgbImage } from './image/types.ts';
import { measureFace } from './inspect-photo.ts';
import type { OpenModels } from './open-models.ts';

/** What the detector sees around the drawn box, as a part of the box's longer side: hair, chin, some of the room. */
const MARGIN = 0.6;
/** A detected face is the drawn one if the boxes share at least this part of their union. */
const MIN_SHARED = 0.25;

/**
 * The face that a person has drawn a box around. Where the detector sees none there, the landmarks are those of a
 * mean upright face in the box. Throws `input/*`, and `argument/invalid` for a box that holds no part of the picture.
 */
export async function locateFace(
  { input, box }: Omit<EngineParams<'locateFace'>, 'models'>,
  detector: FaceDetector,
  models: OpenModels | undefined,
): Promise<EngineResult<'locateFace'>> {
  const { image } = await decodePhoto(input);
  const drawn = scaleBox(box, image.width, image.height);
  const area = surroundings(drawn, image);
  const found = (await detector.detect(cut(image, area))).map((face) => moveFace(face, area, image));
  const seen = bestMatch(found, box);
  const face = seen ?? { box, turn: 0 as const, landmarks: meanLandmarks(drawn, 0, image) };
  const { sizePx, stdHat, start } = await measureFace(image, face, models);
  return {
    face: { box: face.box, landmarks: face.landmarks, turn: face.turn },
    ...{ guessed: !seen, sizePx },
    ...(stdHat !== undefined && { stdHat }),
    ...(start !== undefined && { start }),
  };
}

function scaleBox({ x, y, width, height }: Box, factorX: number, factorY: number): Box {
  return { x: x * factorX, y: y * factorY, width: width * factorX, height: height * factorY };
}

/** The part of the picture in which the face is looked for, in whole pixels. */
function surroundings(drawn: Box, { width, height }: RgbImage): Box {
  const margin = MARGIN * Math.max(drawn.width, drawn.height);
  const x = Math.max(0, Math.floor(drawn.x - margin));
  const y = Math.max(0, Math.floor(drawn.y - margin));
  const right = Math.min(width, Math.ceil(drawn.x + drawn.width + margin));
  const bottom = Math.min(height, Math.ceil(drawn.y + drawn.height + margin));
  const shown = shared(drawn, { x: 0, y: 0, width, height });
  if (!(drawn.width > 0 && drawn.height > 0 && shown > 0)) {
    const pixels = [drawn.width, drawn.height, drawn.x, drawn.y].map(Math.round);
    throw new HeirloomError(
      'argument/invalid',
      `Expected a box inside the picture of ${width} x ${height} pixels but received ${pixels[0]} x ${pixels[1]} at ${pixels[2]}, ${pixels[3]}`,
    );
  }
  return { x, y, width: right - x, height: bottom - y };
}

function cut({ width, depth, data }: RgbImage, area: Box): RgbImage {
  const part = new (data.constructor as typeof Uint8Array)(3 * area.width * area.height);
  for (let row = 0; row < area.height; row++) {
    const from = 3 * ((area.y + row) * width + area.x);
    part.set(data.subarray(from, from + 3 * area.width), 3 * row * area.width);
  }
  return { width: area.width, height: area.height, depth, data: part };
}

/** A face of the part as a face of the picture. */
function moveFace(face: DetectedFace, area: Box, { width, height }: RgbImage): DetectedFace {
  const { x, y, ...size } = scaleBox(face.box, area.width / width, area.height / height);
  return {
    ...face,
    box: { x: x + area.x / width, y: y + area.y / height, ...size },
    landmarks: face.landmarks.map((point) => ({
      x: (area.x + point.x * area.width) / width,
      y: (area.y + point.y * area.height) / height,
    })),
  };
}

function bestMatch(faces: DetectedFace[], box: Box): DetectedFace | undefined {
  const likely = faces.filter((face) => sharedPart(face.box, box) >= MIN_SHARED);
  return likely.toSorted((a, b) => sharedPart(b.box, box) - sharedPart(a.box, box))[0];
}

/** Intersection over union, 0-1. */
function sharedPart(a: Box, b: Box): number {
  const both = shared(a, b);
  return both / (a.width * a.height + b.width * b.height - both);
}

function shared(a: Box, b: Box): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return Math.max(0, width) * Math.max(0, height);
}
