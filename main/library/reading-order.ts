import type { Box } from '../../contract/library.ts';

/**
 * Rows from top to bottom, each from left to right, as one reads: the highest face that is left opens a row, and every
 * face whose middle lies above that one's lower edge belongs to it. The engine counts the faces that it finds alike.
 */
export function readingOrder<T extends { box: Box }>(faces: readonly T[]): T[] {
  const rows: T[][] = [];
  for (const face of faces.toSorted((a, b) => middle(a.box) - middle(b.box))) {
    const row = rows.at(-1);
    const [first] = row ?? [];
    if (row && first && middle(face.box) <= first.box.y + first.box.height) row.push(face);
    else rows.push([face]);
  }
  return rows.flatMap((row) => row.sort((a, b) => centre(a.box) - centre(b.box)));
}

function middle({ y, height }: Box): number {
  return y + height / 2;
}

function centre({ x, width }: Box): number {
  return x + width / 2;
}
