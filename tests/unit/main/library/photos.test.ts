import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addTestVersion, idsOf, openTestLibrary, write, type TestLibrary } from './open-test-library.ts';

let test: TestLibrary;
let a: number;
let b: number;
beforeEach(async () => {
  test = await openTestLibrary();
  [a = 0, b = 0] = await test.add('a.jpg', 'b.jpg');
});
afterEach(() => test.remove());

const NOT_FOUND = expect.objectContaining({ code: 'library/not-found' }) as Error;

describe('photos', () => {
  it('refuses ids that the library does not hold, and then changes nothing', async () => {
    const { api } = test;
    await expect(api['photos.get']({ id: 99 })).rejects.toEqual(NOT_FOUND);
    const calls = [
      () => api['photos.rotate']({ ids: [a, 99], by: 90 }),
      () => api['photos.setDate']({ ids: [99], takenAt: null }),
      () => api['photos.setCaption']({ id: 99, caption: '' }),
      () => api['photos.setCurrentVersion']({ id: 99, versionId: null }),
      () => api['photos.bin']({ ids: [a, 99] }),
      () => api['photos.restoreFromBin']({ ids: [99] }),
      () => api['versions.remove']({ id: 99 }),
      () => api['faces.remove']({ id: 99 }),
      () => api['faces.name']({ id: 99, name: 'x' }),
      () => api['people.rename']({ id: 99, name: 'x' }),
      () => api['people.remove']({ id: 99 }),
      () => api['albums.create']({ name: 'x', photoIds: [99] }),
      () => api['albums.rename']({ id: 99, name: 'x' }),
      () => api['albums.remove']({ id: 99 }),
      () => api['albums.addPhotos']({ id: 99, photoIds: [a] }),
      () => api['albums.removePhotos']({ id: 99, photoIds: [a] }),
      () => test.library.markProblem(99, null),
      () => test.library.faceForDraft(99),
    ];
    for (const call of calls) expect(call).toThrow(NOT_FOUND);
    expect(idsOf(test)).toEqual([b, a]);
    expect(api['albums.list']({})).toEqual([]);
    expect((await api['photos.get']({ id: a })).turn).toBe(0);
  });

  it('refuses a date that no calendar has', () => {
    expect(() => test.api['photos.setDate']({ ids: [a], takenAt: '1953-13-02' })).toThrow(
      'There is no date 1953-13-02',
    );
    expect(() => test.api['photos.setDate']({ ids: [a], takenAt: '1953-02-29' })).toThrow('1953-02-29');
    expect(() => test.api['photos.setDate']({ ids: [a], takenAt: '1953-02-28T25:00:00' })).toThrow(
      '25:00:00',
    );
    for (const takenAt of ['1953-13', '0000'])
      expect(() => test.api['photos.setDate']({ ids: [a], takenAt })).toThrow(`There is no date ${takenAt}`);
  });

  it('keeps a date as exactly as it is known, with undo', async () => {
    const dateOf = async () => (await test.api['photos.get']({ id: a })).takenAt;
    for (const takenAt of ['1938', '1938-06', '1938-06-02', '1938-06-02T14:30:00']) {
      await test.api['photos.setDate']({ ids: [a], takenAt });
      expect(await dateOf()).toBe(takenAt);
    }
    await test.api['undo.undo']({});
    await test.api['undo.undo']({});
    expect(await dateOf()).toBe('1938-06');
  });

  it('moves to the bin and back, and out of people and albums meanwhile', async () => {
    const { id } = await test.api['albums.create']({ name: 'Attic', photoIds: [a, b] });
    await test.api['photos.bin']({ ids: [a] });
    expect([idsOf(test), idsOf(test, { bin: true })]).toEqual([[b], [a]]);
    expect((await test.api['photos.get']({ id: a })).binnedAt).toMatch(/^20/);
    expect(test.api['albums.list']({})).toEqual([
      { id, name: 'Attic', photoCount: 1, coverPhotoId: b, coverRevision: 1 },
    ]);
    await test.api['photos.restoreFromBin']({ ids: [a] });
    expect(test.api['albums.list']({})).toMatchObject([{ photoCount: 2 }]);
  });

  it('empties the bin for good: copies, versions and thumbnails go, originals in place stay', async () => {
    const inPlace = test.picture('in-place.jpg');
    const { id: run } = test.library.importPaths([inPlace], 'in-place');
    const [c = 0] = (await test.library.importDone(run)).photoIds;
    const { id: versionId } = await addTestVersion(test, a, 'restored');
    const files = await Promise.all([
      test.library.originalFile(a),
      test.library.pictureFile({ kind: 'photo', id: a, size: 'large' }).then(({ path }) => path),
      test.library.pictureFile({ kind: 'version', id: versionId, size: 'full' }).then(({ path }) => path),
      test.library.pictureFile({ kind: 'version', id: versionId, size: 'small' }).then(({ path }) => path),
    ]);
    expect(files.every(existsSync)).toBe(true);
    await test.api['photos.bin']({ ids: [a, c] });
    expect(await test.api['bin.empty']({})).toEqual({ removed: 2 });
    expect(files.filter(existsSync)).toEqual([]);
    expect(existsSync(inPlace)).toBe(true);
    expect(await test.api['bin.empty']({})).toEqual({ removed: 0 });
  });
});

