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
  it('looks for nothing where no letter and no number is', () => {
    expect(searchWords('" * ( ) - \0')).toBeNull();
    expect(searchWords('')).toBeNull();
  });
});
