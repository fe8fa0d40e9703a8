import type { Rect } from '../../state/viewport-math.ts';

/** The whole box, or the corner that is dragged. */
export type Handle = 'move' | 'nw' | 'ne' | 'se' | 'sw';

/** CSS pixels. */
const SMALLEST = 16;
const STEP = 4;

/** A box on the stage after a drag by `dx`, `dy`; the opposite corner stays. */
export function dragBox(from: Rect, handle: Handle, dx: number, dy: number): Rect {
  if (handle === 'move') return { ...from, x: from.x + dx, y: from.y + dy };
  const horizontal = handle.endsWith('w')
    ? side(from.x, from.width, -dx, true)
    : side(from.x, from.width, dx, false);
  const vertical = handle.startsWith('n')
    ? side(from.y, from.height, -dy, true)
    : side(from.y, from.height, dy, false);
  return { x: horizontal.at, width: horizontal.length, y: vertical.at, height: vertical.length };
}

/** A side that grows by `by`, at its start or at its end. */
function side(at: number, length: number, by: number, atStart: boolean): { at: number; length: number } {
  const grown = Math.max(SMALLEST, length + by);
  return { at: atStart ? at + length - grown : at, length: grown };
}

/** Arrows move the box, with Shift they move its lower right corner. Null for other keys. */
export function keyBox(from: Rect, key: string, shift: boolean): Rect | null {
  const [dx, dy] = DIRECTIONS[key] ?? [0, 0];
  if (dx === 0 && dy === 0) return null;
  return dragBox(from, shift ? 'se' : 'move', dx * STEP, dy * STEP);
}

const DIRECTIONS: Record<string, readonly [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};
