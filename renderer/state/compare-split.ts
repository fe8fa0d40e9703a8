/** Where the split between two versions lies: 0 = all of the second, 1 = all of the first, from the picture's start. */

const STEP = 0.02;
const LEAP = 0.1;

export function clampSplit(position: number): number {
  return Math.min(1, Math.max(0, position));
}

/**
 * A pointer's place as a split position.
 * @param x from the picture's left edge, and its width: CSS pixels
 */
export function splitAt(x: number, width: number): number {
  return width > 0 ? clampSplit(x / width) : 0.5;
}

/** The keys of the ARIA slider. `null`: not one of them. The pictures do not mirror, so that right is always right. */
export function splitByKey(position: number, key: string, shift: boolean): number | null {
  const step = shift ? LEAP : STEP;
  switch (key) {
    case 'ArrowRight':
    case 'ArrowUp':
      return clampSplit(position + step);
    case 'ArrowLeft':
    case 'ArrowDown':
      return clampSplit(position - step);
    case 'PageUp':
      return clampSplit(position + LEAP);
    case 'PageDown':
      return clampSplit(position - LEAP);
    case 'Home':
      return 0;
    case 'End':
      return 1;
    default:
      return null;
  }
}
