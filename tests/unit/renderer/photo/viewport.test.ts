import { beforeEach, describe, expect, test } from 'vitest';
import { toPicture, toStage, type Point } from '../../../../renderer/state/viewport-math.ts';
import { Viewport } from '../../../../renderer/state/viewport.svelte.ts';

let viewport: Viewport;
beforeEach(() => {
  viewport = new Viewport();
  viewport.setStage({ width: 800, height: 600 });
  viewport.setPicture({ width: 4000, height: 2000 }, 0);
});

describe('a viewport', () => {
  test('fits the picture, and again when the stage or the turn changes', () => {
    expect(viewport.whole).toBe(true);
    const before = viewport.view.scale;
    viewport.setStage({ width: 400, height: 600 });
    expect(viewport.view.scale).toBeLessThan(before);
    viewport.setPicture({ width: 4000, height: 2000 }, 90);
    expect(viewport.frame).toEqual({ width: 2000, height: 4000 });
    expect(viewport.whole).toBe(true);
  });

  test('leaves a zoomed view alone when only the stage changes', () => {
    viewport.actual();
    viewport.setStage({ width: 700, height: 500 });
    expect(viewport.zoom).toBeCloseTo(1);
    expect(viewport.fitted).toBe(false);
  });

  test('shows a larger version pixel by pixel at 1:1', () => {
    viewport.density = 2;
    viewport.actual();
    expect(viewport.view.scale).toBeCloseTo(2);
    expect(viewport.zoom).toBeCloseTo(1);
  });

  test('never pans into the void', () => {
    viewport.actual();
    viewport.panBy(1e6, 1e6);
    expect(viewport.view).toMatchObject({ x: 0, y: 0 });
    viewport.panBy(-1e6, -1e6);
    expect(viewport.view).toMatchObject({ x: -3200, y: -1400 });
  });

  test('zooms by keys; arrows pan only where there is something to see', () => {
    expect(viewport.key('ArrowLeft')).toBe(false);
    const fitted = viewport.view.scale;
    for (const key of ['+', '=']) expect(viewport.key(key)).toBe(true);
    expect(viewport.view.scale).toBeCloseTo(fitted * 1.25 ** 2);
    expect(viewport.key('1')).toBe(true);
    const { x } = viewport.view;
    expect(viewport.key('ArrowRight')).toBe(true);
    expect(viewport.view.x).toBe(x - 80);
    viewport.key('0');
    expect(viewport.view.scale).toBeCloseTo(fitted);
    expect(viewport.key('q')).toBe(false);
  });

  test('goes into the picture by a double click, and back', () => {
    viewport.toggle({ x: 100, y: 300 });
    expect(viewport.zoom).toBeGreaterThanOrEqual(1);
    viewport.toggle({ x: 100, y: 300 });
    expect(viewport.whole).toBe(true);
  });

  const FACE = { x: 0.1, y: 0.5, width: 0.01, height: 0.02 };

  test('goes close to a face, and knows until it is moved', () => {
    viewport.lookAt(FACE);
    expect(viewport.view.scale).toBeCloseTo((0.6 * 600) / 40);
    expect(toStage(at(420, 1020), viewport.view, viewport.picture, 0)).toEqual(at(400, 300));
    expect(viewport.looksAt(FACE)).toBe(true);
    viewport.panBy(10, 0);
    expect(viewport.looksAt(FACE)).toBe(false);
  });

  test('goes closer to a face that fills the picture too, and to one of a turned picture', () => {
    const fitted = viewport.view.scale;
    viewport.lookAt({ x: 0, y: 0, width: 1, height: 1 });
    expect(viewport.view.scale).toBeGreaterThan(1.3 * fitted);
    viewport.setPicture({ width: 4000, height: 2000 }, 90);
    viewport.lookAt(FACE);
    const centre = toStage(at(420, 1020), viewport.view, viewport.picture, 90);
    expectNear(centre, at(400, 300));
  });

  test('zooms by keys about the chosen face, where it is seen', () => {
    const place = () => toStage(at(2020, 1020), viewport.view, viewport.picture, 0);
    viewport.actual();
    viewport.face = { ...FACE, x: 0.5 };
    const before = place();
    viewport.key('+');
    expectNear(place(), before);
    viewport.face = FACE;
    const middle = toPicture(at(400, 300), viewport.view, viewport.picture, 0);
    viewport.key('+');
    const after = toStage(middle, viewport.view, viewport.picture, 0);
    expectNear(after, at(400, 300));
  });

  test('zooms by wheel and pinch within its limits', () => {
    for (let i = 0; i < 200; i++) viewport.wheel(-400, 0, { x: 5, y: 5 });
    expect(viewport.view.scale).toBe(16);
    viewport.pinch([at(0, 0), at(400, 0)], [at(0, 0), at(1, 0)]);
    expect(viewport.view.scale).toBeLessThan(1);
    expect(viewport.view.scale).toBeGreaterThan(0.05);
  });
});

function at(x: number, y: number) {
  return { x, y };
}

function expectNear(point: Point, wanted: Point): void {
  expect(point.x).toBeCloseTo(wanted.x);
  expect(point.y).toBeCloseTo(wanted.y);
}
