import { describe, expect, it } from 'vitest';
import { isPictureName } from '../../../contract/picture-names.ts';

describe('isPictureName', () => {
  it.each(['a.jpg', 'a.JPEG', 'b.c.tif', 'ж.heic'])('takes %s', (name) =>
    expect(isPictureName(name)).toBe(true),
  );
  it.each(['a', 'a.txt', 'jpg', 'a.jpg.bak'])('refuses %s', (name) =>
    expect(isPictureName(name)).toBe(false),
  );
});
