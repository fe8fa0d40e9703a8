import { composeAffine, warpAffine } from '../image/geometry.ts';
import type { Affine, RgbImage } from '../image/types.ts';
import { cropTransform } from './alignment.ts';
import { LANDMARK_SIZE } from './face-nets.ts';
import type { FaceNets } from './face-nets.ts';
import type { Box, Point, Turn } from './types.ts';

/** Where the landmark network sees the face best: this part of the FFHQ square's side ... */
const CROP_PART = 0.7;
/** ... with its middle moved towards the chin by this part of half the side. */
const CROP_SHIFT = 0.2;

/** The landmark at the same place of the mirrored face, for each of the 68. */
// prettier-ignore
const MIRRORED = [
  16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0,
  26, 25, 24, 23, 22, 21, 20, 19, 18, 17,
  27, 28, 29, 30, 35, 34, 33, 32, 31,
  45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40,
  54, 53, 52, 51, 50, 49, 48, 59, 58, 57, 56, 55, 64, 63, 62, 61, 60, 67, 66, 65,
];

export interface LandmarkFit {
  /** 68 points, normalised 0-1 of the picture. */
  landmarks: Point[];
  /** Mean distance of the points seen directly from those seen in the mirror, as a part of the FFHQ square's side. */
  disagreement: number;
}

/**
 * Landmarks of the face in `box` (pixels of the picture): a first look at the box, then two at the aligned face,
 * as it is and mirrored, whose mean cancels the network's left-right bias.
 *
 * @throws `argument/invalid` where the first look gives points that no face can have.
 */
export async function fitLandmarks(
  nets: FaceNets,
  image: RgbImage,
  box: Box,
  turn: Turn,
  zoom = 1,
): Promise<LandmarkFit> {
  const rough = await look(nets, image, boxCrop(box, turn, zoom));
  const aligned = alignedCrop(rough, image);
  const direct = await look(nets, image, aligned);
  const mirrored = await look(nets, image, composeAffine(aligned, [-1, 0, LANDMARK_SIZE, 0, 1, 0]));
  const swapped = MIRRORED.map((i) => mirrored[i]!);
  return {
    landmarks: direct.map((p, i) => ({ x: (p.x + swapped[i]!.x) / 2, y: (p.y + swapped[i]!.y) / 2 })),
    disagreement:
      meanDistance(direct, swapped, image) /
      ((Math.hypot(aligned[0], aligned[3]) * LANDMARK_SIZE) / CROP_PART),
  };
}

/**
 * Crop pixels to picture pixels for the first look, upright in the turned picture. The network's boxes reach up
 * into the hair the further the smaller the face is in the view; their width and lower edge keep to the face.
 */
function boxCrop(box: Box, turn: Turn, zoom = 1): Affine {
  const sideways = turn === 90 || turn === 270;
  const [width, height] = sideways ? [box.height, box.width] : [box.width, box.height];
  const side = zoom * Math.min(Math.max(width, height), 1.2 * width);
  const cos = Math.cos((turn * Math.PI) / 180);
  const sin = Math.sin((turn * Math.PI) / 180);
  const down = height / 2 - side / zoom / 2;
  const centreX = box.x + box.width / 2 + down * sin;
  const centreY = box.y + box.height / 2 + down * cos;
  const step = side / LANDMARK_SIZE;
  return [
    step * cos,
    step * sin,
    centreX - (side / 2) * (cos + sin),
    -step * sin,
    step * cos,
    centreY - (side / 2) * (cos - sin),
  ];
}

function alignedCrop(landmarks: Point[], image: RgbImage): Affine {
  const square = cropTransform({ landmarks }, image.width, image.height, LANDMARK_SIZE);
  const margin = ((1 - CROP_PART) / 2) * LANDMARK_SIZE;
  const shift = (CROP_SHIFT / 2) * LANDMARK_SIZE;
  return composeAffine(square, [CROP_PART, 0, margin, 0, CROP_PART, margin + shift]);
}

async function look(nets: FaceNets, image: RgbImage, toPicture: Affine): Promise<Point[]> {
  const crop = interleave(warpAffine(image, toPicture, LANDMARK_SIZE, LANDMARK_SIZE).data);
  const [a, b, c, d, e, f] = toPicture;
  return (await nets.landmarks(crop)).map((point) => {
    const [u, v] = [point.x * LANDMARK_SIZE, point.y * LANDMARK_SIZE];
    return { x: (a * u + b * v + c) / image.width, y: (d * u + e * v + f) / image.height };
  });
}

/** RGB planes in 0-1 as HWC in 0-255. */
export function interleave(planes: Float32Array): Float32Array {
  const plane = planes.length / 3;
  const output = new Float32Array(planes.length);
  for (let i = 0; i < plane; i++) {
    for (let channel = 0; channel < 3; channel++)
      output[3 * i + channel] = 255 * planes[channel * plane + i]!;
  }
  return output;
}

/** In pixels of the picture. */
function meanDistance(a: Point[], b: Point[], { width, height }: RgbImage): number {
  const sum = a.reduce(
    (total, p, i) => total + Math.hypot((p.x - b[i]!.x) * width, (p.y - b[i]!.y) * height),
    0,
  );
  return sum / a.length;
}