describe('missing originals', () => {
  it('are noticed when a photo is opened, and when they are back', async () => {
    const path = await test.library.originalFile(a);
    rmSync(path);
    expect((await test.api['photos.get']({ id: a })).missing).toBe(true);
    expect(idsOf(test, { state: 'missing' })).toEqual([a]);
    write(path, '100x80 a.jpg');
    expect((await test.api['photos.get']({ id: a })).missing).toBe(false);
  });

  describe('of a photo that could not be restored without it', () => {
    const problem = { code: 'library/missing-original', message: 'away' };
    const other = { code: 'engine/died', message: 'gone' };
    const problemOf = async (id: number) => (await test.api['photos.get']({ id })).problem;
    let place: string;
    beforeEach(async () => {
      for (const id of [a, b]) rmSync(await test.library.originalFile(id));
      place = (await test.api['photos.get']({ id: a })).location;
      await test.api['photos.get']({ id: b });
      test.library.markProblem(a, problem);
      test.library.markProblem(b, other);
    });

    it.each<[string, () => unknown]>([
      ['is in its place', () => write(place, '100x80 a.jpg')],
      [
        'is found by hand',
        () => test.api['photos.locate']({ id: a, path: write(`${test.folder}/drive/a`, '100x80 a.jpg') }),
      ],
      [
        'is found in a folder',
        () => {
          for (const name of ['a', 'b']) write(`${test.folder}/drive/${name}`, `100x80 ${name}.jpg`);
          return test.api['photos.findMissing']({ key: 'k', folder: `${test.folder}/drive` });
        },
      ],
    ])('take its failure with them when it %s; another failure stays', async (_, bringBack) => {
      expect(await problemOf(a)).toEqual(problem);
      expect(idsOf(test, { state: 'failed' }).sort()).toEqual([a, b].sort());
      await bringBack();
      expect(await test.api['photos.get']({ id: a })).toMatchObject({ missing: false, problem: null });
      expect(await problemOf(b)).toEqual(other);
      expect(idsOf(test, { state: 'failed' })).toEqual([b]);
    });
  });

  it('are noticed after a start, and another file of the same name is not the original', async () => {
    rmSync(await test.library.originalFile(a));
    write(await test.library.originalFile(b), 'something else');
    await test.reopen();
    await test.library.settled();
    expect(idsOf(test, { state: 'missing' })).toEqual([b, a]);
  });

  it('still show their thumbnails', async () => {
    rmSync(await test.library.originalFile(a));
    expect((await test.library.pictureFile({ kind: 'photo', id: a, size: 'small' })).path).toContain(
      '-small.webp',
    );
    await expect(test.library.pictureFile({ kind: 'photo', id: a, size: 'full' })).rejects.toMatchObject({
      code: 'library/missing-original',
    });
  });

  it('are pointed at by hand, at their own bytes only', async () => {
    rmSync(await test.library.originalFile(a));
    const moved = write(`${test.folder}/elsewhere/x.jpg`, '100x80 a.jpg');
    const other = write(`${test.folder}/elsewhere/y.jpg`, '100x80 c.jpg');
    await expect(test.api['photos.locate']({ id: a, path: other })).rejects.toMatchObject({
      code: 'library/other-file',
    });
    await expect(test.api['photos.locate']({ id: a, path: `${test.folder}/no.jpg` })).rejects.toMatchObject({
      code: 'input/not-found',
    });
    await test.api['photos.locate']({ id: a, path: moved });
    // The library had a copy: it has one again, and does not need the file that was shown.
    rmSync(moved);
    expect(existsSync(await test.library.originalFile(a))).toBe(true);
  });

  it('are found below a folder by their bytes', async () => {
    const inPlace = test.picture('in-place.jpg');
    const { id: run } = test.library.importPaths([inPlace], 'in-place');
    const [c = 0] = (await test.library.importDone(run)).photoIds;
    rmSync(inPlace);
    for (const id of [a, b]) rmSync(await test.library.originalFile(id));
    for (const id of [a, b, c]) await test.api['photos.get']({ id });
    write(`${test.folder}/drive/deep/renamed.dat`, '100x80 in-place.jpg');
    write(`${test.folder}/drive/a.jpg`, '100x80 a.jpg');
    write(`${test.folder}/drive/same-size.jpg`, '100x80 z.jpg');
    expect(await test.api['photos.findMissing']({ key: 'k', folder: `${test.folder}/drive` })).toEqual({
      found: 2,
      stillMissing: 1,
      failed: [],
      cancelled: false,
    });
    expect(await test.library.originalFile(c)).toBe(`${test.folder}/drive/deep/renamed.dat`);
    expect(idsOf(test, { state: 'missing' })).toEqual([b]);
    await test.api['undo.undo']({});
    expect(idsOf(test, { state: 'missing' }).sort()).toEqual([a, b, c].sort());
    await expect(
      test.api['photos.findMissing']({ key: 'k', folder: `${test.folder}/no` }),
    ).rejects.toMatchObject({
      code: 'input/not-found',
    });
  });

  it('are found although nobody has looked at their photos since they went', async () => {
    for (const id of [a, b]) rmSync(await test.library.originalFile(id));
    write(`${test.folder}/drive/a.jpg`, '100x80 a.jpg');
    expect(await test.api['photos.findMissing']({ key: 'k', folder: `${test.folder}/drive` })).toEqual({
      found: 1,
      stillMissing: 1,
      failed: [],
      cancelled: false,
    });
    expect(idsOf(test, { state: 'missing' })).toEqual([b]);
  });

  it('are found again although one of them cannot be brought back, which is named', async () => {
    const places = await Promise.all([a, b].map((id) => test.library.originalFile(id)));
    for (const place of places) rmSync(place);
    for (const id of [a, b]) await test.api['photos.get']({ id });
    // Where the folder of the first one was, a file lies.
    rmSync(dirname(places[0]!), { recursive: true });
    write(dirname(places[0]!), 'in the way');
    write(`${test.folder}/drive/a.jpg`, '100x80 a.jpg');
    write(`${test.folder}/drive/b.jpg`, '100x80 b.jpg');
    const answer = await test.api['photos.findMissing']({ key: 'k', folder: `${test.folder}/drive` });
    expect(answer).toMatchObject({
      ...{ found: 1, stillMissing: 1 },
      failed: [{ name: 'a.jpg', code: 'output/unwritable' }],
    });
    expect(idsOf(test, { state: 'missing' })).toEqual([a]);
    expect(readFileSync(await test.library.originalFile(b), 'utf8')).toBe('100x80 b.jpg');
    expect(readdirSync(test.library.context.folder.tmp)).toEqual([]);
  });

  it('that lie below the library itself are copied to their place, and not pointed at there', async () => {
    const place = await test.library.originalFile(a);
    const aside = write(`${test.folder}/library/recovered/x.jpg`, '100x80 a.jpg');
    rmSync(place);
    await test.api['photos.get']({ id: a });
    await test.api['photos.findMissing']({ key: 'k', folder: test.folder });
    expect(await test.api['photos.get']({ id: a })).toMatchObject({ storage: 'copied', location: place });
    expect(existsSync(aside)).toBe(true);
  });
});

