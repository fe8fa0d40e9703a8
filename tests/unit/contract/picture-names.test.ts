import { describe, expect, it } from 'vitest';
import {
  extensionFor,
  formatOfExtension,
  isPictureName,
  isWritten,
} from '../../../contract/picture-names.ts';

describe('isPictureName', () => {
  it.each(['a.jpg', 'a.JPEG', 'b.c.tif', 'ж.heic'])('takes %s', (name) =>
    expect(isPictureName(name)).toBe(true),
  );
  it.each(['a', 'a.txt', 'jpg', 'a.jpg.bak'])('refuses %s', (name) =>
    expect(isPictureName(name)).toBe(false),
  );
});

describe('formats and extensions', () => {
  it.each([
    ['.JPG', 'jpeg'],
    ['.jfif', 'jpeg'],
    ['.tif', 'tiff'],
    ['.heic', undefined],
    ['jpg', undefined],
    ['', undefined],
  ])('%s asks for %s', (extension, format) => expect(formatOfExtension(extension)).toBe(format));

  it('keeps an extension that fits, as it is spelled', () => {
    expect(extensionFor('jpeg', '.JPE')).toBe('.JPE');
    expect(extensionFor('tiff', '.JPE')).toBe('.tif');
    expect(extensionFor('png', '')).toBe('.png');
  });

  it('knows what is written', () => {
    expect(['jpeg', 'webp', 'heic', 'constructor', ''].map(isWritten)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});
