import { beforeEach, describe, expect, test } from 'vitest';
import { Selection } from '../../../../renderer/state/selection.svelte.ts';

/** Ids in the timeline's order: place 0 holds 100. */
const ORDER = Array.from({ length: 10 }, (_, index) => 100 + index);
let selection: Selection;
const chosen = (): number[] => selection.list.sort((a, b) => a - b);

beforeEach(() => {
  selection = new Selection(() => Promise.resolve(ORDER));
});

describe('one photo', () => {
  test('choose takes the place of what was chosen', () => {
    selection.choose(2, 102);
    selection.choose(5, 105);
    expect(chosen()).toEqual([105]);
    expect(selection.focus).toBe(5);
  });

  test('toggle adds and takes away', () => {
    selection.choose(2, 102);
    selection.toggle(4, 104);
    expect(chosen()).toEqual([102, 104]);
    selection.toggle(2, 102);
    expect(chosen()).toEqual([104]);
  });
});

describe('a range', () => {
  test('reaches from where it began, in either direction, and shrinks again', async () => {
    selection.choose(4, 104);
    await selection.extend(7);
    expect(chosen()).toEqual([104, 105, 106, 107]);
    await selection.extend(5);
    expect(chosen()).toEqual([104, 105]);
    await selection.extend(2);
    expect(chosen()).toEqual([102, 103, 104]);
  });

  test('added to what was chosen before', async () => {
    selection.choose(0, 100);
    selection.toggle(4, 104);
    await selection.extend(6, true);
    expect(chosen()).toEqual([100, 104, 105, 106]);
  });

  test('begins where the keyboard was moved to', async () => {
    selection.moveTo(8);
    await selection.extend(9);
    expect(chosen()).toEqual([108, 109]);
  });
});

describe('a rectangle', () => {
  test('follows the hand', async () => {
    selection.choose(0, 100);
    selection.beginArea(false);
    await selection.area([[2, 4]]);
    expect(chosen()).toEqual([102, 103]);
    await selection.area([
      [2, 3],
      [5, 6],
    ]);
    expect(chosen()).toEqual([102, 105]);
  });

  test('adds to what was chosen where that was asked', async () => {
    selection.choose(0, 100);
    selection.beginArea(true);
    await selection.area([[2, 4]]);
    expect(chosen()).toEqual([100, 102, 103]);
    await selection.area([]);
    expect(chosen()).toEqual([100]);
  });
});

test('all, and none', async () => {
  await selection.all();
  expect(selection.count).toBe(10);
  selection.clear();
  expect(selection.count).toBe(0);
});

test('an order that comes late does not undo a newer choice', async () => {
  let answer: (ids: number[]) => void = () => {};
  selection = new Selection(() => new Promise((resolve) => (answer = resolve)));
  const range = selection.extend(3);
  selection.choose(7, 107);
  answer(ORDER);
  await range;
  expect(chosen()).toEqual([107]);
});

test('an order that cannot be read is told, and nothing is chosen', async () => {
  selection = new Selection(() => Promise.reject(new Error('lost')));
  await expect(selection.extend(3)).rejects.toThrow('lost');
  expect(selection.count).toBe(0);
});