describe('versions', () => {
  it('are taken in, numbered, and stand for the photo', async () => {
    const { revision } = await test.api['photos.get']({ id: a });
    const first = await addTestVersion(test, a, 'first');
    const second = await addTestVersion(test, a, 'second');
    const photo = await test.api['photos.get']({ id: a });
    expect(photo).toMatchObject({ state: 'restored', currentVersionId: second.id });
    expect(photo.revision).toBeGreaterThan(revision);
    expect(photo.versions.map(({ id, number }) => [id, number])).toEqual([
      [first.id, 1],
      [second.id, 2],
    ]);
    expect(photo.versions[0]).toMatchObject({
      width: 200,
      height: 160,
      bytes: 13,
      recipe: { pack: { id: 'tiny' } },
    });
    expect(existsSync(`${test.library.versionOutput(a).stem}.jpg`)).toBe(false);
  });

  it('give way to the newest other one when removed, and never share a number', async () => {
    const first = await addTestVersion(test, a, 'first');
    const second = await addTestVersion(test, a, 'second');
    await test.api['versions.remove']({ id: second.id });
    expect((await test.api['photos.get']({ id: a })).currentVersionId).toBe(first.id);
    expect((await addTestVersion(test, a, 'third')).number).toBe(3);
    await test.api['undo.undo']({});
    expect((await test.api['photos.get']({ id: a })).versions.map(({ number }) => number)).toEqual([1, 2, 3]);
  });

  it('stand for their own photo only', async () => {
    const { id } = await addTestVersion(test, a, 'first');
    expect(() => test.api['photos.setCurrentVersion']({ id: b, versionId: id })).toThrow(
      'b.jpg has no version',
    );
  });

  it('clear the problem of the last attempt', async () => {
    test.library.markProblem(a, { code: 'engine/died', message: 'gone' });
    expect(await test.api['photos.get']({ id: a })).toMatchObject({
      ...{ state: 'failed', problem: { code: 'engine/died', message: 'gone' } },
    });
    await addTestVersion(test, a, 'first');
    expect(await test.api['photos.get']({ id: a })).toMatchObject({ state: 'restored', problem: null });
  });

  it('link their results to faces that are still there', async () => {
    const [face] = await test.library.knownFaces(a);
    const output = write(`${test.library.versionOutput(a).stem}.jpg`, '200x160 x');
    const { restored } = await import('./open-test-library.ts');
    const result = {
      index: 0,
      box: { x: 0, y: 0, width: 1, height: 1 },
      sizePx: 90,
      status: 'restored' as const,
    };
    const version = await test.library.addVersion(a, restored(output, [{ ...result, likeness: 0.2 }]), [
      face!.faceId,
    ]);
    expect(version.faces).toEqual([
      { faceId: face!.faceId, box: result.box, status: 'restored', likeness: 0.2 },
    ]);
    await test.api['faces.remove']({ id: face!.faceId });
    expect((await test.api['photos.get']({ id: a })).versions[0]?.faces[0]?.faceId).toBeNull();
    await test.api['undo.undo']({});
    expect((await test.api['photos.get']({ id: a })).versions[0]?.faces[0]?.faceId).toBe(face!.faceId);
  });

  it('refuse a report without a file, and a file that is no picture', async () => {
    const { restored } = await import('./open-test-library.ts');
    const { output: _, ...without } = restored('x');
    await expect(test.library.addVersion(a, without, [])).rejects.toMatchObject({ code: 'internal' });
    const output = write(`${test.library.versionOutput(a).stem}.jpg`, 'nonsense');
    await expect(test.library.addVersion(a, restored(output), [])).rejects.toMatchObject({
      code: 'input/not-an-image',
    });
    expect((await test.api['photos.get']({ id: a })).versions).toEqual([]);
  });

  it('whose file is gone are dropped at the next start, with a notice', async () => {
    const kept = await addTestVersion(test, a, 'first');
    const lost = await addTestVersion(test, a, 'second');
    rmSync((await test.library.pictureFile({ kind: 'version', id: lost.id, size: 'full' })).path);
    await test.reopen();
    await test.library.settled();
    expect(await test.api['photos.get']({ id: a })).toMatchObject({
      currentVersionId: kept.id,
      versions: [{ id: kept.id }],
    });
    expect(test.events.filter(({ kind }) => kind === 'notice')).toHaveLength(1);
  });
});

