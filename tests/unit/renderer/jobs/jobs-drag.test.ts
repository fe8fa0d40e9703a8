import { expect, test } from 'vitest';
import { JobsDrag, rowBelow } from '../../../../renderer/state/jobs-drag.svelte.ts';

const ROWS = [1, 2, 3].map((id, index) => ({ id, top: index * 40, height: 40 }));

test('a drop lands before the first row whose middle lies below', () => {
  expect([-5, 19, 21, 61, 99, 101].map((y) => rowBelow(ROWS, y))).toEqual([1, 1, 2, 3, 3, null]);
  expect(rowBelow([], 10)).toBeNull();
});

test('what a drop means; nothing where the order stays', () => {
  const drop = (id: number, y: number): unknown => {
    const drag = new JobsDrag();
    drag.start(id);
    drag.moveTo(y, ROWS);
    return drag.end([1, 2, 3]);
  };
  expect(drop(3, 0)).toEqual({ id: 3, before: 1 });
  expect(drop(1, 500)).toEqual({ id: 1, before: null });
  expect(drop(2, 45)).toBeNull();
  expect(drop(2, 90)).toBeNull();
  expect(drop(3, 500)).toBeNull();
});

test('cancelled, or never begun, it moves nothing', () => {
  const drag = new JobsDrag();
  drag.moveTo(0, ROWS);
  expect(drag.before).toBeNull();
  drag.start(3);
  drag.moveTo(0, ROWS);
  drag.cancel();
  expect(drag.end([1, 2, 3])).toBeNull();
});
