import { describe, expect, it } from 'vitest';
import { clampSplit, splitAt, splitByKey } from '../../../../renderer/state/compare-split.ts';

describe('the split', () => {
  it('follows the pointer and stays on the picture', () => {
    expect(splitAt(50, 200)).toBe(0.25);
    expect(splitAt(-5, 200)).toBe(0);
    expect(splitAt(900, 200)).toBe(1);
    expect(splitAt(5, 0)).toBe(0.5);
    expect(clampSplit(1.2)).toBe(1);
  });

  it('is a slider by keyboard', () => {
    expect(splitByKey(0.5, 'ArrowRight', false)).toBeCloseTo(0.52);
    expect(splitByKey(0.5, 'ArrowLeft', true)).toBeCloseTo(0.4);
    expect(splitByKey(0.5, 'PageUp', false)).toBeCloseTo(0.6);
    expect(splitByKey(0.99, 'ArrowUp', false)).toBe(1);
    expect(splitByKey(0.3, 'Home', false)).toBe(0);
    expect(splitByKey(0.3, 'End', false)).toBe(1);
  });

  it('leaves other keys alone', () => {
    expect(splitByKey(0.3, 'Enter', false)).toBeNull();
  });
});
