export type Side = 'top' | 'right' | 'bottom' | 'left';

/** `right` is meant as "towards the end of the line", which lies left where text runs from right to left. */
export function mirroredSide(side: Side, direction: 'ltr' | 'rtl'): Side {
  if (direction === 'ltr') return side;
  if (side === 'left') return 'right';
  return side === 'right' ? 'left' : side;
}
