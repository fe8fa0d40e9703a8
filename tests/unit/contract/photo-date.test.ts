import { describe, expect, it } from 'vitest';
import { dateSchema, isCalendarDate, isFuture, saysDay } from '../../../contract/photo-date.ts';

describe('dates of photos', () => {
  it.each(['1938', '1938-06', '1938-06-02', '1938-06-02T14:30:00', '2000-02-29', '0001'])(
    'takes %s',
    (date) => expect([dateSchema.safeParse(date).success, isCalendarDate(date)]).toEqual([true, true]),
  );
  it.each(['1938-13', '1938-00', '1938-02-29', '1938-06-31', '1938-06-02T24:00:00', '0000', '0000-06'])(
    'refuses %s, which no calendar has',
    (date) => expect([dateSchema.safeParse(date).success, isCalendarDate(date)]).toEqual([true, false]),
  );
  it.each(['', '38', '19380', '1938-6', '1938-06-', '1938-06-02T14:30', '1938T10:00:00', 'June', '1938\n'])(
    'refuses %j, which is no date',
    (date) => expect([dateSchema.safeParse(date).success, isCalendarDate(date)]).toEqual([false, false]),
  );
  it('knows what is still to come', () => {
    const now = new Date(2026, 6, 4, 12);
    for (const date of ['', '1938', '2026', '2026-07', '2026-07-04', '2026-07-04T14:30:00'])
      expect(isFuture(date, now), date).toBe(false);
    for (const date of ['2027', '2026-08', '2026-07-05', '2090-01-01'])
      expect(isFuture(date, now)).toBe(true);
  });
  it('tells a day from a month and a year', () => {
    expect(['1938', '1938-06', '1938-06-02', '1938-06-02T14:30:00'].map(saysDay)).toEqual([
      ...[false, false, true, true],
    ]);
  });
});
