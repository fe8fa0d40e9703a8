import type { RgbImage } from '../image/types.ts';
import type { Box, Point, Turn } from './types.ts';

/**
 * The mean of the 68 landmarks in the FFHQ square, as x, y pairs, made symmetric: over 155 pictures of the
 * training set (every third of train-256-02.tar) in which direct and mirrored landmarks agree within 2 %.
 */
// prettier-ignore
const MEAN_FACE: readonly (readonly [number, number])[] = [
  [0.218, 0.475], [0.223, 0.55], [0.236, 0.62], [0.25, 0.683], [0.275, 0.753], [0.314, 0.808], [0.358, 0.845],
  [0.414, 0.884], [0.5, 0.908], [0.586, 0.884], [0.642, 0.845], [0.686, 0.808], [0.725, 0.753], [0.75, 0.683],
  [0.764, 0.62], [0.777, 0.55], [0.782, 0.475],
  [0.278, 0.408], [0.311, 0.385], [0.355, 0.378], [0.394, 0.382], [0.429, 0.395],
  [0.571, 0.395], [0.606, 0.382], [0.645, 0.378], [0.689, 0.385], [0.722, 0.408],
  [0.5, 0.476], [0.5, 0.526], [0.5, 0.572], [0.5, 0.615],
  [0.454, 0.642], [0.474, 0.648], [0.5, 0.654], [0.526, 0.648], [0.546, 0.642],
  [0.334, 0.467], [0.358, 0.455], [0.394, 0.455], [0.426, 0.473], [0.398, 0.483], [0.36, 0.483],
  [0.574, 0.473], [0.606, 0.455], [0.642, 0.455], [0.666, 0.467], [0.64, 0.483], [0.602, 0.483],
  [0.396, 0.732], [0.432, 0.715], [0.478, 0.701], [0.5, 0.706], [0.522, 0.701], [0.568, 0.715], [0.604, 0.732],
  [0.567, 0.765], [0.534, 0.781], [0.5, 0.786], [0.466, 0.781], [0.433, 0.765],
  [0.404, 0.732], [0.468, 0.726], [0.5, 0.726], [0.532, 0.726], [0.596, 0.732], [0.531, 0.749], [0.5, 0.752],
  [0.469, 0.749],
];

/** The network's box in the FFHQ square: the median over 39 validation faces. */
const MEAN_BOX = { x: 0.227, y: 0.234, width: 0.55, height: 0.66 };

/** Where the network's box lies around the face of a whole FFHQ crop, in pixels of the crop. */
export function boxOfAlignedCrop({ width, height }: { width: number; height: number }): Box {
  return {
    x: MEAN_BOX.x * width,
    y: MEAN_BOX.y * height,
    width: MEAN_BOX.width * width,
    height: MEAN_BOX.height * height,
  };
}

/**
 * Landmarks of a mean upright face that stands in `box` (pixels of the picture) as boxes usually stand around
 * faces: same width, same lower edge. For faces too blurred for the landmark network.
 */
export function meanLandmarks(box: Box, turn: Turn, { width, height }: RgbImage): Point[] {
  const sideways = turn === 90 || turn === 270;
  const [across, down] = sideways ? [box.height, box.width] : [box.width, box.height];
  const side = across / MEAN_BOX.width;
  const fromBottom = (MEAN_BOX.y + MEAN_BOX.height) * side;
  const cos = Math.cos((turn * Math.PI) / 180);
  const sin = Math.sin((turn * Math.PI) / 180);
  return MEAN_FACE.map(([x, y]) => {
    const u = (x - 0.5) * side;
    const v = down / 2 - fromBottom + y * side;
    return {
      x: (box.x + box.width / 2 + cos * u + sin * v) / width,
      y: (box.y + box.height / 2 - sin * u + cos * v) / height,
    };
  });
}
