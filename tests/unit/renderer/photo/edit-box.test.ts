import { describe, expect, test } from 'vitest';
import { dragBox, keyBox } from '../../../../renderer/components/photo/edit-box.ts';

const BOX = { x: 100, y: 50, width: 40, height: 60 };

describe('a box on the stage', () => {
  test('moves as a whole', () => {
    expect(dragBox(BOX, 'move', 5, -7)).toEqual({ ...BOX, x: 105, y: 43 });
  });

  test('keeps the opposite corner when one is dragged', () => {
    expect(dragBox(BOX, 'se', 10, 20)).toEqual({ x: 100, y: 50, width: 50, height: 80 });
    expect(dragBox(BOX, 'nw', 10, 20)).toEqual({ x: 110, y: 70, width: 30, height: 40 });
    expect(dragBox(BOX, 'ne', 10, 20)).toEqual({ x: 100, y: 70, width: 50, height: 40 });
    expect(dragBox(BOX, 'sw', 10, 20)).toEqual({ x: 110, y: 50, width: 30, height: 80 });
  });

  test('never gets smaller than a hand can hold', () => {
    expect(dragBox(BOX, 'nw', 500, 500)).toEqual({ x: 124, y: 94, width: 16, height: 16 });
  });

  test('moves and grows by keys', () => {
    expect(keyBox(BOX, 'ArrowLeft', false)).toEqual({ ...BOX, x: 96 });
    expect(keyBox(BOX, 'ArrowDown', true)).toEqual({ ...BOX, height: 64 });
    expect(keyBox(BOX, 'x', false)).toBeNull();
  });
});
