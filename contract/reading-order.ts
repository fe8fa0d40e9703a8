/** Upright rectangle in any unit, y downwards. */
interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/**
 * Bands from top to bottom, each from left to right. A band begins with the highest face that is left and takes
 * every face whose middle lies above that face's lower edge.
 */
export function readingOrder<T extends { box: Box }>(faces: readonly T[]): T[] {
  const waiting = faces.toSorted((a, b) => middleOf(a.box) - middleOf(b.box));
  const ordered: T[] = [];
  while (waiting.length > 0) {
    const { box } = waiting[0]!;
    const bandEnd = middleOf(box) + box.height / 2;
    const rest = waiting.findIndex((face) => middleOf(face.box) > bandEnd);
    const band = waiting.splice(0, rest < 0 ? waiting.length : rest);
    ordered.push(...band.sort((a, b) => a.box.x + a.box.width / 2 - (b.box.x + b.box.width / 2)));
  }
  return ordered;
}

function middleOf({ y, height }: Box): number {
  return y + height / 2;
}
