import { beforeEach, expect, test } from 'vitest';
import { ERROR_TABLE, type ErrorCode } from '../../../../contract/errors.ts';
import { MAX_PIXELS } from '../../../../contract/picture-limits.ts';
import { ApiError } from '../../../../renderer/api/api-error.ts';
import { codeText, errorDetail, errorText } from '../../../../renderer/state/error-text.ts';
import { settings } from '../../../../renderer/state/settings.svelte.ts';
import { settingsWith } from '../settings-fixture.ts';

beforeEach(() => settings.use(settingsWith({ language: 'en' })));

test('every code of the application has a title, and advice where the application has some', () => {
  for (const code of Object.keys(ERROR_TABLE) as ErrorCode[]) {
    const { title, advice } = codeText(code);
    expect(title, code).not.toBe('');
    expect(advice === '', code).toBe(ERROR_TABLE[code].advice === '');
    // The command line's options mean nothing here.
    expect(advice, code).not.toContain('--');
  }
});

test('what is too large is told by the limit itself', () => {
  const { advice } = codeText('input/too-large');
  const [, millions, width, height] = /(\d+) million.* ([\d,]+) × ([\d,]+)\./.exec(advice)!;
  const number = (text?: string) => Number(text?.replaceAll(',', ''));
  expect(number(millions) * 1e6).toBe(MAX_PIXELS);
  expect(number(width) * number(height)).toBe(MAX_PIXELS);
});

test('the message of the application is kept', () => {
  expect(errorText(new ApiError('library/not-found', 'No photo 7'))).toEqual({
    title: 'Not in the library',
    message: 'No photo 7',
    advice: 'It may have been removed meanwhile.',
  });
});

test('anything else is an unexpected error', () => {
  expect(errorText(new TypeError('x is undefined')).title).toBe('Unexpected error');
  expect(errorText('lost').message).toBe('lost');
  expect(codeText('no/such-code').title).toBe('Unexpected error');
  expect(codeText('toString').title).toBe('Unexpected error');
});

test('message and advice are sentences of their own', () => {
  const text = { title: 'Cannot write', advice: 'Check the folder.' };
  expect(errorDetail({ ...text, message: 'Cannot write /a' })).toBe('Cannot write /a. Check the folder.');
  expect(errorDetail({ ...text, message: 'Is it there?' })).toBe('Is it there? Check the folder.');
  expect(errorDetail({ ...text, advice: '', message: '' })).toBe('');
});
