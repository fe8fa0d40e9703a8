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
  'June 1938',
  '1.2.38',
  '1-2-3-4',
  '31.6.1938',
  '12345',
])('%j is no date', (text) => expect(typedDate(text)).toBeNull());
