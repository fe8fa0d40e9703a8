import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isOwnFile, LibraryFolder } from '../../main/library/library-folder.ts';
import { openTestLibrary, type TestLibrary } from '../unit/main/library/open-test-library.ts';

/** A library may come from somebody else: its rows are no more to be trusted than any other file. */

const SHA = 'a'.repeat(64);
let test: TestLibrary;
beforeEach(async () => {
  test = await openTestLibrary();
});
afterEach(() => test.remove());

/** Writes into the closed library as its sender could. */
async function tamper(sql: string, ...values: unknown[]): Promise<void> {
  await test.library.close();
  const db = new Database(join(test.folder, 'library', 'library.sqlite'));
  db.prepare(sql).run(...values);
  db.close();
}

describe('a library whose rows lie', () => {
  it.each([
    ['../../precious/letter.txt', SHA],
    ['originals/../../precious/letter.txt', SHA],
    ['versions/1/1.png', '../../precious'],
    ['', '../../precious'],
  ])('deletes nothing outside of it: %j of %j', async (path, sha256) => {
    const precious = join(test.folder, 'precious');
    mkdirSync(precious);
    writeFileSync(join(precious, 'letter.txt'), 'Dear Anna');
    const row = path.startsWith('../../') ? '../precious/letter.txt' : path;
    await tamper('INSERT INTO discarded_files VALUES (?, ?)', row, sha256);
    await test.reopen();
    expect(readFileSync(join(precious, 'letter.txt'), 'utf8')).toBe('Dear Anna');
  });

  it('shows no file outside of it as a photo', async () => {
    const { id } = test.library.importPaths([test.picture('good.jpg')], 'copy');
    const { photoIds } = await test.library.importDone(id);
    await tamper('UPDATE photos SET path = ?', '../../../../../../etc/passwd');
    await test.reopen();
    for (const size of ['full', 'view'] as const)
      await expect(test.library.pictureFile({ kind: 'photo', id: photoIds[0]!, size })).rejects.toMatchObject(
        { code: 'library/damaged' },
      );
  });
});

describe('LibraryFolder', () => {
  const folder = new LibraryFolder('/libraries/ours');

  it.each(['../theirs', 'originals/../../theirs', '..', 'originals/../../ours2/x'])(
    'refuses the path %j',
    (path) => {
      expect(() => folder.absolute(path)).toThrow('lies outside');
      expect(() => folder.cached('tiles', `../../${path}`)).toThrow('lies outside');
      expect(() => folder.thumbnail(`../../../${path}`, 'small')).toThrow('lies outside');
    },
  );

  it('knows its own files by their names', () => {
    expect(isOwnFile({ path: folder.originalPath(SHA, 'a.JPG'), sha256: SHA })).toBe(true);
    expect(isOwnFile({ path: folder.versionPath(12, 3, 'a.png'), sha256: SHA })).toBe(true);
    for (const path of ['library.sqlite', `originals/aa/${SHA}/..`, 'versions/1/../../x', '/etc/passwd'])
      expect(isOwnFile({ path, sha256: SHA }), path).toBe(false);
    expect(isOwnFile({ path: 'versions/1/1.png', sha256: '..' })).toBe(false);
  });
});

describe('a link into the library', () => {
  it('is not watched, or it would import its own thumbnails for ever', async () => {
    const link = join(test.folder, 'innocent');
    symlinkSync(join(test.folder, 'library'), link);
    await expect(test.api['folders.watch']({ path: link, mode: 'copy' })).rejects.toMatchObject({
      code: 'argument/invalid',
    });
    await expect(
      test.api['folders.watch']({ path: join(link, 'thumbnails'), mode: 'copy' }),
    ).rejects.toMatchObject({ code: 'argument/invalid' });
  });

  it('is not imported from, nor exported to', async () => {
    const link = join(test.folder, 'innocent');
    symlinkSync(join(test.folder, 'library'), link);
    const { id } = test.library.importPaths([test.picture('good.jpg')], 'copy');
    const { photoIds } = await test.library.importDone(id);
    const again = test.library.importPaths([link], 'copy');
    expect(await test.library.importDone(again.id)).toMatchObject({ total: 0 });
    const exported = test.api['export.run']({
      key: 'export',
      photoIds: [photoIds[0]!],
      versionId: null,
      options: {
        ...{ folder: join(link, 'originals'), pattern: '{name}', format: 'same', quality: 90, maxSide: null },
        ...{ keepMetadata: true, xmpNote: true, sideBySide: false, ifExists: 'overwrite' },
      },
    });
    await expect(exported).rejects.toMatchObject({ code: 'output/unwritable' });
    expect(existsSync(join(test.folder, 'library', 'originals', 'good-restored.jpg'))).toBe(false);
  });
});
