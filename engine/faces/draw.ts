import { HeirloomError } from '../../contract/errors.ts';
import type { RgbImage } from '../image/types.ts';
import { requirePicture } from './detect-faces.ts';
import type { DetectedFace } from './types.ts';

/** Rows of each character's 3 x 5 pixels, the left pixel in bit 2. */
const GLYPHS: Record<string, readonly number[]> = {
  '0': [7, 5, 5, 5, 7],
  '1': [2, 6, 2, 2, 7],
  '2': [7, 1, 7, 4, 7],
  '3': [7, 1, 7, 1, 7],
  '4': [5, 5, 7, 1, 1],
  '5': [7, 4, 7, 1, 7],
  '6': [7, 4, 7, 5, 7],
  '7': [7, 1, 1, 2, 2],
  '8': [7, 5, 7, 5, 7],
  '9': [7, 5, 7, 1, 7],
};

/** Height of a label's plate: five rows and a margin. */
const PLATE_DOTS = 7;

const BOX_COLOUR = [255, 200, 0] as const;
const LANDMARK_COLOUR = [0, 255, 120] as const;
const LABEL_COLOUR = [0, 0, 0] as const;

type Colour = readonly [red: number, green: number, blue: number];

/** A canvas, its colours scaled to its depth, and the width of its lines in pixels. */
interface Pen {
  canvas: RgbImage;
  line: number;
}

/**
 * A copy of the picture with each face's box, landmarks and number drawn in.
 *
 * @param labels digits for each face; its place in the list, from 1, unless given.
 * @throws `argument/invalid` where there are not as many labels as faces, or a label has other characters.
 */
export function drawFaces(
  image: RgbImage,
  faces: readonly DetectedFace[],
  labels: readonly string[] = faces.map((_, i) => String(i + 1)),
): RgbImage {
  requirePicture(image);
  requireLabels(labels, faces.length);
  const canvas = { ...image, data: image.data.slice() };
  const pen = { canvas, line: Math.max(1, Math.round(Math.max(image.width, image.height) / 800)) };
  faces.forEach((face, i) => drawFace(pen, face, labels[i]!));
  return canvas;
}

function requireLabels(labels: readonly string[], count: number): void {
  if (labels.length !== count) {
    throw new HeirloomError('argument/invalid', `Expected ${count} labels but received ${labels.length}`);
  }
  const bad = labels.find((label) => !/^\d+$/.test(label));
  if (bad !== undefined) {
    throw new HeirloomError('argument/invalid', `Expected a label of digits but received "${bad}"`);
  }
}

function drawFace(pen: Pen, { box, landmarks }: DetectedFace, label: string): void {
  const { width, height } = pen.canvas;
  const [x, y] = [Math.round(box.x * width), Math.round(box.y * height)];
  outline(pen, x, y, Math.round(box.width * width), Math.round(box.height * height));
  for (const point of landmarks) {
    const offset = Math.floor(pen.line / 2);
    fill(
      pen.canvas,
      Math.floor(point.x * width) - offset,
      Math.floor(point.y * height) - offset,
      pen.line,
      pen.line,
      LANDMARK_COLOUR,
    );
  }
  write(pen, label, Math.max(0, x), Math.max(0, y - PLATE_DOTS * 2 * pen.line));
}

function outline({ canvas, line }: Pen, x: number, y: number, width: number, height: number): void {
  fill(canvas, x, y, width, line, BOX_COLOUR);
  fill(canvas, x, y + height - line, width, line, BOX_COLOUR);
  fill(canvas, x, y, line, height, BOX_COLOUR);
  fill(canvas, x + width - line, y, line, height, BOX_COLOUR);
}

/** Black digits on a plate of the box's colour, its top left corner at `(x, y)`. */
function write({ canvas, line }: Pen, label: string, x: number, y: number): void {
  const dot = 2 * line;
  fill(canvas, x, y, (4 * label.length + 1) * dot, PLATE_DOTS * dot, BOX_COLOUR);
  [...label].forEach((character, place) => {
    GLYPHS[character]!.forEach((row, j) => {
      for (let i = 0; i < 3; i++) {
        if (row & (4 >> i))
          fill(canvas, x + (4 * place + 1 + i) * dot, y + (1 + j) * dot, dot, dot, LABEL_COLOUR);
      }
    });
  });
}

/** Fills the part of a rectangle that lies on the canvas. */
function fill(canvas: RgbImage, x: number, y: number, width: number, height: number, colour: Colour): void {
  const scale = canvas.depth === 16 ? 257 : 1;
  const samples = colour.map((value) => value * scale);
  const right = Math.min(canvas.width, x + width);
  const bottom = Math.min(canvas.height, y + height);
  for (let row = Math.max(0, y); row < bottom; row++) {
    for (let column = Math.max(0, x); column < right; column++) {
      canvas.data.set(samples, 3 * (row * canvas.width + column));
    }
  }
}
