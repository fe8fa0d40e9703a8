import { mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { HeirloomError } from '../../../../contract/errors.ts';
import { exportOptionsSchema } from '../../../../contract/library.ts';
import { addTestVersion, idsOf, openTestLibrary, write, type TestLibrary } from './open-test-library.ts';

let test: TestLibrary;
let scans: string;
beforeEach(async () => {
  test = await openTestLibrary();
  scans = join(test.folder, 'scans');
  mkdirSync(scans);
});
afterEach(() => test.remove());

const PATIENCE = { timeout: 30_000, interval: 50 };
const arrived = (count: number) => vi.waitFor(() => expect(idsOf(test)).toHaveLength(count), PATIENCE);
/** What was imported is also remembered as seen. */
const seen = (count: number) =>
  vi.waitFor(
    () => expect(test.library.context.db.value('SELECT count(*) FROM seen_files')).toBe(count),
    PATIENCE,
  );

describe('watched folders', () => {
  it('bring what is there, what comes, and what came while Heirloom was closed', async () => {
    write(join(scans, 'a.jpg'), '10x10 a');
    write(join(scans, 'letter.txt'), 'Dear Anna');
    const folder = await test.api['folders.watch']({ path: scans, mode: 'in-place' });
    expect(folder).toEqual({ id: 1, path: scans, mode: 'in-place', reachable: true });
    await arrived(1);
    write(join(scans, 'deep', 'b.jpg'), '10x10 b');
    await arrived(2);
    await seen(2);
    await test.library.close();
    write(join(scans, 'c.jpg'), '10x10 c');
    await test.reopen();
    await arrived(3);
    // Files that were looked at before are not read again.
    expect(test.engine.count('describePhoto')).toBe(3);
    expect(await test.library.originalFile(idsOf(test)[0]!)).toBe(join(scans, 'c.jpg'));
  });

  it('do not bring back as new photos what is exported into them, nor tell of it', async () => {
    write(join(scans, 'a.jpg'), '10x10 a');
    await test.api['folders.watch']({ path: scans, mode: 'in-place' });
    await arrived(1);
    const [id = 0] = idsOf(test);
    await addTestVersion(test, id, 'restored');
    const options = exportOptionsSchema.parse({ folder: scans });
    const exported = async (ifExists: 'ask' | 'overwrite') =>
      (
        await test.api['export.run']({
          key: 'one',
          photoIds: [id],
          versionId: null,
          options: { ...options, ifExists },
        })
      ).written;
    const written = [{ photoId: id, path: join(scans, 'a-restored.jpg') }];
    expect(await exported('ask')).toEqual(written);
    await seen(2);
    // The same name again, with other bytes.
    await addTestVersion(test, id, 'restored once more');
    expect(await exported('overwrite')).toEqual(written);
    write(join(scans, 'b.jpg'), '10x10 b');
    await arrived(2);
    await seen(3);
    expect(idsOf(test)).toHaveLength(2);
    expect(test.library.imports.list().map(({ imported }) => imported)).toEqual([1, 1]);
  });

  it('try a file again that could not be taken in, and leave what is no picture', async () => {
    write(join(scans, 'a.jpg'), '10x10 a');
    write(join(scans, 'letter.jpg'), 'Dear Anna');
    let isFull = true;
    test.engine.on('describePhoto', ({ input }) => {
      if (input.endsWith('letter.jpg')) throw new HeirloomError('input/not-an-image', 'a letter');
      if (isFull) throw new HeirloomError('output/unwritable', 'the disk is full');
      return { format: 'jpeg', width: 10, height: 10, depth: 8, takenAt: null, notes: [] };
    });
    await test.api['folders.watch']({ path: scans, mode: 'in-place' });
    await vi.waitFor(() => expect(test.engine.count('describePhoto')).toBe(2), PATIENCE);
    await seen(1);
    expect(idsOf(test)).toEqual([]);
    isFull = false;
    await test.reopen();
    await arrived(1);
    await seen(2);
    expect(test.engine.count('describePhoto')).toBe(3);
  });

  it('may be links: known by their name, and gone with the folder behind', async () => {
    const link = join(test.folder, 'link to scans');
    symlinkSync(scans, link);
    // A link below is not followed.
    test.picture('elsewhere.jpg');
    symlinkSync(join(test.folder, 'photos'), join(scans, 'more'));
    write(join(scans, 'a.jpg'), '10x10 a');
    await test.api['folders.watch']({ path: link, mode: 'in-place' });
    await arrived(1);
    await seen(1);
    expect(await test.library.originalFile(idsOf(test)[0]!)).toBe(join(link, 'a.jpg'));
    write(join(scans, 'deep', 'b.jpg'), '10x10 b');
    await arrived(2);
    rmSync(scans, { recursive: true });
    const isGone = () => expect(test.api['folders.list']({})).toMatchObject([{ reachable: false }]);
    await vi.waitFor(isGone, PATIENCE);
  });

  it('leave the library out, also one that was opened through a link', async () => {
    const { folder, remove } = test;
    onTestFinished(remove);
    const [home, link] = [join(folder, 'home'), join(folder, 'link')];
    mkdirSync(home);
    symlinkSync(home, link);
    test = await openTestLibrary({ folder: join(link, 'library') });
    write(join(home, 'library', 'recovered', 'lost.jpg'), '10x10 lost');
    write(join(home, 'a.jpg'), '10x10 a');
    await test.api['folders.watch']({ path: home, mode: 'copy' });
    await arrived(1);
    // By the time that another one comes, everything that was there has come too.
    const late = write(join(home, 'b.jpg'), '10x10 b');
    const { db } = test.library.context;
    const paths = () => db.column<string>('SELECT path FROM seen_files ORDER BY path');
    await vi.waitFor(() => expect(paths()).toContain(late), PATIENCE);
    expect(paths()).toEqual([join(home, 'a.jpg'), late]);
  });

  it('end with unwatch, and go on when that is undone', async () => {
    const { id } = await test.api['folders.watch']({ path: scans, mode: 'copy' });
    await test.api['folders.unwatch']({ id });
    expect(test.api['folders.list']({})).toEqual([]);
    expect(test.events.filter(({ kind }) => kind === 'folders').length).toBeGreaterThan(1);
    await test.api['undo.undo']({});
    await vi.waitFor(() => expect(test.api['folders.list']({})).toMatchObject([{ reachable: true }]));
    write(join(scans, 'a.jpg'), '10x10 a');
    await arrived(1);
  });

  it('are noted where they cannot be seen, and followed again when they are back', async () => {
    await test.api['folders.watch']({ path: scans, mode: 'copy' });
    renameSync(scans, `${scans} away`);
    await test.library.folders.sync();
    expect(test.api['folders.list']({})).toMatchObject([{ reachable: false }]);
    renameSync(`${scans} away`, scans);
    write(join(scans, 'a.jpg'), '10x10 a');
    await test.library.folders.sync();
    expect(test.api['folders.list']({})).toMatchObject([{ reachable: true }]);
    await arrived(1);
  });

  it('may be gone at the start', async () => {
    await test.api['folders.watch']({ path: scans, mode: 'copy' });
    await test.library.close();
    rmSync(scans, { recursive: true });
    await test.reopen();
    await test.library.settled();
    expect(test.api['folders.list']({})).toMatchObject([{ reachable: false }]);
  });

  it('are refused where there is none, and inside the library', async () => {
    const watch = (path: string) => test.api['folders.watch']({ path, mode: 'copy' });
    await expect(watch(join(test.folder, 'nowhere'))).rejects.toMatchObject({ code: 'input/not-found' });
    await expect(watch(test.picture('a.jpg'))).rejects.toMatchObject({ code: 'input/not-found' });
    await expect(watch(join(test.folder, 'library', 'originals'))).rejects.toMatchObject({
      code: 'argument/invalid',
    });
    await expect(test.api['folders.unwatch']({ id: 9 })).rejects.toMatchObject({ code: 'library/not-found' });
  });

  it('take the new mode when watched again', async () => {
    await test.api['folders.watch']({ path: scans, mode: 'copy' });
    await test.api['folders.watch']({ path: scans, mode: 'in-place' });
    expect(test.api['folders.list']({})).toMatchObject([{ mode: 'in-place' }]);
    write(join(scans, 'a.jpg'), '10x10 a');
    await arrived(1);
    expect((await test.api['photos.get']({ id: idsOf(test)[0]! })).storage).toBe('in-place');
  });
});
