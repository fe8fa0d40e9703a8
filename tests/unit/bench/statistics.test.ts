import { describe, expect, it } from 'vitest';
import { median, percentile } from '../../../bench/statistics.ts';

describe('median', () => {
  it('is the middle value, or the mean of the middle two', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
  });
  it('of nothing is not a number', () => expect(median([])).toBeNaN());
});

describe('percentile', () => {
  it('goes by the nearest rank', () => {
    const values = Array.from({ length: 100 }, (_, i) => 100 - i);
    expect(percentile(values, 95)).toBe(95);
    expect(percentile([5, 1, 3], 95)).toBe(5);
    expect(percentile([7], 1)).toBe(7);
  });
  it('of nothing is not a number', () => expect(percentile([], 50)).toBeNaN());
});
