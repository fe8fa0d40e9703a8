import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { HeirloomError } from '../../../../../contract/errors.ts';
import { exportOptionsSchema, type ImportReport } from '../../../../../contract/library.ts';
import { Arrivals, importPhoto } from '../../../../../main/library/import/import-photo.ts';
import { addTestVersion, idsOf, openTestLibrary, write, type TestLibrary } from '../open-test-library.ts';

let test: TestLibrary;
beforeEach(async () => {
  test = await openTestLibrary();
});
afterEach(() => test.remove());

async function run(paths: string[], mode: 'copy' | 'in-place' = 'copy'): Promise<ImportReport> {
  const { id } = test.library.importPaths(paths, mode);
  return test.library.importDone(id);
}

const originals = () =>
  readdirSync(join(test.folder, 'library', 'originals'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);
const leftovers = () => readdirSync(join(test.folder, 'library', 'tmp'));

describe('import', () => {
  it('copies a folder, whole and hidden files left out, and says what it did', async () => {
    test.picture('a.jpg', '4000x3000 a 1953-06-02T14:30:00');
    test.picture('deep/b.JPEG');
    test.picture('.hidden.jpg');
    test.picture('.folder/c.jpg');
    write(join(test.folder, 'photos', 'letter.txt'), 'Dear Anna');
    const report = await run([join(test.folder, 'photos')]);
    expect(report).toMatchObject({
      state: 'done',
      done: 2,
      total: 2,
      counted: true,
      imported: 2,
      failedCount: 0,
    });
    const photos = await Promise.all(report.photoIds.map(async (id) => test.api['photos.get']({ id })));
    const [a, b] = photos.toSorted((one, other) => one.name.localeCompare(other.name));
    expect(a).toMatchObject({
      ...{
        name: 'a.jpg',
        takenAt: '1953-06-02T14:30:00',
        width: 4000,
        height: 3000,
        state: 'new',
        storage: 'copied',
      },
      ...{ missing: false, bytes: 31 },
    });
    const { sha256, location } = b!;
    expect(location).toBe(join(test.folder, 'library', 'originals', sha256.slice(0, 2), `${sha256}.jpeg`));
    expect(readFileSync(location, 'utf8')).toBe('100x80 deep/b.JPEG');
    expect(leftovers()).toEqual([]);
  });

  it('leaves the own exports of photos that are there out of a folder, and says of which photo', async () => {
    const [photoId = 0] = await test.add('a.jpg');
    await addTestVersion(test, photoId, 'restored');
    const folder = join(test.folder, 'photos');
    const options = exportOptionsSchema.parse({ folder });
    await test.api['export.run']({ key: 'one', photoIds: [photoId], versionId: null, options });
    // Known by its bytes, wherever it is.
    renameSync(join(folder, 'a-restored.jpg'), join(folder, 'grandmother.jpg'));
    expect(await run([folder])).toMatchObject({
      ...{ done: 2, imported: 0, alreadyThere: 1, failedCount: 0, photoIds: [] },
      ...{ ownExports: 1, exports: [{ name: 'grandmother.jpg', photoName: 'a.jpg' }] },
    });
    expect(leftovers()).toEqual([]);
    expect(test.engine.count('describePhoto')).toBe(2);
  });

  it('takes an own export that a person names, and one whose photo is gone', async () => {
    const [a = 0, b = 0] = await test.add('a.jpg', 'b.jpg');
    await addTestVersion(test, a, 'restored a');
    await addTestVersion(test, b, 'restored b');
    const folder = join(test.folder, 'out');
    const options = exportOptionsSchema.parse({ folder });
    await test.api['export.run']({ key: 'one', photoIds: [a, b], versionId: null, options });
    expect(await run([join(folder, 'a-restored.jpg')])).toMatchObject({ imported: 1, ownExports: 0 });
    await test.api['photos.bin']({ ids: [b] });
    expect(await run([folder])).toMatchObject({ imported: 0, alreadyThere: 1, ownExports: 1 });
    await test.api['bin.empty']({});
    expect(await run([folder])).toMatchObject({ imported: 1, alreadyThere: 1, ownExports: 0 });
  });

  it('takes an original again of which only a copy byte for byte was exported', async () => {
    const [id = 0] = await test.add('a.jpg');
    const folder = join(test.folder, 'out');
    const options = exportOptionsSchema.parse({ folder });
    await test.api['export.run']({ key: 'one', photoIds: [id], versionId: null, options });
    rmSync(await test.library.originalFile(id));
    expect(await run([folder])).toMatchObject({ found: 1, ownExports: 0 });
  });

  it('copies what was known when it was looked at, and is gone when its turn comes', async () => {
    const [first = 0] = (await run([test.picture('a.jpg', '10x10 same')])).photoIds;
    await test.api['photos.bin']({ ids: [first] });
    const path = test.picture('b.jpg', '10x10 same');
    const { signal } = new AbortController();
    // Waited for once the file has been looked at.
    const emptied = async (go: () => void) => {
      await test.api['bin.empty']({});
      go();
    };
    const turn = { then: emptied } as unknown as Promise<void>;
    const request = { path, mode: 'copy', undoAs: null, signal, turn } as const;
    const { photoId } = await importPhoto(test.library.context, new Arrivals(), request);
    rmSync(path);
    expect(await test.api['photos.get']({ id: photoId })).toMatchObject({
      storage: 'copied',
      missing: false,
    });
    expect(leftovers()).toEqual([]);
  });

  it('takes the same bytes once, under whatever name, also at the same time', async () => {
    const paths = ['a.jpg', 'copy of a.jpg', 'third.jpg', 'fourth.jpg'].map((name) =>
      test.picture(name, '9x9 same'),
    );
    expect(await run(paths)).toMatchObject({ imported: 1, alreadyThere: 3 });
    const again = await run(paths);
    expect(again).toMatchObject({ imported: 0, alreadyThere: 4, photoIds: [] });
    const { name: photoName } = await test.api['photos.get']({ id: 1 });
    expect(again.duplicates.toSorted((one, other) => one.name.localeCompare(other.name))).toEqual(
      ['a.jpg', 'copy of a.jpg', 'fourth.jpg', 'third.jpg'].map((name) => ({ name, photoName })),
    );
    expect(originals()).toHaveLength(1);
    expect(test.engine.count('describePhoto')).toBe(1);
    expect(leftovers()).toEqual([]);
  });

  it('takes the good ones among bad ones and names each failure', async () => {
    const good = test.picture('good.jpg');
    const text = test.picture('letter.jpg', 'Dear Anna');
    const empty = test.picture('empty.jpg', '');
    const report = await run([text, good, empty, join(test.folder, 'nowhere.jpg')]);
    expect(report).toMatchObject({ state: 'done', imported: 1, failedCount: 3, done: 4, total: 4 });
    expect(report.failed.map(({ name, code }) => [name, code]).sort()).toEqual([
      ['empty.jpg', 'input/empty'],
      ['letter.jpg', 'input/not-an-image'],
      ['nowhere.jpg', 'input/not-found'],
    ]);
    // A person is told of their file, not of the library's copy of it.
    expect(report.failed.find(({ name }) => name === 'letter.jpg')?.message).toContain(text);
    expect([originals(), leftovers()]).toEqual([[expect.any(String)], []]);
  });

  it('copies nothing of a file that claims a terabyte', async () => {
    const huge = test.picture('huge.jpg');
    truncateSync(huge, 2 ** 40);
    for (const mode of ['copy', 'in-place'] as const)
      expect((await run([huge], mode)).failed).toMatchObject([{ name: 'huge.jpg', code: 'input/too-large' }]);
    expect([originals(), leftovers()]).toEqual([[], []]);
  });

  it.skipIf(process.getuid?.() === 0)('goes on past what may not be read', async () => {
    test.picture('good.jpg');
    chmodSync(test.picture('secret.jpg'), 0o000);
    mkdirSync(join(test.folder, 'photos', 'closed'), { mode: 0o000 });
    const report = await run([join(test.folder, 'photos')]);
    expect(report.imported).toBe(1);
    expect(report.failed.map(({ code }) => code)).toEqual(['input/unreadable', 'input/unreadable']);
  });

  it('says of a named thing that is no file that it is none', async () => {
    const report = await run(['/dev/null']);
    expect(report.failed).toEqual([expect.objectContaining({ code: 'input/unreadable' })]);
  });

  it('leaves an in-place original where it is', async () => {
    const path = test.picture('a.jpg');
    const { photoIds } = await run([path], 'in-place');
    expect(originals()).toEqual([]);
    expect(await test.api['photos.get']({ id: photoIds[0]! })).toMatchObject({
      storage: 'in-place',
      location: path,
    });
    expect(await test.library.originalFile(photoIds[0]!)).toBe(path);
  });

  it('follows links, each folder once, and never goes into the library itself', async () => {
    test.picture('a.jpg');
    symlinkSync(join(test.folder, 'photos'), join(test.folder, 'photos', 'loop'));
    symlinkSync(join(test.folder, 'library'), join(test.folder, 'photos', 'own'));
    await run([join(test.folder, 'photos')]);
    expect(await run([test.folder])).toMatchObject({
      imported: 0,
      alreadyThere: 1,
      failedCount: 0,
      total: 1,
    });
  });

  it('keeps names with any character as text', async () => {
    const names = ["Omas Kaffee ☕ '); DROP TABLE photos; --.jpg", 'фото 子供 صورة.jpg', 'a"b%_\\n.jpg'];
    const { photoIds } = await run(names.map((name) => test.picture(name, `10x10 ${name}`)));
    const found = await Promise.all(photoIds.map(async (id) => test.api['photos.get']({ id })));
    expect(found.map(({ name }) => name).sort()).toEqual(names.toSorted());
    expect(idsOf(test, { text: 'дет' })).toEqual([]);
    expect(idsOf(test, { text: 'фот' })).toHaveLength(1);
  });

  it('brings photos in the order of their files, failures or not', async () => {
    for (let i = 1; i <= 30; i++)
      test.picture(`scan ${i}.jpg`, i % 7 === 0 ? 'no picture' : `10x10 ${'x'.repeat((i * 37) % 50)} ${i}`);
    const { photoIds } = await run([join(test.folder, 'photos')]);
    expect(photoIds).toEqual(photoIds.toSorted((a, b) => a - b));
    const names = await Promise.all(photoIds.map(async (id) => (await test.api['photos.get']({ id })).name));
    const expected = Array.from({ length: 30 }, (_, i) => i + 1).filter((i) => i % 7 !== 0);
    expect(names).toEqual(expected.map((i) => `scan ${i}.jpg`));
  });

  it('composes names that a Mac took apart', async () => {
    const { photoIds } = await run([test.picture('Ko\u0308ln.jpg')]);
    expect((await test.api['photos.get']({ id: photoIds[0]! })).name).toBe('Köln.jpg');
  });

  it('drops dates that no calendar has', async () => {
    const [a, b] = await test.add('a.jpg');
    const paths = [
      test.picture('zero.jpg', '10x10 0000-00-00T00:00:00'),
      test.picture('feb.jpg', '10x10 2001-02-30T00:00:00'),
    ];
    const { photoIds } = await run(paths);
    const dates = await Promise.all(
      photoIds.map(async (id) => (await test.api['photos.get']({ id })).takenAt),
    );
    expect([a, b, dates]).toEqual([a, undefined, [null, null]]);
  });

  it('finds a missing original again by its bytes, copied or in place', async () => {
    const path = test.picture('a.jpg');
    const { photoIds } = await run([path]);
    const [id = 0] = photoIds;
    rmSync(await test.library.originalFile(id));
    expect(await test.api['photos.get']({ id })).toMatchObject({ missing: true });
    await expect(test.library.originalFile(id)).rejects.toMatchObject({ code: 'library/missing-original' });
    expect(await run([path])).toMatchObject({ imported: 0, alreadyThere: 0, found: 1, photoIds: [id] });
    expect(readFileSync(await test.library.originalFile(id), 'utf8')).toBe('100x80 a.jpg');

    rmSync(await test.library.originalFile(id));
    expect(await run([path], 'in-place')).toMatchObject({ found: 1 });
    expect(await test.library.originalFile(id)).toBe(path);
  });

  it('takes a photo out of the bin that comes again', async () => {
    const [id = 0] = await test.add('a.jpg');
    await test.api['photos.bin']({ ids: [id] });
    expect(await run([test.picture('a.jpg')])).toMatchObject({ imported: 1, photoIds: [id] });
    expect(idsOf(test)).toEqual([id]);
  });

  it('tries once more when the engine dies, and gives up after that', async () => {
    const describePhoto = test.engine.call.bind(test.engine);
    let deaths = 1;
    vi.spyOn(test.engine, 'call').mockImplementation(async (method, params, options) => {
      if (method === 'describePhoto' && deaths-- > 0) throw new HeirloomError('engine/died', 'gone');
      return describePhoto(method, params, options ?? {});
    });
    expect(await run([test.picture('a.jpg')])).toMatchObject({ imported: 1 });
    deaths = 2;
    const report = await run([test.picture('b.jpg'), test.picture('c.jpg')]);
    expect(report.imported + report.failedCount).toBe(2);
    expect(report.failed.every(({ code }) => code === 'engine/died')).toBe(true);
  });
});

describe('import control', () => {
  function manyPictures(count: number): string[] {
    return Array.from({ length: count }, (_, i) => test.picture(`p${i}.jpg`));
  }

  it('stands still while paused and goes on', async () => {
    const describe = test.engine.call.bind(test.engine);
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    vi.spyOn(test.engine, 'call').mockImplementation(async (...call) => {
      const answer = describe(...call);
      await released;
      return answer;
    });
    const { id } = test.library.importPaths(manyPictures(40), 'copy');
    await vi.waitFor(() => expect(test.engine.count('describePhoto')).toBe(1));
    test.library.imports.control({ id, action: 'pause' });
    release();
    // The files in work are finished; no other is begun.
    await vi.waitFor(() =>
      expect(test.library.imports.list()[0]).toMatchObject({ state: 'paused', imported: 3 }),
    );
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(test.engine.count('describePhoto')).toBe(3);
    test.library.imports.control({ id, action: 'resume' });
    expect(await test.library.importDone(id)).toMatchObject({ state: 'done', imported: 40 });
  });

  it('keeps what came before a cancel, and nothing half', async () => {
    const { id } = test.library.importPaths(manyPictures(40), 'copy');
    await vi.waitFor(() => expect(test.engine.count('describePhoto')).toBeGreaterThan(2));
    test.library.imports.control({ id, action: 'cancel' });
    const report = await test.library.importDone(id);
    expect(report.state).toBe('cancelled');
    expect(report.failedCount).toBe(0);
    expect(report.imported).toBeLessThan(40);
    expect(idsOf(test)).toHaveLength(report.imported);
    expect(originals()).toHaveLength(report.imported);
    expect(leftovers()).toEqual([]);
  });

  it('can be cancelled while paused', async () => {
    const { id } = test.library.importPaths(manyPictures(10), 'copy');
    test.library.imports.control({ id, action: 'pause' });
    test.library.imports.control({ id, action: 'cancel' });
    expect(await test.library.importDone(id)).toMatchObject({ state: 'cancelled', imported: 0 });
  });

  it('lists reports until they are dismissed', async () => {
    const { id } = await run([test.picture('a.jpg')]);
    expect(test.api['import.list']({})).toMatchObject([{ id, state: 'done', imported: 1 }]);
    await test.api['import.control']({ id, action: 'dismiss' });
    expect(test.api['import.list']({})).toEqual([]);
    expect(() => test.api['import.control']({ id, action: 'pause' })).toThrow('There is no import');
    expect(() => test.library.importDone(99)).toThrow('There is no import 99');
  });

  it('tells of progress, and of the end last', async () => {
    const { id } = await run(manyPictures(20));
    const reports = test.events.filter((event) => event.kind === 'import').map((event) => event.report);
    expect(reports.at(-1)).toMatchObject({ id, state: 'done', done: 20, total: 20, imported: 20 });
    const photos = test.events.filter((event) => event.kind === 'photos');
    expect(photos.length).toBeLessThan(20);
  });

  it('is ended by closing the library', async () => {
    test.library.importPaths(manyPictures(30), 'copy');
    await test.reopen();
    expect(originals()).toHaveLength(idsOf(test).length);
  });
});

describe('undo of an import', () => {
  it('takes all of it back as one, and brings it again', async () => {
    const [kept = 0] = await test.add('kept.jpg');
    await test.api['photos.bin']({ ids: [kept] });
    const report = await run(['kept.jpg', 'a.jpg', 'b.jpg'].map((name) => test.picture(name)));
    expect(report.imported).toBe(3);
    expect(await test.api['undo.undo']({})).toEqual({ label: 'import.start' });
    expect(idsOf(test)).toEqual([]);
    expect(idsOf(test, { bin: true })).toEqual([kept]);
    expect(await test.api['undo.redo']({})).toEqual({ label: 'import.start' });
    expect(idsOf(test)).toHaveLength(3);
    for (const id of idsOf(test)) expect(existsSync(await test.library.originalFile(id))).toBe(true);
  });

  it('deletes the copies when nothing can bring them back', async () => {
    await test.add('a.jpg');
    const b = test.picture('b.jpg');
    await run([b]);
    await test.api['undo.undo']({});
    expect(originals()).toHaveLength(2);
    await test.reopen();
    expect(originals()).toHaveLength(1);
    expect(existsSync(b)).toBe(true);
  });

  it('never deletes the file of bytes that came again', async () => {
    const path = test.picture('a.jpg');
    await run([path]);
    await test.api['undo.undo']({});
    await run([path]);
    await test.reopen();
    const [id = 0] = idsOf(test);
    expect(readFileSync(await test.library.originalFile(id), 'utf8')).toBe('100x80 a.jpg');
  });
});

describe('hard links', () => {
  it('copies, so that a change of the source leaves the original alone', async () => {
    const path = test.picture('a.jpg');
    linkSync(path, join(test.folder, 'linked.jpg'));
    const { photoIds } = await run([join(test.folder, 'linked.jpg')]);
    write(path, '1x1 changed');
    expect(readFileSync(await test.library.originalFile(photoIds[0]!), 'utf8')).toBe('100x80 a.jpg');
  });
});

describe('what nobody asked for', () => {
  it('comes in without a report and without undo, also where there is nothing', async () => {
    const { undo } = test.library.context.db.undoState;
    const { length } = test.library.imports.list();
    await test.library.imports.takeInQuietly([test.picture('sample.jpg')], 'copy');
    await test.library.imports.takeInQuietly([], 'copy');
    expect(idsOf(test, { text: 'sample' })).toHaveLength(1);
    expect(test.library.imports.list()).toHaveLength(length);
    expect(test.library.context.db.undoState).toEqual({ undo, redo: null });
  });

  it('is told of only where its report stays, so that no window keeps what nobody can dismiss', async () => {
    const told = () => test.events.flatMap((event) => (event.kind === 'import' ? [event.report.id] : []));
    const before = told().length;
    await test.library.imports.takeInQuietly([test.picture('quiet.jpg')], 'copy');
    await test.library.imports.takeIn([test.picture('quiet.jpg')], 'copy');
    expect(told()).toHaveLength(before);
    const { id } = await test.library.imports.takeIn([test.picture('new.jpg')], 'copy');
    expect(told().at(-1)).toBe(id);
    expect(test.library.imports.list().map((report) => report.id)).toContain(id);
    // Another window may have dismissed it.
    await test.api['import.control']({ id, action: 'dismiss' });
    await test.api['import.control']({ id, action: 'dismiss' });
  });
});
