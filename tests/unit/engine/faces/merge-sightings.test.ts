import { describe, expect, it } from 'vitest';
import { isSameFace, mergeSightings, overlap } from '../../../../engine/faces/merge-sightings.ts';
import type { Sighting } from '../../../../engine/faces/merge-sightings.ts';
import { tileViews } from '../../../../engine/faces/views.ts';

const view = tileViews({ width: 512, height: 512 }, 0)[0]!;

function seen(x: number, y: number, side: number, confidence: number): Sighting {
  return { box: { x, y, width: side, height: side }, confidence, view };
}

describe('mergeSightings', () => {
  it('keeps the most confident box of a face that several views show', () => {
    const best = seen(102, 101, 40, 0.9);
    expect(mergeSightings([seen(100, 100, 40, 0.6), best, seen(104, 98, 42, 0.7)])).toEqual([best]);
  });

  it('drops the part of a face that the edge of a tile left', () => {
    const whole = seen(100, 100, 60, 0.9);
    expect(mergeSightings([whole, seen(102, 110, 25, 0.8)])).toEqual([whole]);
  });

  it('keeps two faces that really overlap', () => {
    const cheekToCheek = [seen(100, 100, 60, 0.9), seen(140, 105, 60, 0.8)];
    expect(mergeSightings(cheekToCheek)).toEqual(cheekToCheek);
    const baby = seen(145, 140, 30, 0.7);
    expect(mergeSightings([...cheekToCheek.slice(0, 1), baby])).toHaveLength(2);
  });

  it('sorts by confidence and takes an empty list', () => {
    const [weak, strong] = [seen(0, 0, 20, 0.3), seen(200, 0, 20, 0.8)];
    expect(mergeSightings([weak, strong])).toEqual([strong, weak]);
    expect(mergeSightings([])).toEqual([]);
  });
});

describe('isSameFace and overlap', () => {
  it('measure what boxes share', () => {
    const a = { x: 0, y: 0, width: 10, height: 10 };
    expect(overlap(a, { x: 5, y: 5, width: 10, height: 10 })).toBe(0.25);
    expect(overlap(a, { x: 0, y: 5, width: 5, height: 5 })).toBe(1);
    expect(overlap(a, { x: 20, y: 0, width: 10, height: 10 })).toBe(0);
    expect(isSameFace(a, a)).toBe(true);
    expect(isSameFace(a, { x: 5, y: 5, width: 10, height: 10 })).toBe(false);
  });
});
