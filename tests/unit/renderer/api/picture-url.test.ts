import { expect, test } from 'vitest';
import { pictureUrl } from '../../../../renderer/api/picture-url.ts';

test('a picture is addressed by ids, with the revision for caches', () => {
  expect(pictureUrl({ kind: 'photo', id: 12, size: 'large' }, 3)).toBe('/picture/photo/12/large?r=3');
});
