import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  formatBytes,
  formatDate,
  formatDuration,
  formatEstimate,
  formatMonth,
  formatNumber,
} from '../../../../renderer/state/format.ts';
import { regionOf, settings } from '../../../../renderer/state/settings.svelte.ts';
import { settingsWith } from '../settings-fixture.ts';

const speak = (language: 'en' | 'de' | 'es' | 'ar'): void => settings.use(settingsWith({ language }));
beforeEach(() => {
  vi.stubGlobal('navigator', { languages: ['en'] });
  speak('en');
});
afterEach(() => vi.unstubAllGlobals());

test('numbers and sizes', () => {
  expect(formatNumber(1234.5)).toBe('1,234.5');
  expect([0, 999, 1500, 2_340_000, 5_000_000_000].map(formatBytes)).toEqual([
    '0 byte',
    '999 byte',
    '2 kB',
    '2.3 MB',
    '5 GB',
  ]);
  speak('de');
  expect(formatNumber(1234.5)).toBe('1.234,5');
});

describe('dates of photos', () => {
  test('are the day that was written, wherever the machine stands', () => {
    expect(formatDate('1953-06-02T23:59:59')).toBe('June 2, 1953');
    expect(formatDate('1953-06-02', 'medium')).toBe('Jun 2, 1953');
    speak('de');
    expect(formatDate('1953-01-01')).toBe('1. Januar 1953');
  });

  test.each([
    ['en', '1938', 'June 1938'],
    ['de', '1938', 'Juni 1938'],
    ['es', '1938', 'junio de 1938'],
    ['ar', '1938', 'يونيو 1938'],
  ] as const)('are no more exact than what is known, in %s', (language, year, month) => {
    speak(language);
    for (const style of ['long', 'medium', 'short'] as const)
      expect([formatDate('1938', style), formatDate('1938-06', style)]).toEqual([year, month]);
  });

  test('months and years', () => {
    expect(formatMonth('1953-06')).toBe('June 1953');
    expect(formatMonth('1953')).toBe('1953');
    speak('de');
    expect(formatMonth('1953-03')).toBe('März 1953');
  });

  test('what is no date throws', () => {
    expect(() => formatDate('yesterday')).toThrow(RangeError);
  });
});

test('durations are rounded to what is worth knowing', () => {
  expect([0, 1, 45.4, 200, 7200].map(formatDuration)).toEqual([
    '1 second',
    '1 second',
    '45 seconds',
    '3 minutes',
    '2 hours',
  ]);
});

test('estimates are coarser than what was measured', () => {
  expect([0, 7.9, 37, 77, 95, 1111, 3000, 5000, 9000].map(formatEstimate)).toEqual([
    '5 seconds',
    '10 seconds',
    '40 seconds',
    '80 seconds',
    '2 minutes',
    '19 minutes',
    '50 minutes',
    '85 minutes',
    '3 hours',
  ]);
});

describe('the region', () => {
  test("is the machine's own where it speaks the language", () => {
    vi.stubGlobal('navigator', { languages: ['fr-FR', 'en-GB', 'de-CH'] });
    settings.use(settingsWith({ language: 'system' }));
    expect(settings.locale).toBe('en');
    expect(formatDate('1953-06-02')).toBe('2 June 1953');
    speak('de');
    expect(formatNumber(1234.5)).toBe("1'234.5");
    vi.stubGlobal('navigator', { languages: ['en-US'] });
    expect(formatNumber(1234.5)).toBe('1.234,5');
  });

  test('changes no digits, and a tag that is none changes nothing', () => {
    expect(regionOf('ar', ['ar-EG'])).toBe('ar-EG-u-nu-latn');
    expect(regionOf('es', ['es', 'es-MX'])).toBe('es');
    expect(regionOf('en', ['en-not_a_tag', 'en-AU'])).toBe('en-AU-u-nu-latn');
    expect(regionOf('de', [])).toBe('de');
  });
});
