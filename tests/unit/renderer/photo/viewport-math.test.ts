import { describe, expect, it } from 'vitest';
import type { Turn } from '../../../../contract/library.ts';
import {
  boundView,
  boxFromStage,
  boxToStage,
  clampScale,
  fitView,
  pictureTransform,
  pinchView,
  toPicture,
  toStage,
  turnedSize,
  turnPoint,
  visibleRect,
  wheelFactor,
  zoomAbout,
} from '../../../../renderer/state/viewport-math.ts';

const PICTURE = { width: 400, height: 200 };
const STAGE = { width: 800, height: 600 };
const TURNS: Turn[] = [0, 90, 180, 270];

describe('fitting', () => {
  it('shows the whole frame, centred', () => {
    expect(fitView({ width: 1600, height: 600 }, STAGE)).toEqual({ scale: 0.5, x: 0, y: 150 });
  });

  it('enlarges a small picture to twice its size and no further', () => {
    expect(fitView({ width: 100, height: 100 }, STAGE)).toEqual({ scale: 2, x: 300, y: 200 });
  });

  it('leaves the margin free', () => {
    const { scale, x } = fitView({ width: 1600, height: 200 }, STAGE, 40);
    expect(x).toBeCloseTo(40);
    expect(scale * 1600).toBeCloseTo(720);
  });

  it('stays finite on a stage without room', () => {
    expect(fitView(PICTURE, { width: 0, height: 0 }).scale).toBeGreaterThan(0);
  });
});

describe('zooming', () => {
  it('keeps the point under the pointer', () => {
    const view = { scale: 0.5, x: 20, y: -30 };
    const about = { x: 120, y: 70 };
    const before = toPicture(about, view, PICTURE, 0);
    const after = toPicture(about, zoomAbout(view, about, 3), PICTURE, 0);
    expect(after.x).toBeCloseTo(before.x);
    expect(after.y).toBeCloseTo(before.y);
  });

  it('stays between half of the fitted size and sixteen times 1:1', () => {
    expect(clampScale(1000, PICTURE, STAGE)).toBe(16);
    expect(clampScale(0, PICTURE, STAGE)).toBe(1);
  });

  it('zooms in by the wheel upwards, out by the same downwards, whatever the unit', () => {
    expect(wheelFactor(-100, 0)).toBeGreaterThan(1.15);
    expect(wheelFactor(-100, 0) * wheelFactor(100, 0)).toBeCloseTo(1);
    expect(wheelFactor(3, 1)).toBeCloseTo(wheelFactor(48, 0));
    expect(wheelFactor(1e9, 0)).toBeGreaterThan(0.4);
  });

  it('keeps both fingers of a pinch on what they hold', () => {
    const view = { scale: 1, x: 10, y: 20 };
    const from: [Point, Point] = [at(100, 100), at(200, 100)];
    const to: [Point, Point] = [at(80, 120), at(280, 120)];
    const pinched = pinchView(view, from, to);
    expect(pinched.scale).toBeCloseTo(2);
    for (const i of [0, 1] as const) {
      const held = toPicture(from[i], view, PICTURE, 0);
      const now = toStage(held, pinched, PICTURE, 0);
      expect(now.x).toBeCloseTo(to[i].x);
      expect(now.y).toBeCloseTo(to[i].y);
    }
  });

  it('survives two fingers in one place', () => {
    expect(
      Number.isFinite(pinchView({ scale: 1, x: 0, y: 0 }, [at(5, 5), at(5, 5)], [at(5, 5), at(9, 5)]).scale),
    ).toBe(true);
  });
});

describe('panning', () => {
  it('leaves no gap beside a large frame', () => {
    const bounded = boundView({ scale: 4, x: 50, y: -900 }, PICTURE, STAGE);
    expect(bounded).toEqual({ scale: 4, x: 0, y: -200 });
  });

  it('centres what is smaller than the stage', () => {
    expect(boundView({ scale: 1, x: -300, y: 900 }, PICTURE, STAGE)).toEqual({ scale: 1, x: 200, y: 200 });
  });
});

describe('turning', () => {
  it('swaps the sides for a quarter', () => {
    expect(TURNS.map((turn) => turnedSize(PICTURE, turn).width)).toEqual([400, 200, 400, 200]);
  });

  it('moves the top left corner clockwise', () => {
    const corner = TURNS.map((turn) => turnPoint(at(0, 0), PICTURE, turn));
    expect(corner).toEqual([at(0, 0), at(200, 0), at(400, 200), at(0, 400)]);
  });

  it.each(TURNS)('maps to the stage and back at %i degrees', (turn) => {
    const view = { scale: 1.5, x: 33, y: -7 };
    const back = toPicture(toStage(at(123, 45), view, PICTURE, turn), view, PICTURE, turn);
    expect(back.x).toBeCloseTo(123);
    expect(back.y).toBeCloseTo(45);
  });

  it.each(TURNS)('maps a face box to the stage and back at %i degrees', (turn) => {
    const view = { scale: 2, x: 5, y: 6 };
    const box = { x: 0.25, y: 0.5, width: 0.1, height: 0.3 };
    const back = boxFromStage(boxToStage(box, view, PICTURE, turn), view, PICTURE, turn);
    for (const key of ['x', 'y', 'width', 'height'] as const) expect(back[key]).toBeCloseTo(box[key]);
  });

  it.each(TURNS)('draws by a CSS matrix that agrees with the mapping at %i degrees', (turn) => {
    const view = { scale: 0.75, x: 11, y: 13 };
    const [a, b, c, d, e, f] = pictureTransform(view, PICTURE, turn)
      .match(/-?[\d.]+/g)!
      .map(Number) as Six;
    const expected = toStage(at(40, 90), view, PICTURE, turn);
    expect(a * 40 + c * 90 + e).toBeCloseTo(expected.x);
    expect(b * 40 + d * 90 + f).toBeCloseTo(expected.y);
  });
});

describe('what is seen', () => {
  it('is the part of the picture under the stage', () => {
    expect(visibleRect({ scale: 4, x: -400, y: 0 }, PICTURE, 0, STAGE)).toEqual({
      x: 100,
      y: 0,
      width: 200,
      height: 150,
    });
  });

  it('is nothing where the picture lies outside', () => {
    expect(visibleRect({ scale: 1, x: 5000, y: 0 }, PICTURE, 0, STAGE)).toBeNull();
  });
});

type Point = { x: number; y: number };
type Six = [number, number, number, number, number, number];

function at(x: number, y: number): Point {
  return { x, y };
}
