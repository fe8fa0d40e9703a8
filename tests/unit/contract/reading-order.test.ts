import { describe, expect, it } from 'vitest';
import { readingOrder } from '../../../contract/reading-order.ts';

function face(name: string, x: number, y: number, side = 0.1) {
  return { name, box: { x, y, width: side, height: side } };
}

describe('readingOrder', () => {
  it('goes band by band from the top, left to right in each', () => {
    const faces = [face('d', 0.5, 0.52), face('b', 0.8, 0.13), face('c', 0.1, 0.5), face('a', 0.2, 0.1)];
    expect(readingOrder(faces).map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('takes a tall face into the band of a small one whose lower edge lies below its middle', () => {
    const faces = [face('small', 0.7, 0.2, 0.1), face('large', 0.1, 0.1, 0.38)];
    expect(readingOrder(faces).map(({ name }) => name)).toEqual(['large', 'small']);
  });

  it('leaves the list that it was given, and takes an empty one', () => {
    const faces = [face('b', 0, 0.9), face('a', 0, 0.1)];
    readingOrder(faces);
    expect(faces[0]!.name).toBe('b');
    expect(readingOrder([])).toEqual([]);
  });
});
