import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { settings } from '../../../../renderer/state/settings.svelte.ts';
import { typedDate } from '../../../../renderer/state/typed-date.ts';
import { settingsWith } from '../settings-fixture.ts';

const speak = (language: 'en' | 'de' | 'ar', region: string): void => {
  vi.stubGlobal('navigator', { languages: [region] });
  settings.use(settingsWith({ language }));
};
beforeEach(() => speak('de', 'de-DE'));
afterEach(() => vi.unstubAllGlobals());

test('a year, a month or a day, as ISO 8601 writes them', () => {
  for (const date of ['1938', '1938-06', '1938-06-02']) expect(typedDate(` ${date} `)).toBe(date);
});

test('single digits, points and slashes', () => {
  expect(['1938-6', '1938/6/2', '1938.06.02', '6/1938', '06.1938'].map(typedDate)).toEqual([
    ...['1938-06', '1938-06-02', '1938-06-02', '1938-06', '1938-06'],
  ]);
});

test('a day in the order of the region', () => {
  expect(typedDate('2.6.1938')).toBe('1938-06-02');
  speak('en', 'en-US');
  expect(typedDate('6/2/1938')).toBe('1938-06-02');
});

test('points put the day first everywhere', () => {
  speak('en', 'en-US');
  expect(typedDate('12.06.1978')).toBe('1978-06-12');
  speak('en', 'en-CA');
  expect(typedDate('12. 6. 1978')).toBe('1978-06-12');
});

test.each([
  ['June 1978', '1978-06'],
  ['juni 1978', '1978-06'],
  ['Okt. 1927', '1927-10'],
  ['junio de 1978', '1978-06'],
  ['يونيو ١٩٧٨', '1978-06'],
  ['1978 June', '1978-06'],
  ['June 12, 1978', '1978-06-12'],
  ['12th of June 1978', '1978-06-12'],
  ['2. Juni 1978', '1978-06-02'],
  ['2 de junio de 1978', '1978-06-02'],
])('a month by its name: %s', (text, date) => expect(typedDate(text)).toBe(date));

test.each(['about', 'About', 'circa', 'ca.', 'c.', 'um', 'etwa', 'hacia', 'alrededor de', 'حوالي'])(
  '%s is kept as exactly as the rest says',
  (about) => {
    expect(typedDate(`${about} 1978`)).toBe('1978');
    expect(typedDate(`${about} June 1978`)).toBe('1978-06');
  },
);

test('about without a space', () => expect(['c1978', '~1978'].map(typedDate)).toEqual(['1978', '1978']));

test('Arabic digits', () => {
  speak('ar', 'ar-EG');
  expect(['١٩٣٨', '١٩٣٨-٠٦', '۱۹۳۸/۶/۲', '٢/٦/١٩٣٨'].map(typedDate)).toEqual([
    ...['1938', '1938-06', '1938-06-02', '1938-06-02'],
  ]);
});

test.each([
  '',
  '38',
  '1938-',
  '-1938',
  '1938-13',
  '1938-02-30',
  'June',
  'June 38',
  'June July 1938',
  '31 June 1938',
  '1 2 June 1938',
  'Anna June 1938',
  'about',
  '1.2.38',
  '1-2-3-4',
  '31.6.1938',
  '12345',
])('%j is no date', (text) => expect(typedDate(text)).toBeNull());
