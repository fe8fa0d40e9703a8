import { expect, test } from 'vitest';
import { mirroredSide } from '../../../../renderer/components/shared/mirrored-side.ts';

test('left and right change places where text runs from right to left', () => {
  expect(mirroredSide('right', 'ltr')).toBe('right');
  expect(mirroredSide('right', 'rtl')).toBe('left');
  expect(mirroredSide('left', 'rtl')).toBe('right');
  expect(mirroredSide('top', 'rtl')).toBe('top');
});
