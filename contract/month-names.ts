/** Months by their names, as the interface's headings write them. */

/** The interface's languages. */
const LANGUAGES = ['en', 'de', 'es', 'ar'];
const YEAR = /^\d{4}$/u;
/** What may stand between: octubre de 1927. */
const BETWEEN = new Set(['de', 'del', 'of']);

/** As typed, without accents, case, dots and commas; Arabic digits as ours. */
function plain(word: string): string {
  const digits = word.replace(/[٠-٩]/gu, (digit) => String(digit.charCodeAt(0) - 0x660));
  return digits
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/^[\p{P}]+|[\p{P}]+$/gu, '');
}

function namesOf(language: string, style: 'long' | 'short'): [name: string, month: string][] {
  const format = new Intl.DateTimeFormat(language, { month: style, timeZone: 'UTC' });
  return Array.from({ length: 12 }, (_, month) => [
    plain(format.format(Date.UTC(2000, month, 15))),
    String(month + 1).padStart(2, '0'),
  ]);
}

const MONTHS = new Map(
  LANGUAGES.flatMap((language) => [...namesOf(language, 'long'), ...namesOf(language, 'short')]),
);

/** Two digits; undefined where it is no month's name in any of the languages. */
export function monthNumber(word: string): string | undefined {
  return MONTHS.get(plain(word));
}

/** Whether a word of a date only stands between the others. */
export function isFiller(word: string): boolean {
  return BETWEEN.has(plain(word));
}

/** A month next to its year, among words; `count` words say it. */
export interface NamedMonth {
  /** As it begins in the library's dates. */
  prefix: string;
  count: number;
}

/**
 * The month that the words from `at` on begin with: a name and a year in either order, in any of the languages.
 * @example monthAt(['Oktober', '1927'], 0); // { prefix: '1927-10', count: 2 }
 */
export function monthAt(words: readonly string[], at: number): NamedMonth | null {
  const [first = '', second = '', third = ''] = words.slice(at, at + 3).map(plain);
  const between = BETWEEN.has(second);
  return monthOf(first, between ? third : second, between ? 3 : 2);
}

function monthOf(one: string, other: string, count: number): NamedMonth | null {
  const year = [one, other].find((word) => YEAR.test(word));
  const month = MONTHS.get(year === one ? other : one);
  return year === undefined || month === undefined ? null : { prefix: `${year}-${month}`, count };
}
