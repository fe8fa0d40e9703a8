import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HeirloomError } from '../../../../contract/errors.ts';
import type { PictureAddress } from '../../../../contract/pictures.ts';
import { addTestVersion, BOX, openTestLibrary, write, type TestLibrary } from './open-test-library.ts';

let test: TestLibrary;
let small: number;
let large: number;
beforeEach(async () => {
  test = await openTestLibrary();
  [small = 0] = await test.add('small.jpg');
  const { id } = test.library.importPaths([test.picture('large.jpg', '4000x3000 large')], 'copy');
  [large = 0] = (await test.library.importDone(id)).photoIds;
});
afterEach(() => test.remove());

const file = (address: PictureAddress) => test.library.pictureFile(address);
const inLibrary = (path: string) => path.startsWith(join(test.folder, 'library'));

describe('pictureFile', () => {
  it('gives the thumbnails of the import', async () => {
    const { path, contentType } = await file({ kind: 'photo', id: small, size: 'large' });
    expect([readFileSync(path, 'utf8'), contentType]).toEqual(['thumbnail 640', 'image/webp']);
    expect(test.engine.count('renderPicture')).toBe(0);
  });

  it('makes a thumbnail again that was deleted', async () => {
    const { path } = await file({ kind: 'photo', id: small, size: 'small' });
    rmSync(path);
    expect(readFileSync((await file({ kind: 'photo', id: small, size: 'small' })).path, 'utf8')).toBe(
      'rendered',
    );
    expect(test.engine.last('renderPicture')).toMatchObject({ longSide: 256, output: path });
  });

  it('shows the original itself where browsers can, and a view of a large one', async () => {
    const original = await test.library.originalFile(small);
    expect(await file({ kind: 'photo', id: small, size: 'full' })).toEqual({
      path: original,
      contentType: 'image/jpeg',
    });
    expect((await file({ kind: 'photo', id: small, size: 'view' })).path).toBe(original);
    expect((await file({ kind: 'photo', id: large, size: 'full' })).path).toBe(
      await test.library.originalFile(large),
    );
    const view = await file({ kind: 'photo', id: large, size: 'view' });
    expect(view).toMatchObject({ contentType: 'image/webp' });
    expect(test.engine.last('renderPicture')).toMatchObject({ longSide: 2048, output: view.path });
  });

  it('renders every pixel of what browsers do not show', async () => {
    test.engine.on('describePhoto', () => ({
      ...{ format: 'tiff', width: 20_000, height: 100, depth: 16, takenAt: null, notes: [] },
    }));
    const { id } = test.library.importPaths([test.picture('scan.tif')], 'copy');
    const [scan = 0] = (await test.library.importDone(id)).photoIds;
    // Wider than WebP can be.
    expect(await file({ kind: 'photo', id: scan, size: 'full' })).toMatchObject({
      contentType: 'image/jpeg',
    });
    expect(test.engine.last('renderPicture')).toMatchObject({ longSide: null });
  });

  it('gives versions in the same sizes', async () => {
    const { id } = await addTestVersion(test, small, 'v');
    expect(readFileSync((await file({ kind: 'version', id, size: 'full' })).path, 'utf8')).toBe('200x160 v');
    expect(readFileSync((await file({ kind: 'version', id, size: 'small' })).path, 'utf8')).toBe(
      'thumbnail 256',
    );
  });

  it('makes a thing once, however many ask for it at the same time', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => file({ kind: 'photo', id: large, size: 'view' })),
    );
    expect(new Set(answers.map(({ path }) => path)).size).toBe(1);
    await file({ kind: 'photo', id: large, size: 'view' });
    expect(test.engine.count('renderPicture')).toBe(1);
    await Promise.all(
      Array.from({ length: 20 }, () => file({ kind: 'photo-tile', id: large, level: 0, column: 0, row: 0 })),
    );
    expect(test.engine.count('makeTiles')).toBe(1);
  });

  it('tries again after a failure', async () => {
    let failures = 1;
    test.engine.on('renderPicture', ({ output }) => {
      if (failures-- > 0) throw new HeirloomError('input/damaged', 'large.jpg is damaged');
      write(output, 'at last');
      return { width: 1, height: 1 };
    });
    await expect(file({ kind: 'photo', id: large, size: 'view' })).rejects.toMatchObject({
      code: 'input/damaged',
    });
    expect(readFileSync((await file({ kind: 'photo', id: large, size: 'view' })).path, 'utf8')).toBe(
      'at last',
    );
  });

  it('knows which tiles there can be', async () => {
    expect(await file({ kind: 'photo-tile', id: large, level: 0, column: 0, row: 0 })).toMatchObject({
      contentType: 'image/webp',
    });
    const absent = [
      { level: 0, column: 8, row: 0 },
      { level: 0, column: 0, row: 6 },
      { level: 4, column: 0, row: 0 },
      { level: 99_999, column: 0, row: 0 },
      // Inside, but not among the files that were made.
      { level: 1, column: 1, row: 1 },
    ];
    for (const tile of absent)
      await expect(file({ kind: 'photo-tile', id: large, ...tile })).rejects.toMatchObject({
        code: 'library/not-found',
      });
    expect(test.engine.count('makeTiles')).toBe(1);
  });

  it('crops faces, anew when they move', async () => {
    const [face] = await test.library.knownFaces(small);
    const id = face!.faceId;
    const before = await file({ kind: 'face', id });
    expect(test.engine.last('cropFace')).toMatchObject({
      size: 256,
      face: { box: BOX },
      output: before.path,
    });
    await file({ kind: 'face', id });
    expect(test.engine.count('cropFace')).toBe(1);
    await test.api['faces.update']({ id, box: { ...BOX, x: 0.1 } });
    expect((await file({ kind: 'face', id })).path).not.toBe(before.path);
    const { id: versionId } = await addTestVersion(test, small, 'v');
    const ofVersion = await file({ kind: 'face-of-version', id, versionId });
    expect(test.engine.last('cropFace').input).toBe(
      (await file({ kind: 'version', id: versionId, size: 'full' })).path,
    );
    expect(inLibrary(ofVersion.path)).toBe(true);
    const other = await addTestVersion(test, large, 'w');
    await expect(file({ kind: 'face-of-version', id, versionId: other.id })).rejects.toMatchObject({
      code: 'library/not-found',
    });
  });

  it('refuses ids that the library does not hold', async () => {
    const addresses: PictureAddress[] = [
      { kind: 'photo', id: 99, size: 'small' },
      { kind: 'version', id: 99, size: 'full' },
      { kind: 'face', id: 99 },
      { kind: 'face-of-version', id: 1, versionId: 99 },
      { kind: 'photo-tile', id: 99, level: 0, column: 0, row: 0 },
      { kind: 'version-tile', id: 99, level: 0, column: 0, row: 0 },
    ];
    for (const address of addresses)
      await expect(file(address)).rejects.toMatchObject({ code: 'library/not-found' });
    expect(test.engine.count('renderPicture') + test.engine.count('makeTiles')).toBe(0);
  });

  it('shows nothing but the original outside of the library', async () => {
    const path = test.picture('in-place.jpg', '3000x100 x');
    const { id: run } = test.library.importPaths([path], 'in-place');
    const [id = 0] = (await test.library.importDone(run)).photoIds;
    expect((await file({ kind: 'photo', id, size: 'full' })).path).toBe(path);
    for (const size of ['small', 'large', 'view'] as const)
      expect(inLibrary((await file({ kind: 'photo', id, size })).path)).toBe(true);
  });
});
