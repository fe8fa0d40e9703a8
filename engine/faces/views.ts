import { CANVAS_SIZE } from './face-nets.ts';
import type { Candidate } from './face-nets.ts';
import type { Box, Turn } from './types.ts';

export interface Size {
  width: number;
  height: number;
}

/** A part of the turned and scaled picture as it lies on a canvas. Unit: pixels of the canvas. */
export interface View {
  turn: Turn;
  /** The whole turned picture at this view's scale. */
  whole: Size;
  /** The part of it that is shown. */
  part: Box;
  /** Where the part's top left corner lies on the canvas. */
  x: number;
  y: number;
}

/** How much the long side grows from one level of the pyramid to the next. */
const LEVEL_STEP = 5 / 3;
/** Long side of the largest level: 200 MB as floats, and faces of 0.4 % of the picture. */
const MAX_LEVEL = 4096;
/** Least overlap of neighbouring tiles; a face up to this many pixels is whole in one of them. */
const TILE_OVERLAP = 128;
/** A box this close to a cut is taken for a part of a face. */
const CUT_MARGIN = 3;

export function turnedSize({ width, height }: Size, turn: Turn): Size {
  return turn === 90 || turn === 270 ? { width: height, height: width } : { width, height };
}

/** The picture scaled so that its long side has `long` pixels, both sides at least 1. */
export function fitLongSide({ width, height }: Size, long: number): Size {
  const scale = long / Math.max(width, height);
  return {
    width: Math.max(1, Math.round(width * scale)),
    height: Math.max(1, Math.round(height * scale)),
  };
}

/** Long sides of the pyramid: the canvas first, then steps up to about the picture's own size. */
export function levelSizes(picture: Size): number[] {
  const pictureLong = Math.max(picture.width, picture.height);
  const longest = Math.min(pictureLong, MAX_LEVEL);
  const sizes = [Math.min(CANVAS_SIZE, 2 * pictureLong)];
  while (sizes.at(-1)! * 1.2 < longest) sizes.push(Math.min(longest, Math.round(sizes.at(-1)! * LEVEL_STEP)));
  return sizes;
}

/** Overlapping canvases that cover a level of the pyramid. */
export function tileViews(whole: Size, turn: Turn): View[] {
  return starts(whole.height).flatMap((top) =>
    starts(whole.width).map((left) => ({
      turn,
      whole,
      part: {
        x: left,
        y: top,
        width: Math.min(CANVAS_SIZE, whole.width),
        height: Math.min(CANVAS_SIZE, whole.height),
      },
      x: 0,
      y: 0,
    })),
  );
}

function starts(length: number): number[] {
  if (length <= CANVAS_SIZE) return [0];
  const count = Math.ceil((length - TILE_OVERLAP) / (CANVAS_SIZE - TILE_OVERLAP));
  return Array.from({ length: count }, (_, i) => Math.round((i * (length - CANVAS_SIZE)) / (count - 1)));
}

/**
 * [Note: The sheet of small copies]
 * The network knows faces of about 18 to 45 and of 90 to 300 pixels, and a face that is blurred at its own scale
 * it knows only small: of the validation faces under the paper's degradation it finds 20 % at 128 pixels and
 * 90 % at 40. So one canvas shows the whole picture small: three copies upright, which also serve the face that
 * fills the frame (the grey around them is the padding), and two at each other turn, which tell whether the
 * scan lies on its side.
 */
export function sheetViews(picture: Size): View[] {
  const copies = [
    { turn: 0, long: 240, x: 8, y: 8 },
    { turn: 0, long: 150, x: 260, y: 8 },
    { turn: 0, long: 75, x: 424, y: 8 },
    { turn: 90, long: 150, x: 8, y: 260 },
    { turn: 90, long: 75, x: 8, y: 422 },
    { turn: 180, long: 150, x: 176, y: 260 },
    { turn: 180, long: 75, x: 176, y: 422 },
    { turn: 270, long: 150, x: 344, y: 260 },
    { turn: 270, long: 75, x: 344, y: 422 },
  ] as const;
  const pictureLong = Math.max(picture.width, picture.height);
  return copies.map(({ turn, long, x, y }) => {
    const whole = fitLongSide(turnedSize(picture, turn), Math.min(long, 2 * pictureLong));
    return { turn, whole, part: { x: 0, y: 0, ...whole }, x, y };
  });
}

/** The view in which a candidate's centre lies, unless a cut runs through the face. */
export function viewOf(views: View[], candidate: Candidate): View | undefined {
  const centreX = candidate.x + candidate.width / 2;
  const centreY = candidate.y + candidate.height / 2;
  const view = views.find(
    ({ x, y, part }) => centreX >= x && centreX < x + part.width && centreY >= y && centreY < y + part.height,
  );
  return view && !isCut(view, candidate) ? view : undefined;
}

function isCut({ whole, part, x, y }: View, candidate: Candidate): boolean {
  const right = candidate.x + candidate.width - x;
  const bottom = candidate.y + candidate.height - y;
  return (
    (part.x > 0 && candidate.x - x < CUT_MARGIN) ||
    (part.y > 0 && candidate.y - y < CUT_MARGIN) ||
    (part.x + part.width < whole.width && right > part.width - CUT_MARGIN) ||
    (part.y + part.height < whole.height && bottom > part.height - CUT_MARGIN)
  );
}

/** A box on the canvas as a box on the upright picture, normalised 0-1. */
export function toPicture({ turn, whole, part, x, y }: View, box: Box): Box {
  const turned = {
    x: (box.x - x + part.x) / whole.width,
    y: (box.y - y + part.y) / whole.height,
    width: box.width / whole.width,
    height: box.height / whole.height,
  };
  return turnBack(turned, turn);
}

/** A normalised box of the picture turned clockwise by `turn`, on the picture before. */
export function turnBack({ x, y, width, height }: Box, turn: Turn): Box {
  if (turn === 90) return { x: y, y: 1 - x - width, width: height, height: width };
  if (turn === 180) return { x: 1 - x - width, y: 1 - y - height, width, height };
  if (turn === 270) return { x: 1 - y - height, y: x, width: height, height: width };
  return { x, y, width, height };
}
