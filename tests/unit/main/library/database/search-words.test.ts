import { describe, expect, it } from 'vitest';
import { searchWords } from '../../../../../main/library/database/search-words.ts';

describe('searchWords', () => {
  it('makes every word the beginning of one', () => {
    expect(searchWords('  anna  1953 ')).toBe('"anna"* AND "1953"*');
  });
  it('takes syntax as text', () => {
    expect(searchWords('anna OR "karl" name:x* (NEAR')).toBe(
      '"anna"* AND "OR"* AND """karl"""* AND "name:x*"* AND "(NEAR"*',
    );
  });
  it.each([
    ['october 1927', '10'],
    ['OCT 1927', '10'],
    ['Oktober 1927', '10'],
    ['Okt. 1927', '10'],
    ['octubre de 1927', '10'],
    ['1927 October,', '10'],
    ['März 1927', '03'],
    ['marz 1927', '03'],
    ['dic 1927', '12'],
    ['أكتوبر 1927', '10'],
    ['أكتوبر ١٩٢٧', '10'],
  ])('takes %s as a month too', (text, month) => {
    const typed = text.split(' ').map((word) => `"${word}"*`);
    expect(searchWords(text)).toBe(`((${typed.join(' AND ')}) OR date : "1927-${month}"*)`);
  });
  it('takes a month among other words, and only one next to a year', () => {
    expect(searchWords('anna may 1950 karl')).toBe(
      '"anna"* AND (("may"* AND "1950"*) OR date : "1950-05"*) AND "karl"*',
    );
    for (const text of ['oct', 'october de', 'may 19', 'october anna 1927', '1927 1928', '1927'])
      expect(searchWords(text)).not.toContain('date');
  });
  it('looks for nothing where no letter and no number is', () => {
    expect(searchWords('" * ( ) - \0')).toBeNull();
    expect(searchWords('')).toBeNull();
  });
});
