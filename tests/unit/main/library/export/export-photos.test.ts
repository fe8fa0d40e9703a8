import { existsSync, linkSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ExportedVersion } from '../../../../../contract/api.ts';
import { HeirloomError } from '../../../../../contract/errors.ts';
import { exportOptionsSchema, type ExportOptions } from '../../../../../contract/library.ts';
import { addTestVersion, openTestLibrary, restored, write, type TestLibrary } from '../open-test-library.ts';

let test: TestLibrary;
let a: number;
let b: number;
let out: string;
beforeEach(async () => {
  test = await openTestLibrary();
  [a = 0, b = 0] = await test.add('a.jpg', 'b.jpg');
  out = join(test.folder, 'out');
});
afterEach(() => test.remove());

function run(ids: number[], options: Partial<ExportOptions> = {}, versionId: ExportedVersion = null) {
  return test.api['export.run']({
    key: 'one',
    photoIds: ids,
    versionId,
    options: exportOptionsSchema.parse({ folder: out, pattern: '{name}', ...options }),
  });
}

async function addInPlace(path: string): Promise<number> {
  const { id } = test.library.importPaths([path], 'in-place');
  const [photoId = 0] = (await test.library.importDone(id)).photoIds;
  return photoId;
}

const NOTHING = { written: [], skipped: [], taken: [], failed: [], cancelled: 0 };

