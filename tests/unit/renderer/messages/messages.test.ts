import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ERROR_TABLE } from '../../../../contract/errors.ts';
import { LOCALES } from '../../../../contract/library.ts';

const ROOT = join(import.meta.dirname, '../../../../renderer');
type Message = string | ({ by: string } & Record<string, string>);
type Messages = Record<string, Message>;

const read = (locale: string, area: string): Messages =>
  JSON.parse(readFileSync(join(ROOT, 'messages', locale, `${area}.json`), 'utf8')) as Messages;
const areas = readdirSync(join(ROOT, 'messages/en')).map((file) => file.replace('.json', ''));
const english = Object.fromEntries(areas.map((area) => [area, read('en', area)]));

const textsOf = (message: Message): string[] =>
  typeof message === 'string'
    ? [message]
    : Object.entries(message).flatMap(([key, text]) => (key === 'by' ? [] : [text]));
/** What a message speaks of, `{count:number}` as such, whichever of its plurals says it. */
const placeholdersOf = (message: Message): string[] => {
  const spoken = textsOf(message).flatMap((text) => text.match(/\{[^{}]*\}/g) ?? []);
  const counted = typeof message === 'string' ? [] : [`{${message.by}:number}`];
  return [...new Set([...spoken, ...counted])].sort();
};

describe.each(LOCALES.filter((locale) => locale !== 'en'))('%s', (locale) => {
  test.each(areas)('%s has every key of English, and no other', (area) => {
    expect(Object.keys(read(locale, area)).sort()).toEqual(Object.keys(english[area] ?? {}).sort());
  });

  test.each(areas)('%s has the placeholders of English, and says something', (area) => {
    const own = read(locale, area);
    for (const [key, message] of Object.entries(english[area] ?? {})) {
      const translated = own[key] ?? '';
      expect([key, placeholdersOf(translated)]).toEqual([key, placeholdersOf(message)]);
      expect(textsOf(translated).filter((text) => text.trim() === '')).toEqual([]);
    }
  });

  test('counts in every plural of the language', () => {
    // "Many" of Spanish is for millions only, which read the same here.
    const wanted = new Intl.PluralRules(locale)
      .resolvedOptions()
      .pluralCategories.filter((one) => locale === 'ar' || one !== 'many');
    for (const area of areas)
      for (const [key, message] of Object.entries(read(locale, area)))
        if (typeof message !== 'string')
          expect([key, Object.keys(message)]).toEqual([key, expect.arrayContaining(['by', ...wanted])]);
  });

  test('is a translation: few texts are the English ones', () => {
    const pairs = areas.flatMap((area) => {
      const own = read(locale, area);
      return Object.entries(english[area] ?? {}).map(([key, message]) => [
        textsOf(message).at(-1),
        textsOf(own[key] ?? '').at(-1),
      ]);
    });
    const same = pairs.filter(([from, to]) => from === to && /\p{L}{4}/u.test(from ?? ''));
    expect(same.length / pairs.length).toBeLessThan(0.08);
  });
});

test('no two areas share a key, and each key begins with its area', () => {
  const keys = areas.flatMap((area) => Object.keys(english[area] ?? {}).map((key) => [area, key] as const));
  expect(keys.filter(([area, key]) => !key.startsWith(`${area}_`))).toEqual([]);
});

test('every error code has its title, and its advice where the table has one', () => {
  const keys = Object.keys(english['errors'] ?? {});
  for (const [code, { advice }] of Object.entries(ERROR_TABLE)) {
    const key = `errors_${code.replaceAll(/[/-]/g, '_')}`;
    expect(keys).toContain(key);
    if (advice !== '') expect(keys).toContain(`${key}_advice`);
  }
});
