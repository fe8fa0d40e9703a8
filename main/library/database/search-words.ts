/**
 * What a person typed, as an FTS5 query: every word must be met, each may be the beginning of one. Whatever would be
 * syntax (quotes, stars, AND) is text. Null where it holds no letter and no number: nothing to look for.
 */
export function searchWords(text: string): string | null {
  const words = text.replaceAll('\0', ' ').split(/\s+/u);
  const searchable = words.filter((word) => /[\p{L}\p{N}]/u.test(word));
  if (searchable.length === 0) return null;
  return searchable.map((word) => `"${word.replaceAll('"', '""')}"*`).join(' AND ');
}
