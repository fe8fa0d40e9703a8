import { z } from 'zod';

/** When a photo was taken, as exactly as anybody knows: families know a year or a month more often than a day. */

/**
 * ISO 8601 without a time zone: `1938`, `1938-06`, `1938-06-02`, or with a time: `1938-06-02T14:30:00`. As text, a
 * shorter date comes before every longer one within it.
 */
export const dateSchema = z
  .string()
  .regex(
    /^\d{4}(-\d{2}(-\d{2}(T\d{2}:\d{2}:\d{2})?)?)?$/,
    'expected YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDTHH:MM:SS',
  );

/** What every date lacks that is shorter than a time. */
const FIRST_MOMENT = '0001-01-01T00:00:00';

/**
 * Whether a calendar has this date, of the form of `dateSchema` or any other text.
 * @example isCalendarDate('1938-06'); // true; of '1938-13', '1938-02-29' and 'June' false
 */
export function isCalendarDate(date: string): boolean {
  if (!dateSchema.safeParse(date).success) return false;
  const whole = date + FIRST_MOMENT.slice(date.length);
  const moment = new Date(`${whole}Z`);
  return !Number.isNaN(moment.getTime()) && moment.toISOString().startsWith(whole) && date >= '0001';
}

/** Whether all of a date is still to come, by this machine's clock. */
export function isFuture(date: string, now = new Date()): boolean {
  const [month, day] = [now.getMonth() + 1, now.getDate()].map((part) => String(part).padStart(2, '0'));
  const said = date.slice(0, 'YYYY-MM-DD'.length);
  return said > `${now.getFullYear()}-${month}-${day}`.slice(0, said.length);
}

/** Whether a date says the day; else it is a year or a month. */
export function saysDay(date: string): boolean {
  return date.length >= 'YYYY-MM-DD'.length;
}
