import { isCalendarDate } from '../../contract/photo-date.ts';
import { settings } from './settings.svelte.ts';

/** A date as a person types it, as exactly as it is known. */

type Part = 'year' | 'month' | 'day';
const WIDTH: Record<Part, number> = { year: 4, month: 2, day: 2 };
const ISO_ORDER: readonly Part[] = ['year', 'month', 'day'];

/** Arabic and Persian digits as ours. */
function latinDigits(text: string): string {
  return text.replace(/[٠-٩۰-۹]/gu, (digit) => String((digit.codePointAt(0) ?? 0) & 0xf));
}

/** In which order the machine's region writes a day. */
function regionOrder(): Part[] {
  const parts = new Intl.DateTimeFormat(settings.region, { dateStyle: 'short' }).formatToParts();
  return parts.flatMap(({ type }) => (type === 'year' || type === 'month' || type === 'day' ? [type] : []));
}

/**
 * `1938`, `1938-06` or `1938-06-02`, also with points, slashes or single digits, and a day or a month as the region
 * writes it. Null for any other text, and for what no calendar has.
 * @example typedDate('2.6.1938'); // '1938-06-02' where days come first
 */
export function typedDate(text: string): string | null {
  const numbers = latinDigits(text)
    .trim()
    .split(/\s*[-/.]\s*/u);
  if (numbers.length > 3 || !numbers.every((number) => /^\d{1,4}$/.test(number))) return null;
  return dateOf(new Map(orderOf(numbers).map((part, at) => [part, numbers[at]])));
}

/** As `typedDate`; '' where nothing is typed. */
export function typedDateOrNothing(text: string): string | null {
  return text.trim() === '' ? '' : typedDate(text);
}

function orderOf(numbers: readonly string[]): readonly Part[] {
  if (numbers[0]?.length === WIDTH.year) return ISO_ORDER;
  return numbers.length === 2 ? ['month', 'year'] : regionOrder();
}

function dateOf(said: ReadonlyMap<Part, string | undefined>): string | null {
  const parts = ISO_ORDER.flatMap((part) => {
    const number = said.get(part);
    return number === undefined ? [] : [part === 'year' ? number : number.padStart(WIDTH[part], '0')];
  });
  const date = parts.join('-');
  return isCalendarDate(date) ? date : null;
}
