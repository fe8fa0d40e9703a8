import Sqlite from 'better-sqlite3';
import { expect, it } from 'vitest';
import { addFoldLetters, foldLetters } from '../../../../../main/library/database/fold-letters.ts';

it('writes letters that are no letters with accents as they are typed without a key for them', () => {
  expect(foldLetters('Skłodowska, Łódź, Straße, STRAẞE, Æsop, cœur, Ørsted')).toBe(
    'Sklodowska, lódź, Strasse, STRAssE, aesop, coeur, orsted',
  );
});

it('leaves everything else', () => {
  for (const text of ['', 'Grüße aus Kölle'.replace('ß', 'ss'), 'Бабушка', 'مريم', '子供', 'a\0b', '\ud800'])
    expect(foldLetters(text)).toBe(text);
});

it('is a function of the database, null for what is no text, and not to be used by what a file says', () => {
  const database = new Sqlite(':memory:');
  addFoldLetters(database);
  const fold = (value: unknown) => database.prepare('SELECT fold_letters(?)').pluck().get(value);
  expect([fold('ł'), fold(null), fold(1)]).toEqual(['l', null, null]);
  database.exec("CREATE VIEW sly AS SELECT fold_letters('ł') AS letter");
  expect(() => database.prepare('SELECT letter FROM sly').get()).toThrow('unsafe use');
  database.close();
});
