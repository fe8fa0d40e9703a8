import { existsSync, readFileSync, rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { takeOriginal } from '../../../../main/library/take-original.ts';
import { openTestLibrary, write, type TestLibrary } from './open-test-library.ts';

let test: TestLibrary;

beforeEach(async () => {
  test = await openTestLibrary();
});
afterEach(() => test.remove());

const sent = (text: string) => write(`${test.folder}/sent/photo.jpg`, text);
const take = (id: number, file: string) => takeOriginal(test.library.context, id, file);

describe('an original that was sent', () => {
  it("becomes the library's copy where that is gone", async () => {
    const [id] = await test.add('a.jpg');
    const place = await test.library.originalFile(id!);
    rmSync(place);
    await take(id!, sent('100x80 a.jpg'));
    expect(await test.library.originalFile(id!)).toBe(place);
    expect(readFileSync(place, 'utf8')).toBe('100x80 a.jpg');
    expect(await test.api['photos.get']({ id: id! })).toMatchObject({ missing: false, storage: 'copied' });
  });

  it('becomes a copy also of a photo that lay elsewhere', async () => {
    const file = test.picture('b.jpg');
    const { id: run } = test.library.importPaths([file], 'in-place');
    const [id] = (await test.library.importDone(run)).photoIds;
    rmSync(file);
    await take(id!, sent('100x80 b.jpg'));
    const place = await test.library.originalFile(id!);
    expect(place.startsWith(`${test.folder}/library/originals/`)).toBe(true);
    expect(existsSync(file)).toBe(false);
  });

  it('is refused with other bytes, and for a photo that is none', async () => {
    const [id] = await test.add('a.jpg');
    rmSync(await test.library.originalFile(id!));
    const other = sent('100x80 c.jpg');
    await expect(take(id!, other)).rejects.toMatchObject({
      code: 'library/other-file',
      message: 'photo.jpg does not hold the bytes of a.jpg',
    });
    expect(existsSync(other)).toBe(true);
    await expect(take(999, other)).rejects.toMatchObject({ code: 'library/not-found' });
    await expect(take(id!, `${test.folder}/sent/none.jpg`)).rejects.toMatchObject({
      code: 'input/not-found',
    });
  });
});
