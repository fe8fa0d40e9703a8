import { describe, expect, it } from 'vitest';
import { CANVAS_SIZE } from '../../../../engine/faces/face-nets.ts';
import type { Turn } from '../../../../engine/faces/types.ts';
import {
  fitLongSide,
  levelSizes,
  sheetViews,
  tileViews,
  toPicture,
  turnBack,
  turnedSize,
  viewOf,
} from '../../../../engine/faces/views.ts';

const TURNS: Turn[] = [0, 90, 180, 270];

describe('levelSizes', () => {
  it('starts with the canvas and ends with the picture', () => {
    expect(levelSizes({ width: 400, height: 300 })).toEqual([512]);
    expect(levelSizes({ width: 568, height: 1328 })).toEqual([512, 853, 1328]);
    expect(levelSizes({ width: 12000, height: 9000 })).toEqual([512, 853, 1422, 2370, 3950]);
  });

  it('enlarges a tiny picture twice at most', () => {
    expect(levelSizes({ width: 50, height: 20 })).toEqual([100]);
  });
});

describe('fitLongSide', () => {
  it('keeps the shape and at least one pixel', () => {
    expect(fitLongSide({ width: 3000, height: 4000 }, 512)).toEqual({ width: 384, height: 512 });
    expect(fitLongSide({ width: 40000, height: 10 }, 512)).toEqual({ width: 512, height: 1 });
  });
});

describe('tileViews', () => {
  it('is one view where the level fits the canvas', () => {
    expect(tileViews({ width: 512, height: 300 }, 90)).toHaveLength(1);
  });

  it.each([513, 853, 1422, 4000])('covers %i pixels with overlaps of 128 or more', (long) => {
    const parts = tileViews({ width: long, height: 100 }, 0).map(({ part }) => part);
    expect(parts[0]!.x).toBe(0);
    expect(parts.at(-1)!.x + parts.at(-1)!.width).toBe(long);
    for (const [i, part] of parts.slice(1).entries()) {
      expect(parts[i]!.x + parts[i]!.width - part.x).toBeGreaterThanOrEqual(128);
    }
  });

  it('tiles both ways', () => {
    expect(tileViews({ width: 853, height: 640 }, 0)).toHaveLength(4);
  });
});

describe('sheetViews', () => {
  it.each([
    { width: 4000, height: 3000 },
    { width: 1000, height: 1000 },
    { width: 60, height: 900 },
  ])('keeps its copies on the canvas and apart, for $width x $height', (picture) => {
    const views = sheetViews(picture);
    expect(new Set(views.map(({ turn }) => turn))).toEqual(new Set(TURNS));
    for (const [i, { x, y, part }] of views.entries()) {
      expect(Math.max(x + part.width, y + part.height)).toBeLessThanOrEqual(CANVAS_SIZE);
      for (const other of views.slice(i + 1)) {
        const apart =
          other.x >= x + part.width ||
          x >= other.x + other.part.width ||
          other.y >= y + part.height ||
          y >= other.y + other.part.height;
        expect(apart).toBe(true);
      }
    }
  });
});

describe('viewOf', () => {
  const tiles = tileViews({ width: 853, height: 400 }, 0);
  const box = (x: number, y: number) => ({ x, y, width: 40, height: 40, confidence: 1 });

  it('finds the view under the middle of a box', () => {
    expect(viewOf(tiles.slice(0, 1), box(100, 100))).toBe(tiles[0]);
    expect(viewOf(tiles.slice(0, 1), box(100, 450))).toBeUndefined();
  });

  it("drops boxes at a cut, and keeps those at the picture's own edge", () => {
    const [left, right] = [tiles.slice(0, 1), tiles.slice(1)];
    expect(viewOf(left, box(475, 100))).toBeUndefined();
    expect(viewOf(left, box(-10, 100))).toBe(tiles[0]);
    expect(viewOf(right, box(1, 100))).toBeUndefined();
    expect(viewOf(right, box(475, 100))).toBe(tiles[1]);
  });
});

describe('turnBack and toPicture', () => {
  const box = { x: 0.1, y: 0.2, width: 0.3, height: 0.4 };

  it.each([
    [0, { x: 0.1, y: 0.2, width: 0.3, height: 0.4 }],
    [90, { x: 0.2, y: 0.6, width: 0.4, height: 0.3 }],
    [180, { x: 0.6, y: 0.4, width: 0.3, height: 0.4 }],
    [270, { x: 0.4, y: 0.1, width: 0.4, height: 0.3 }],
  ] as const)('undoes a turn of %i degrees', (turn, expected) => {
    const back = turnBack(box, turn);
    for (const key of ['x', 'y', 'width', 'height'] as const)
      expect(back[key]).toBeCloseTo(expected[key], 12);
  });

  it.each(TURNS)('takes a whole view to the whole picture at %i degrees', (turn) => {
    const view = sheetViews({ width: 800, height: 500 }).find((v) => v.turn === turn)!;
    const back = toPicture(view, { x: view.x, y: view.y, width: view.part.width, height: view.part.height });
    expect([back.x, back.y, back.width, back.height]).toEqual(
      [0, 0, 1, 1].map((v) => expect.closeTo(v, 12) as number),
    );
  });

  it('counts from the tile', () => {
    const tile = tileViews({ width: 1024, height: 512 }, 0).at(-1)!;
    expect(toPicture(tile, { x: 0, y: 0, width: 102.4, height: 51.2 })).toEqual({
      x: 0.5,
      y: 0,
      width: 0.1,
      height: 0.1,
    });
  });
});

describe('turnedSize', () => {
  it('swaps the sides at quarter turns', () => {
    expect(TURNS.map((turn) => turnedSize({ width: 3, height: 2 }, turn).width)).toEqual([3, 2, 3, 2]);
  });
});
