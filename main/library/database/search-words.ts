import { foldLetters } from './fold-letters.ts';
import { monthAt } from '../../../contract/month-names.ts';

/**
 * What a person typed, as an FTS5 query: every word must be met, each may be the beginning of one. Whatever would be
 * syntax (quotes, stars, AND) is text. A month's name next to a year (October 1927) is met by photos of that month
 * too. Null where it holds no letter and no number: nothing to look for.
 */
export function searchWords(text: string): string | null {
  const words = text.replaceAll('\0', ' ').split(/\s+/u);
  const searchable = words.filter((word) => /[\p{L}\p{N}]/u.test(word));
  if (searchable.length === 0) return null;
  return conditions(searchable).join(' AND ');
}

function conditions(words: readonly string[]): string[] {
  const all: string[] = [];
  for (let at = 0; at < words.length;) {
    const month = monthAt(words, at);
    const count = month?.count ?? 1;
    const typed = words.slice(at, at + count).map(beginning);
    all.push(month ? `((${typed.join(' AND ')}) OR date : "${month.prefix}"*)` : typed.join(''));
    at += count;
  }
  return all;
}

function beginning(word: string): string {
  return `"${foldLetters(word).replaceAll('"', '""')}"*`;
}
