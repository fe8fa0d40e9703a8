import sharp from 'sharp';

/** A picture and the words under it: lower-case letters, digits and `- / .`. */
export interface LabelledPicture {
  label: string;
  picture: { width: number; height: number; data: Uint8Array };
}

const GAP = 4;
const LABEL_HEIGHT = 18;
const BACKGROUND = { r: 255, g: 255, b: 255 };
/** Screen pixels per dot of a letter. */
const DOT = 2;
const GLYPH_WIDTH = 5;
const GLYPH_HEIGHT = 7;

/** 5 x 7 dots a letter, a number a row, the highest of its five bits on the left. */
const GLYPHS: Record<string, readonly number[]> = {
  a: [0, 0, 14, 1, 15, 17, 15],
  b: [16, 16, 30, 17, 17, 17, 30],
  c: [0, 0, 14, 16, 16, 17, 14],
  d: [1, 1, 15, 17, 17, 17, 15],
  e: [0, 0, 14, 17, 31, 16, 14],
  f: [6, 9, 8, 28, 8, 8, 8],
  g: [0, 15, 17, 17, 15, 1, 14],
  h: [16, 16, 22, 25, 17, 17, 17],
  i: [4, 0, 12, 4, 4, 4, 14],
  j: [2, 0, 6, 2, 2, 18, 12],
  k: [16, 16, 18, 20, 24, 20, 18],
  l: [12, 4, 4, 4, 4, 4, 14],
  m: [0, 0, 26, 21, 21, 17, 17],
  n: [0, 0, 22, 25, 17, 17, 17],
  o: [0, 0, 14, 17, 17, 17, 14],
  p: [0, 0, 30, 17, 30, 16, 16],
  q: [0, 0, 13, 19, 15, 1, 1],
  r: [0, 0, 22, 25, 16, 16, 16],
  s: [0, 0, 14, 16, 14, 1, 30],
  t: [8, 8, 28, 8, 8, 9, 6],
  u: [0, 0, 17, 17, 17, 19, 13],
  v: [0, 0, 17, 17, 17, 10, 4],
  w: [0, 0, 17, 17, 21, 21, 10],
  x: [0, 0, 17, 10, 4, 10, 17],
  y: [0, 0, 17, 17, 15, 1, 14],
  z: [0, 0, 31, 2, 4, 8, 31],
  0: [14, 17, 19, 21, 25, 17, 14],
  1: [4, 12, 4, 4, 4, 4, 14],
  2: [14, 17, 1, 2, 4, 8, 31],
  3: [31, 2, 4, 2, 1, 17, 14],
  4: [2, 6, 10, 18, 31, 2, 2],
  5: [31, 16, 30, 1, 1, 17, 14],
  6: [6, 8, 16, 30, 17, 17, 14],
  7: [31, 1, 2, 4, 8, 8, 8],
  8: [14, 17, 17, 14, 17, 17, 14],
  9: [14, 17, 17, 15, 1, 2, 12],
  '-': [0, 0, 0, 31, 0, 0, 0],
  '/': [1, 1, 2, 4, 8, 16, 16],
  '.': [0, 0, 0, 0, 0, 12, 12],
};

interface Placed {
  input: Buffer;
  raw: { width: number; height: number; channels: 3 };
  left: number;
  top: number;
}

/** Pictures in rows, each with its label below, as a PNG. Columns are as wide as the widest picture. */
export async function encodeContactSheet(rows: readonly (readonly LabelledPicture[])[]): Promise<Uint8Array> {
  const all = rows.flat().map(({ picture }) => picture);
  const cellWidth = Math.max(...all.map(({ width }) => width)) + GAP;
  const cellHeight = Math.max(...all.map(({ height }) => height)) + LABEL_HEIGHT + GAP;
  const width = Math.max(...rows.map((row) => row.length)) * cellWidth + GAP;
  const height = rows.length * cellHeight + GAP;
  const placed = rows.flatMap((row, y) =>
    row.flatMap((cell, x) => placeCell(cell, GAP + x * cellWidth, GAP + y * cellHeight)),
  );
  return sharp({ create: { width, height, channels: 3, background: BACKGROUND }, limitInputPixels: false })
    .composite(placed)
    .png()
    .toBuffer();
}

function placeCell({ label, picture }: LabelledPicture, left: number, top: number): Placed[] {
  const text = drawLabel(label, picture.width);
  return [place(picture, left, top), place(text, left, top + picture.height + 2)];
}

function place({ width, height, data }: LabelledPicture['picture'], left: number, top: number): Placed {
  return { input: Buffer.from(data), raw: { width, height, channels: 3 }, left, top };
}

/** Black dots on white; what does not fit `width` is cut off. */
function drawLabel(label: string, width: number): LabelledPicture['picture'] {
  const height = GLYPH_HEIGHT * DOT;
  const data = new Uint8Array(3 * width * height).fill(255);
  for (const [i, letter] of [...label].entries()) {
    const rows = GLYPHS[letter] ?? [];
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < GLYPH_WIDTH * DOT; x++) {
        const bit = 1 << (GLYPH_WIDTH - 1 - Math.floor(x / DOT));
        const column = i * (GLYPH_WIDTH + 1) * DOT + x;
        if (((rows[Math.floor(y / DOT)] ?? 0) & bit) === 0 || column >= width) continue;
        data.fill(0, 3 * (y * width + column), 3 * (y * width + column) + 3);
      }
    }
  }
  return { width, height, data };
}
