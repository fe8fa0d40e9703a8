import { describe, expect, test } from 'vitest';
import { TimelineLayout, yearMarks } from '../../../../renderer/state/library-layout.ts';

/** Three columns of 100 pixels with gaps of 10. */
const OPTIONS = { width: 320, tile: 100, gap: 10, heading: 50 };
const MONTHS = [
  { month: '1954-06', count: 7 },
  { month: '1954-01', count: 2 },
  { month: null, count: 3 },
];
const layout = new TimelineLayout(MONTHS, OPTIONS);

describe('TimelineLayout', () => {
  test('fills the width with whole columns', () => {
    expect(layout.columns).toBe(3);
    expect(layout.side).toBe(100);
    expect(new TimelineLayout(MONTHS, { ...OPTIONS, width: 329 }).side).toBe(103);
  });

  test('has one column however narrow it is', () => {
    const narrow = new TimelineLayout(MONTHS, { ...OPTIONS, width: 60 });
    expect([narrow.columns, narrow.side]).toEqual([1, 60]);
  });

  test('places months one below the other, each with a heading and its rows', () => {
    expect(layout.sections.map(({ top, first, column }) => ({ top, first, column }))).toEqual([
      { top: 0, first: 0, column: 0 },
      { top: 380, first: 7, column: 0 },
      { top: 540, first: 9, column: 0 },
    ]);
    expect([layout.total, layout.rowCount, layout.height]).toEqual([12, 8, 700]);
  });

  test('months that fit into one line together share it', () => {
    const sparse = new TimelineLayout(
      ['1954-06', '1954-05', '1953-01', '1950-12'].map((month) => ({ month, count: 1 })),
      OPTIONS,
    );
    expect(sparse.sections.map(({ top, first, column }) => [top, first, column])).toEqual([
      [0, 0, 0],
      [0, 1, 1],
      [0, 2, 2],
      [160, 3, 0],
    ]);
    expect(sparse.linesBetween(0, 100)).toMatchObject([
      {
        kind: 'headings',
        row: 0,
        sections: [{ month: '1954-06' }, { month: '1954-05' }, { month: '1953-01' }],
      },
      { kind: 'photos', row: 1, first: 0, count: 3 },
    ]);
    expect(sparse.sectionOf(1)?.month).toBe('1954-05');
    expect(sparse.vertical(2, 1)).toBe(3);
  });

  test('nothing is an empty timeline', () => {
    const empty = new TimelineLayout([], OPTIONS);
    expect([empty.total, empty.rowCount, empty.height]).toEqual([0, 0, 0]);
    expect(empty.linesBetween(0, 1000)).toEqual([]);
    expect(empty.lineOf(0)).toBeUndefined();
    expect(empty.sectionAt(10)).toBeUndefined();
  });

  test('gives the lines between two heights', () => {
    expect(layout.linesBetween(170, 440)).toMatchObject([
      { kind: 'photos', first: 3, count: 3 },
      { kind: 'photos', first: 6, count: 1 },
      { kind: 'headings', sections: [{ month: '1954-01' }] },
      { kind: 'photos', first: 7, count: 2 },
    ]);
  });

  test('lines of a part, put together, are the lines of the whole', () => {
    const whole = layout.linesBetween(0, layout.height).map(({ row }) => row);
    expect(whole).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    const parts = new Set<number>();
    for (let top = 0; top < layout.height; top += 40)
      for (const { row } of layout.linesBetween(top, top + 40)) parts.add(row);
    expect([...parts].sort((a, b) => a - b)).toEqual(whole);
  });

  test('finds the line and the month of a photo', () => {
    const line = layout.lineOf(6);
    expect(line).toMatchObject({ first: 6, count: 1, top: 270, row: 3 });
    expect(line && layout.isBelowHeadings(line)).toBe(false);
    const first = layout.lineOf(8);
    expect(first).toMatchObject({ first: 7, count: 2 });
    expect(first && layout.isBelowHeadings(first)).toBe(true);
    expect(layout.sectionOf(11)?.month).toBeNull();
    expect(layout.lineOf(12)).toBeUndefined();
    expect(layout.lineOf(-1)).toBeUndefined();
  });

  test('goes up and down in a column, over months, to the end of a short line', () => {
    expect(layout.vertical(1, 1)).toBe(4);
    expect(layout.vertical(4, 1)).toBe(6);
    expect(layout.vertical(6, 1)).toBe(7);
    expect(layout.vertical(8, 1)).toBe(10);
    expect(layout.vertical(7, -1)).toBe(6);
    expect(layout.vertical(2, -1)).toBe(2);
    expect(layout.vertical(11, 1)).toBe(11);
  });

  test('turns a page', () => {
    expect(layout.page(0, 230, 1)).toBe(6);
    expect(layout.page(11, 10_000, -1)).toBe(0);
  });

  test('finds what a rectangle meets, row by row', () => {
    expect(layout.spansIn({ left: 0, top: 60, right: 50, bottom: 200 })).toEqual([
      [0, 1],
      [3, 4],
    ]);
    expect(layout.spansIn({ left: 150, top: 300, right: 320, bottom: 500 })).toEqual([[8, 9]]);
    expect(layout.spansIn({ left: 0, top: 0, right: 320, bottom: 700 }).flat()).toEqual([
      0, 3, 3, 6, 6, 7, 7, 9, 9, 12,
    ]);
  });

  test('a gap and a heading hold no photo', () => {
    expect(layout.spansIn({ left: 102, top: 60, right: 108, bottom: 100 })).toEqual([]);
    expect(layout.spansIn({ left: 0, top: 0, right: 320, bottom: 40 })).toEqual([]);
  });

  test('100,000 photos are laid out as few of them are', () => {
    const months = Array.from({ length: 600 }, (_, index) => ({
      month: `${2020 - Math.floor(index / 12)}-${String(12 - (index % 12)).padStart(2, '0')}`,
      count: 167,
    }));
    const large = new TimelineLayout(months, OPTIONS);
    expect(large.total).toBe(100_200);
    const at = large.lineOf(77_777);
    expect(large.linesBetween(at?.top ?? 0, (at?.top ?? 0) + 1)).toContainEqual(at);
  });
});

test('a year is marked once, where it begins', () => {
  expect(yearMarks(layout.sections)).toEqual([
    { year: '1954', top: 0 },
    { year: null, top: 540 },
  ]);
  expect(yearMarks([])).toEqual([]);
});
