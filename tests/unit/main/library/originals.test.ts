import { existsSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { takeOriginal } from '../../../../main/library/take-original.ts';
import { addTestVersion, idsOf, openTestLibrary, write, type TestLibrary } from './open-test-library.ts';

/** Whole: what a file system keeps below the millisecond is not set again. */
const STAMP = new Date('2020-01-01T00:00:00Z');

let test: TestLibrary;
/** In place, and its file. */
let id: number;
let file: string;
beforeEach(async () => {
  test = await openTestLibrary();
  file = test.picture('scan.jpg', '100x80 first');
  utimesSync(file, STAMP, STAMP);
  id = await addInPlace(file);
});
afterEach(() => test.remove());

async function addInPlace(path: string): Promise<number> {
  const { id: run } = test.library.importPaths([path], 'in-place');
  return (await test.library.importDone(run)).photoIds[0]!;
}

/** Other bytes, with another time, as every editor leaves it. */
function edit(path: string, text: string): void {
  writeFileSync(path, text);
  shiftTime(path);
}
function shiftTime(path: string): void {
  const later = new Date(statSync(path).mtimeMs + 60_000);
  utimesSync(path, later, later);
}
/** Of the same size and the same time: only its bytes tell. */
function forge(path: string, text: string): void {
  const { size } = statSync(path);
  writeFileSync(path, text);
  utimesSync(path, STAMP, STAMP);
  expect(statSync(path).size).toBe(size);
}

const get = () => test.api['photos.get']({ id });
const CHANGED = { missing: true, changed: true };
const THERE = { missing: false, changed: false };

describe('an original that has changed', () => {
  it.each([
    ['another size', '100x80 longer than before'],
    ['the same size', '200x80 fresh'],
  ])('is noticed at %s', async (_, text) => {
    expect(await get()).toMatchObject(THERE);
    edit(file, text);
    expect(await get()).toMatchObject(CHANGED);
    expect(idsOf(test, { state: 'missing' })).toEqual([id]);
    await expect(test.library.originalFile(id)).rejects.toMatchObject({ code: 'library/changed-original' });
    await expect(test.library.pictureFile({ kind: 'photo', id, size: 'full' })).rejects.toMatchObject({
      code: 'library/changed-original',
    });
  });

  it('is no other one for its time alone, and that is looked at once', async () => {
    shiftTime(file);
    expect(await get()).toMatchObject(THERE);
    const { seen_ms } = test.library.context.db.get<{ seen_ms: number }>('SELECT seen_ms FROM photos')!;
    expect(seen_ms).toBe(Math.floor(statSync(file).mtimeMs));
  });

  it('is noticed before it is restored or exported, even where size and time are the same', async () => {
    forge(file, '100x80 other');
    expect(await get()).toMatchObject(THERE);
    await expect(test.library.originalFile(id, { sure: true })).rejects.toMatchObject({
      code: 'library/changed-original',
      message: expect.stringContaining('has changed since it was imported') as string,
    });
    const options = { folder: `${test.folder}/out`, pattern: '{name}', ifExists: 'rename' } as const;
    const report = await test.api['export.run']({
      key: 'one',
      photoIds: [id],
      versionId: null,
      options: {
        ...{
          format: 'same',
          quality: 90,
          maxSide: null,
          keepMetadata: true,
          xmpNote: true,
          sideBySide: false,
        },
        ...options,
      },
    });
    expect(report.failed).toMatchObject([{ photoId: id, code: 'library/changed-original' }]);
  });

  it('is noticed after a start, and when the old file is back', async () => {
    edit(file, '200x80 fresh');
    await test.reopen();
    await test.library.settled();
    expect(idsOf(test, { state: 'missing' })).toEqual([id]);
    edit(file, '100x80 first');
    expect(await get()).toMatchObject(THERE);
  });

  it('is missing, and nothing more, once the file is gone', async () => {
    edit(file, '200x80 fresh');
    expect(await get()).toMatchObject(CHANGED);
    rmSync(file);
    expect(await get()).toMatchObject({ missing: true, changed: false });
  });

  it('is no second photo for an import of the same file in place', async () => {
    edit(file, '200x80 fresh');
    const { id: run } = test.library.importPaths([file], 'in-place');
    expect(await test.library.importDone(run)).toMatchObject({
      imported: 0,
      alreadyThere: 1,
      failedCount: 0,
    });
    expect(idsOf(test)).toEqual([id]);
    expect(await get()).toMatchObject(CHANGED);
  });

  it('is found again where the old bytes lie', async () => {
    edit(file, '200x80 fresh');
    await get();
    const kept = write(`${test.folder}/backup/scan.jpg`, '100x80 first');
    await test.api['photos.locate']({ id, path: kept });
    expect(await get()).toMatchObject({ ...THERE, location: kept });
    await test.api['undo.undo']({});
    expect(await get()).toMatchObject({ ...CHANGED, location: file });
    expect(await test.api['photos.findMissing']({ key: 'k', folder: `${test.folder}/backup` })).toEqual({
      found: 1,
      stillMissing: 0,
      failed: [],
      cancelled: false,
    });
  });
});

describe("what a person made of the library's own copy", () => {
  let copied: number;
  let place: string;
  const recovered = () =>
    readdirSync(`${test.folder}/library/recovered`).map((name) =>
      readFileSync(`${test.folder}/library/recovered/${name}`, 'utf8'),
    );

  beforeEach(async () => {
    [copied = 0] = await test.add('copied.jpg');
    place = await test.library.originalFile(copied);
    edit(place, '100x80 hours of retouching');
    expect(await test.api['photos.get']({ id: copied })).toMatchObject(CHANGED);
  });
  const old = () => write(`${test.folder}/backup/copied.jpg`, '100x80 copied.jpg');

  it.each([
    ['found by hand', () => test.api['photos.locate']({ id: copied, path: old() })],
    [
      'found in a folder',
      () => (old(), test.api['photos.findMissing']({ key: 'k', folder: `${test.folder}/backup` })),
    ],
    ['sent', () => takeOriginal(test.library.context, copied, old())],
    ['imported again', () => test.library.importDone(test.library.importPaths([old()], 'copy').id)],
  ])('is kept when the old file is %s', async (_, findAgain) => {
    await findAgain();
    expect(await test.api['photos.get']({ id: copied })).toMatchObject({ ...THERE, location: place });
    expect(readFileSync(place, 'utf8')).toBe('100x80 copied.jpg');
    expect(recovered()).toEqual(['100x80 hours of retouching']);
  });
});

describe('keeping what the file holds now', () => {
  const keep = () => test.api['photos.keepChanged']({ id });

  it('makes it the original, with thumbnails and faces of its own; versions and what a person did stay', async () => {
    await test.api['faces.detect']({ photoId: id });
    await test.api['photos.setCaption']({ id, caption: 'By the sea' });
    await addTestVersion(test, id, 'restored');
    const before = await get();
    test.engine.faces = [];
    edit(file, '200x80 fresh');
    await get();
    await keep();
    const after = await get();
    expect(after).toMatchObject({ ...THERE, width: 200, height: 80, caption: 'By the sea', faceCount: 0 });
    expect(after.sha256).not.toBe(before.sha256);
    expect(after.revision).toBeGreaterThan(before.revision);
    expect(after.versions).toHaveLength(1);
    expect(await test.library.originalFile(id, { sure: true })).toBe(file);
    const { path } = await test.library.pictureFile({ kind: 'photo', id, size: 'small' });
    expect(path).toContain(after.sha256);
  });

  it('is taken back by one undo, faces too, and done again', async () => {
    await test.api['faces.detect']({ photoId: id });
    const before = await get();
    test.engine.faces = [];
    edit(file, '200x80 fresh');
    await get();
    await keep();
    expect(test.api['undo.state']({})).toEqual({ undo: 'photos.keepChanged', redo: null });
    await test.api['undo.undo']({});
    const { revision, ...undone } = await get();
    expect(undone).toMatchObject({ ...CHANGED, sha256: before.sha256, width: 100, faceCount: 1 });
    expect(revision).toBeGreaterThan(before.revision);
    await test.api['undo.redo']({});
    expect(await get()).toMatchObject({ ...THERE, width: 200, faceCount: 0 });
  });

  it('keeps the thumbnails of the old bytes as long as undo may bring them back', async () => {
    const { sha256 } = await get();
    const old = test.library.context.folder.thumbnail(sha256, 'small');
    edit(file, '200x80 fresh');
    await keep();
    expect(existsSync(old)).toBe(true);
    await test.reopen();
    expect(existsSync(old)).toBe(false);
    expect(readFileSync(file, 'utf8')).toBe('200x80 fresh');
  });

  it('brings a copy of the library to its new place', async () => {
    const [copied = 0] = await test.add('copied.jpg');
    const path = await test.library.originalFile(copied);
    edit(path, '300x80 rotten or better');
    await expect(test.library.originalFile(copied)).rejects.toMatchObject({
      code: 'library/changed-original',
    });
    await test.api['photos.keepChanged']({ id: copied });
    const now = await test.library.originalFile(copied, { sure: true });
    expect(now).not.toBe(path);
    expect(readFileSync(now, 'utf8')).toBe('300x80 rotten or better');
    await test.reopen();
    expect([existsSync(path), existsSync(now)]).toEqual([false, true]);
  });

  it('of the old bytes again changes nothing', async () => {
    edit(file, '200x80 fresh');
    await get();
    edit(file, '100x80 first');
    await keep();
    expect(await get()).toMatchObject({ ...THERE, width: 100 });
    expect(test.api['undo.state']({})).toEqual({ undo: 'import.start', redo: null });
  });

  it('refuses what another photo holds, what is no picture, and what is not there', async () => {
    await addInPlace(test.picture('other.jpg', '100x80 other'));
    edit(file, '100x80 other');
    await expect(keep()).rejects.toMatchObject({
      code: 'library/other-file',
      message: expect.stringContaining('other.jpg') as string,
    });
    edit(file, 'a letter');
    await expect(keep()).rejects.toMatchObject({ code: 'input/not-an-image' });
    rmSync(file);
    await expect(keep()).rejects.toMatchObject({ code: 'input/not-found' });
    await expect(test.api['photos.keepChanged']({ id: 99 })).rejects.toMatchObject({
      code: 'library/not-found',
    });
    expect(await get()).toMatchObject({ missing: true, changed: false, width: 100 });
  });
});
