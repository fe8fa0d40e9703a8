import { describe, expect, it } from 'vitest';
import { TILE_SIZE } from '../../../../contract/pictures.ts';
import { levelCount, levelFor, tilesFor } from '../../../../renderer/state/photo-tiles.ts';

const SIZE = { width: 10_000, height: 6_000 };

describe('levels', () => {
  it('end with one that fits a tile', () => {
    expect(levelCount(SIZE)).toBe(6);
    expect(levelCount({ width: TILE_SIZE, height: 10 })).toBe(1);
    expect(levelCount({ width: TILE_SIZE + 1, height: 10 })).toBe(2);
  });

  it('have a pixel for every pixel of the screen, and not four', () => {
    expect(levelFor(SIZE, 1)).toBe(0);
    expect(levelFor(SIZE, 8)).toBe(0);
    expect(levelFor(SIZE, 0.5)).toBe(1);
    expect(levelFor(SIZE, 0.3)).toBe(1);
    expect(levelFor(SIZE, 0.001)).toBe(5);
    expect(levelFor(SIZE, 0)).toBe(5);
  });
});

describe('tiles', () => {
  it('cover what is seen, the middle first', () => {
    const seen = { x: 3000, y: 2000, width: 900, height: 700 };
    const tiles = tilesFor(SIZE, 0, seen);
    for (const [x, y] of [
      [3000, 2000],
      [3899, 2000],
      [3000, 2699],
      [3899, 2699],
    ] as const) {
      expect(tiles.some((tile) => contains(tile, x, y))).toBe(true);
    }
    expect(contains(tiles[0]!, 3450, 2350)).toBe(true);
  });

  it('stop at the borders, the last ones narrower', () => {
    const tiles = tilesFor(SIZE, 0, { x: 9_700, y: 5_800, width: 300, height: 200 });
    const last = tiles.find((tile) => tile.column === 19 && tile.row === 11);
    expect(last).toMatchObject({ width: 10_000 - 19 * TILE_SIZE, height: 6_000 - 11 * TILE_SIZE });
    expect(Math.max(...tiles.map((tile) => tile.column))).toBe(19);
    expect(Math.min(...tiles.map((tile) => tile.row))).toBeGreaterThanOrEqual(0);
  });

  it('are a handful of a coarse level for the whole picture', () => {
    expect(tilesFor(SIZE, 5, { x: 0, y: 0, ...SIZE })).toHaveLength(1);
    expect(tilesFor(SIZE, 4, { x: 0, y: 0, ...SIZE })).toHaveLength(2);
  });
});

function contains(
  tile: { x: number; y: number; width: number; height: number },
  x: number,
  y: number,
): boolean {
  return x >= tile.x && x < tile.x + tile.width && y >= tile.y && y < tile.y + tile.height;
}