describe('albums', () => {
  it('and people have names that can be seen', async () => {
    const invalid = expect.objectContaining({ code: 'argument/invalid' }) as Error;
    expect(() => test.api['albums.create']({ name: '\u0000', photoIds: [] })).toThrow(invalid);
    const { id } = await test.api['albums.create']({ name: ' Attic\u0007 ', photoIds: [] });
    expect(test.api['albums.list']({})).toMatchObject([{ name: 'Attic' }]);
    expect(() => test.api['albums.rename']({ id, name: '\u001f ' })).toThrow(invalid);
    const [face] = await test.library.knownFaces(a);
    expect(() => test.api['faces.name']({ id: face!.faceId, name: '\u0001' })).toThrow(invalid);
  });

  it('hold each photo once', async () => {
    const { id } = await test.api['albums.create']({ name: '  Attic\0 ', photoIds: [a, a] });
    await test.api['albums.addPhotos']({ id, photoIds: [a, b] });
    expect(test.api['albums.list']({})).toMatchObject([{ photoCount: 2 }]);
    expect((await test.api['photos.get']({ id: a })).albumIds).toEqual([id]);
    await test.api['albums.removePhotos']({ id, photoIds: [a] });
    expect(idsOf(test, { albumId: id })).toEqual([b]);
  });
});