describe('export', () => {
  it('writes the current version, or the original where there is none', async () => {
    await addTestVersion(test, a, 'restored');
    expect(await run([a, b])).toEqual({
      ...NOTHING,
      written: [
        { photoId: a, path: join(out, 'a.jpg') },
        { photoId: b, path: join(out, 'b.jpg') },
      ],
    });
    expect(readFileSync(join(out, 'a.jpg'), 'utf8')).toBe('200x160 restored');
    expect(readFileSync(join(out, 'b.jpg'), 'utf8')).toBe('100x80 b.jpg');
  });

  it('writes the original of a restored photo where that is asked for', async () => {
    await addTestVersion(test, a, 'restored');
    await run([a], { pattern: '{name}-restored', sideBySide: true }, 'original');
    expect(readdirSync(out)).toEqual(['a.jpg']);
    expect(readFileSync(join(out, 'a.jpg'), 'utf8')).toBe('100x80 a.jpg');
    expect(test.engine.last('exportPicture')).toMatchObject({ note: null, sideBySide: false });
  });

  it('counts the originals among them, and names only versions restored', async () => {
    const { id } = await addTestVersion(test, a, 'restored');
    const originals = (photoIds: number[]) => test.api['export.originals']({ photoIds });
    expect(await originals([a, b, 99])).toBe(1);
    await test.api['photos.setCurrentVersion']({ id: a, versionId: null });
    expect(await originals([a, b])).toBe(2);
    await test.api['photos.setCurrentVersion']({ id: a, versionId: id });
    await run([a, b], { pattern: '{name}-restored' });
    expect(readdirSync(out).sort()).toEqual(['a-restored.jpg', 'b.jpg']);
  });

  it('passes on what was asked for, with a note only where something was restored', async () => {
    await test.api['photos.rotate']({ ids: [a, b], by: 90 });
    await addTestVersion(test, a, 'restored');
    await run([a], { format: 'png', quality: 80, maxSide: 1000, keepMetadata: false, sideBySide: true });
    expect(test.engine.last('exportPicture')).toMatchObject({
      ...{
        format: 'png',
        quality: 80,
        maxSide: 1000,
        turn: 90,
        keepMetadata: false,
        sideBySide: true,
        overwrite: false,
      },
      original: await test.library.originalFile(a),
      output: join(out, 'a'),
      note: 'Faces restored by Heirloom 0.1.0 with tiny 1.0.0 (balanced, seed 0)',
    });
    await run([a], { xmpNote: false, ifExists: 'rename' });
    expect(test.engine.last('exportPicture').note).toBeNull();
    await run([b], { sideBySide: true });
    expect(test.engine.last('exportPicture')).toMatchObject({ note: null, sideBySide: false });
  });

  it('names in the note the faces that had settings of their own', async () => {
    const report = restored(write(`${test.library.versionOutput(a).stem}.jpg`, '200x160 restored'));
    const perFace = { 0: { seed: 7 }, 2: { preset: 'faithful' } };
    const recipe = { ...report.recipe, settings: { ...report.recipe.settings, perFace } };
    await test.library.addVersion(a, { ...report, recipe }, []);
    await run([a]);
    expect(test.engine.last('exportPicture').note).toBe(
      'Faces restored by Heirloom 0.1.0 with tiny 1.0.0 (balanced, seed 0' +
        '; with settings of its own: face 1 (balanced, seed 7)' +
        '; with settings of its own: face 3 (faithful, seed 0))',
    );
  });

  it('passes on what the family wrote down, unless metadata stays at home', async () => {
    await run([a]);
    expect(test.engine.last('exportPicture').facts).toEqual({ takenAt: null, caption: '', people: [] });
    await test.api['photos.setDate']({ ids: [a], takenAt: '1953-06-02' });
    await test.api['photos.setCaption']({ id: a, caption: ' At the lake\n' });
    for (const [x, name] of [
      [0.1, 'Anna'],
      [0.4, 'Tom'],
      [0.7, 'Anna'],
      [0.8, ''],
    ] as const) {
      const box = { x, y: 0.1, width: 0.1, height: 0.1 };
      const face = await test.api['faces.add']({ photoId: a, box });
      if (name) await test.api['faces.name']({ id: face.id, name });
    }
    await run([a], { ifExists: 'rename' });
    expect(test.engine.last('exportPicture').facts).toEqual({
      ...{ takenAt: '1953-06-02', caption: 'At the lake' },
      people: ['Anna', 'Tom'],
    });
    await run([a], { ifExists: 'rename', keepMetadata: false });
    expect(test.engine.last('exportPicture').facts).toBeNull();
  });

  it('writes a chosen version, and none of another photo', async () => {
    const first = await addTestVersion(test, a, 'first');
    await addTestVersion(test, a, 'second');
    await run([a], { pattern: '{name} {version}' }, first.id);
    expect(readFileSync(join(out, 'a 1.jpg'), 'utf8')).toBe('200x160 first');
    expect(await run([b], {}, first.id)).toMatchObject({
      written: [],
      failed: [{ photoId: b, code: 'library/not-found' }],
    });
  });

  it('asks, renames, skips or overwrites where a file is there', async () => {
    const path = write(join(out, 'a.jpg'), 'not mine');
    const there = () => readFileSync(path, 'utf8');
    expect(await run([a, b])).toEqual({ ...NOTHING, taken: [{ photoId: a, path }] });
    expect(existsSync(join(out, 'b.jpg'))).toBe(false);
    expect(await run([a], { ifExists: 'skip' })).toEqual({ ...NOTHING, skipped: [{ photoId: a, path }] });
    expect(there()).toBe('not mine');
    expect(await run([a], { ifExists: 'rename' })).toMatchObject({
      written: [{ path: join(out, 'a-2.jpg') }],
    });
    expect(await run([a], { ifExists: 'rename' })).toMatchObject({
      written: [{ path: join(out, 'a-3.jpg') }],
    });
    expect(there()).toBe('not mine');
    expect(await run([a], { ifExists: 'overwrite' })).toMatchObject({ written: [{ path }] });
    expect(there()).toBe('100x80 a.jpg');
  });

  it('gives two photos of one name two files, whatever the rule', async () => {
    const { id } = test.library.importPaths([test.picture('other/A.jpg', '1x1 other')], 'copy');
    const [c = 0] = (await test.library.importDone(id)).photoIds;
    for (const ifExists of ['ask', 'rename', 'skip', 'overwrite'] as const) {
      const folder = join(out, ifExists);
      const { written } = await run([a, c], { ifExists, folder });
      expect(written.map(({ path }) => path)).toEqual([join(folder, 'a.jpg'), join(folder, 'A-2.jpg')]);
    }
  });

  it('never writes over an original in place, by whatever name', async () => {
    const path = test.picture('in-place.jpg');
    const c = await addInPlace(path);
    const before = readFileSync(path, 'utf8');
    const folder = join(test.folder, 'photos');
    expect(await run([c], { folder, ifExists: 'overwrite' })).toMatchObject({
      written: [],
      failed: [{ photoId: c, code: 'output/exists' }],
    });
    // Another photo's export of that name, and a hard link to it elsewhere.
    expect(await run([a], { folder, pattern: 'in-place', ifExists: 'overwrite' })).toMatchObject({
      failed: [{ code: 'output/exists' }],
    });
    write(join(out, 'x'), '');
    linkSync(path, join(out, 'linked.jpg'));
    expect(await run([a], { pattern: 'linked', ifExists: 'overwrite' })).toMatchObject({
      failed: [{ code: 'output/exists' }],
    });
    expect(readFileSync(path, 'utf8')).toBe(before);
  });

  it('never writes over an original in place that another program has changed', async () => {
    const path = test.picture('in-place.jpg');
    const c = await addInPlace(path);
    await addTestVersion(test, c, 'restored');
    const edited = '100x80 cropped and brightened elsewhere';
    writeFileSync(path, edited);
    const folder = join(test.folder, 'photos');
    const other = join(test.folder, 'link to photos');
    symlinkSync(folder, other);
    write(join(out, 'x'), '');
    linkSync(path, join(out, 'linked.jpg'));
    const refused = { written: [], failed: [{ code: 'output/exists' }] };
    const expectRefusals = async () => {
      for (const [id, place] of [
        [a, { folder, pattern: 'in-place' }],
        [a, { folder: other, pattern: 'in-place' }],
        [a, { pattern: 'linked' }],
        [c, { folder }],
      ] as const)
        expect(await run([id], { ...place, ifExists: 'overwrite' })).toMatchObject(refused);
      expect(readFileSync(path, 'utf8')).toBe(edited);
    };
    // Before anybody noticed, and afterwards.
    await expectRefusals();
    await expect(test.library.originalFile(c)).rejects.toMatchObject({ code: 'library/changed-original' });
    await expectRefusals();
    expect(await run([c], { ifExists: 'overwrite' })).toMatchObject({ failed: [] });
  });

  it('never writes over an original where the name is that of a version without its own', async () => {
    const c = await addInPlace(test.picture('pair.jpg'));
    await addInPlace(test.picture('pair.png'));
    test.engine.on('describePhoto', () => ({
      ...{ format: 'png', width: 200, height: 160, depth: 8, takenAt: null, notes: [] },
    }));
    const output = write(`${test.library.versionOutput(c).stem}.png`, '200x160 restored');
    await test.library.addVersion(c, restored(output), []);
    const folder = join(test.folder, 'photos');
    rmSync(join(folder, 'pair.jpg'));
    expect(await run([c], { folder, ifExists: 'overwrite' })).toMatchObject({
      failed: [{ code: 'output/exists' }],
    });
    expect(test.engine.count('exportPicture')).toBe(0);
  });

  it('goes on after a failed item', async () => {
    rmSync(await test.library.originalFile(a));
    const report = await run([a, 99, b]);
    expect(report.failed.map(({ photoId, code }) => [photoId, code])).toEqual([
      [a, 'library/missing-original'],
      [99, 'library/not-found'],
    ]);
    expect(report.written).toHaveLength(1);
  });

  it('writes a version whose original is missing', async () => {
    await addTestVersion(test, a, 'restored');
    rmSync(await test.library.originalFile(a));
    expect((await run([a])).written).toHaveLength(1);
    expect(readFileSync(join(out, 'a.jpg'), 'utf8')).toBe('200x160 restored');
  });

  it('asks about the name of a version whose original in place is away, as it will be written', async () => {
    // Of the engine's own rules: it names a file after the original, and writes over none unasked.
    test.engine.on('exportPicture', ({ original, output, overwrite }) => {
      const path = output + extname(original);
      if (!overwrite && existsSync(path)) throw new HeirloomError('output/exists', `${path} exists already`);
      return { output: write(path, 'exported'), width: 1, height: 1 };
    });
    const file = test.picture('IMG.JPG');
    const id = await addInPlace(file);
    await addTestVersion(test, id, 'restored');
    rmSync(file);
    const path = join(out, 'IMG.jpg');
    expect((await run([id])).written).toEqual([{ photoId: id, path }]);
    expect(await run([id])).toEqual({ ...NOTHING, taken: [{ photoId: id, path }] });
    expect((await run([id], { ifExists: 'skip' })).skipped).toEqual([{ photoId: id, path }]);
    expect((await run([id], { ifExists: 'rename' })).written).toEqual([
      { photoId: id, path: join(out, 'IMG-2.jpg') },
    ]);
  });

  it('says what the engine said', async () => {
    test.engine.on('exportPicture', () => {
      throw new HeirloomError('output/unwritable', 'no space left');
    });
    expect(await run([a])).toMatchObject({
      failed: [{ photoId: a, code: 'output/unwritable', message: 'no space left' }],
    });
  });

  it('refuses the library itself, a relative folder and a file', async () => {
    const library = join(test.folder, 'library');
    await expect(run([a], { folder: join(library, 'originals') })).rejects.toMatchObject({
      code: 'output/unwritable',
    });
    await expect(run([a], { folder: 'somewhere' })).rejects.toMatchObject({ code: 'argument/invalid' });
    writeFileSync(join(test.folder, 'file'), '');
    await expect(run([a], { folder: join(test.folder, 'file') })).rejects.toMatchObject({
      code: 'output/unwritable',
    });
    expect(
      readdirSync(join(library, 'originals'), { recursive: true }).some((name) =>
        String(name).endsWith('a.jpg'),
      ),
    ).toBe(false);
    expect(existsSync('somewhere')).toBe(false);
  });

  it('makes the folders that are missing, and says why it cannot', async () => {
    const deep = join(out, 'one', '..', 'two', 'three');
    expect(await run([a], { folder: deep })).toMatchObject({ written: [{ path: join(deep, 'a.jpg') }] });
    const file = write(join(out, 'file'), '');
    for (const [folder, reason] of [
      [file, 'it is a file'],
      [join(file, 'below'), 'its folder is a file'],
    ] as const)
      await expect(run([a], { folder })).rejects.toMatchObject({
        code: 'output/unwritable',
        message: `${folder} cannot be written: ${reason}`,
      });
  });

  it.runIf(process.platform === 'linux')('does not hang where Linux makes no folder', async () => {
    for (const folder of ['/proc/nope', '/root/../proc/nope/deeper'])
      await expect(run([a], { folder })).rejects.toMatchObject({
        code: 'output/unwritable',
        message: expect.stringContaining('the system lets no folder be made there') as string,
      });
    expect((await run([a])).written).toHaveLength(1);
  });
});
