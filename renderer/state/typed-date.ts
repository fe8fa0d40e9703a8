import { isFiller, monthNumber } from '../../contract/month-names.ts';
import { isCalendarDate } from '../../contract/photo-date.ts';
import { settings } from './settings.svelte.ts';

/** A date as a person types it, as exactly as it is known. */

type Part = 'year' | 'month' | 'day';
const WIDTH: Record<Part, number> = { year: 4, month: 2, day: 2 };
const ISO_ORDER: readonly Part[] = ['year', 'month', 'day'];
/** Wherever points stand between the numbers. */
const POINTS_ORDER: readonly Part[] = ['day', 'month', 'year'];
/** In the interface's languages. */
const ABOUT =
  /^(?:~\s*|(?:about|around|circa|approx\.?|ca?\.?|etwa|ungefähr|um|hacia|alrededor de|aprox\.?|حوالي|نحو)(?:\s+|(?=\d)))/iu;

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
 * `1938`, `1938-06` or `1938-06-02`, also with slashes or single digits; a day or a month as the region writes it, or
 * with points, which put the day first everywhere; a month by its name in any of the interface's languages. A date has
 * no shade for `about`: it is kept as exactly as the rest says. Null for any other text, and for what no calendar has.
 * @example typedDate('2.6.1938'); // '1938-06-02'
 * @example typedDate('about June 1938'); // '1938-06'
 */
export function typedDate(text: string): string | null {
  const known = latinDigits(text).trim().replace(ABOUT, '');
  return numericDate(known) ?? namedDate(known);
}

/** As `typedDate`; '' where nothing is typed. */
export function typedDateOrNothing(text: string): string | null {
  return text.trim() === '' ? '' : typedDate(text);
}

function numericDate(text: string): string | null {
  const numbers = text.split(/\s*[-/.]\s*/u);
  if (numbers.length > 3 || !numbers.every((number) => /^\d{1,4}$/.test(number))) return null;
  const order = orderOf(numbers, text.includes('.'));
  return dateOf(new Map(order.map((part, at) => [part, numbers[at]])));
}

function orderOf(numbers: readonly string[], points: boolean): readonly Part[] {
  if (numbers[0]?.length === WIDTH.year) return ISO_ORDER;
  if (numbers.length === 2) return ['month', 'year'];
  return points ? POINTS_ORDER : regionOrder();
}

/** `June 1938`, `2nd of June, 1938`, `June 2 1938`. */
function namedDate(text: string): string | null {
  const words = text.split(/[\s\p{P}]+/u).filter((word) => word !== '' && !isFiller(word));
  const months = words.flatMap((word) => monthNumber(word) ?? []);
  const years = words.filter((word) => /^\d{4}$/.test(word));
  const days = words.flatMap((word) => /^(\d{1,2})(?:st|nd|rd|th)?$/i.exec(word)?.[1] ?? []);
  if (months.length !== 1 || years.length !== 1 || days.length !== words.length - 2) return null;
  if (days.length > 1) return null;
  return dateOf(
    new Map<Part, string | undefined>([
      ['year', years[0]],
      ['month', months[0]],
      ['day', days[0]],
    ]),
  );
}

function dateOf(said: ReadonlyMap<Part, string | undefined>): string | null {
  const parts = ISO_ORDER.flatMap((part) => {
    const number = said.get(part);
    return number === undefined ? [] : [part === 'year' ? number : number.padStart(WIDTH[part], '0')];
  });
  const date = parts.join('-');
  return isCalendarDate(date) ? date : null;
}
