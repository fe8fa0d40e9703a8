import type { Database } from 'better-sqlite3';

/**
 * Letters with a stroke, ligatures and the like, as they are typed where no key has them. They are no letters with
 * accents, which the search leaves out by itself.
 */
const PLAIN: Readonly<Record<string, string>> = {
  ...{ ł: 'l', ø: 'o', ǿ: 'o', đ: 'd', ð: 'd', ħ: 'h', ŧ: 't', ı: 'i', ŀ: 'l', ŋ: 'n', ƶ: 'z', ɨ: 'i' },
  ...{ ß: 'ss', æ: 'ae', ǽ: 'ae', ǣ: 'ae', œ: 'oe', þ: 'th', ĳ: 'ij' },
};
const LETTERS = new RegExp(`[${Object.keys(PLAIN).join('')}]`, 'giu');

/**
 * For the words that are indexed and for those that are looked for.
 * @example foldLetters('Skłodowska, Łódź, Straße'); // 'Sklodowska, lódź, Strasse'
 */
export function foldLetters(text: string): string {
  return text.replace(LETTERS, (letter) => PLAIN[letter.toLowerCase()] ?? letter);
}

/** `fold_letters(text)` in SQL: only in statements of Heirloom's own, never in what a library's file says. */
export function addFoldLetters(database: Database): void {
  database.function('fold_letters', { deterministic: true, directOnly: true }, (text: unknown) =>
    typeof text === 'string' ? foldLetters(text) : null,
  );
}
