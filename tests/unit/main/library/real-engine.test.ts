import { readFileSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportOptionsSchema } from '../../../../contract/library.ts';
import { EngineClient } from '../../../../engine/client.ts';
import { libraryHandlers, type LibraryHandlers } from '../../../../main/library/library-handlers.ts';
import { openLibrary, type Library } from '../../../../main/library/open-library.ts';
import { PICTURES, temporaryFolder, writePicture } from '../../../fixtures/make-pictures.ts';

/** The library with the real engine process: what every kind of file becomes. */
let folder: string;
let engine: EngineClient;
let library: Library;
let api: LibraryHandlers;

beforeAll(async () => {
  folder = await temporaryFolder();
  engine = new EngineClient({ role: 'imaging' });
  library = await openLibrary({
    ...{
      folder: join(folder, 'library'),
      engines: { imaging: engine, interactive: engine },
      emit: () => undefined,
    },
  });
  api = libraryHandlers(library);
  await api['settings.set']({ detectOnImport: false });
});
afterAll(async () => {
  await library.close();
  await engine.close();
  await rm(folder, { recursive: true, force: true });
});

async function add(path: string, mode: 'copy' | 'in-place' = 'copy') {
  const { id } = library.importPaths([path], mode);
  return library.importDone(id);
}

async function sizeOf(path: string) {
  const { format, width, height } = await sharp(path).metadata();
  return { format, width, height };
}

describe('the library with the real engine', () => {
  it('imports every readable format of a folder and names the others', async () => {
    const source = join(folder, 'source');
    await mkdir(source);
    const names = [
      ...['plain.jpg', 'plain.png', 'plain.webp', 'plain.tiff', 'plain.avif', 'plain.gif', 'plain.heic'],
      ...['rgb16.tiff', 'cmyk.jpg', 'empty.jpg', 'text.jpg', 'truncated.png', 'magic-only.jpg'],
    ] as const;
    for (const name of names) await writePicture(source, name);
    const report = await add(source);
    expect(report).toMatchObject({ state: 'done', imported: 9, failedCount: 4 });
    const codes = Object.fromEntries(report.failed.map(({ name, code }) => [name, code]));
    expect(codes).toEqual({
      ...{ 'empty.jpg': 'input/empty', 'text.jpg': 'input/not-an-image' },
      ...{ 'truncated.png': 'input/damaged', 'magic-only.jpg': 'input/damaged' },
    });
    for (const id of report.photoIds) {
      const { name, width, height, depth } = await api['photos.get']({ id });
      const scale = name === 'plain.heic' ? 2 : 1;
      const expected = [name, 48 * scale, 32 * scale, name === 'rgb16.tiff' ? 16 : 8];
      expect([name, width, height, depth]).toEqual(expected);
      for (const size of ['small', 'large', 'view', 'full'] as const) {
        const { path, contentType } = await library.pictureFile({ kind: 'photo', id, size });
        const { width: shown, format } = await sizeOf(path);
        expect([name, size, shown]).toEqual([name, size, 48 * scale]);
        expect(contentType).toBe(`image/${format === 'heif' ? 'avif' : format}`);
      }
    }
    expect(await readdir(join(folder, 'library', 'tmp'))).toEqual([]);
  });

  it('reads when a photo was taken, and turns it upright', async () => {
    const path = join(folder, 'dated.jpg');
    await sharp(await PICTURES['plain.png']())
      .withMetadata({ orientation: 6 })
      .withExifMerge({ IFD2: { DateTimeOriginal: '1953:06:02 14:30:00' } })
      .jpeg()
      .toFile(path);
    const [id = 0] = (await add(path)).photoIds;
    expect(await api['photos.get']({ id })).toMatchObject({
      takenAt: '1953-06-02T14:30:00',
      width: 32,
      height: 48,
    });
    expect(
      await sizeOf((await library.pictureFile({ kind: 'photo', id, size: 'small' })).path),
    ).toMatchObject({
      ...{ format: 'webp', width: 32, height: 48 },
    });
  });

  it('makes thumbnails, views and tiles of a large picture', async () => {
    const path = join(folder, 'large.jpg');
    await sharp({ create: { width: 3000, height: 2000, channels: 3, background: '#806040' } })
      .jpeg()
      .toFile(path);
    const [id = 0] = (await add(path)).photoIds;
    const widths = await Promise.all(
      (['small', 'large', 'view'] as const).map(
        async (size) => (await sizeOf((await library.pictureFile({ kind: 'photo', id, size })).path)).width,
      ),
    );
    expect(widths).toEqual([256, 640, 2048]);
    const tile = await library.pictureFile({ kind: 'photo-tile', id, level: 0, column: 5, row: 3 });
    expect(await sizeOf(tile.path)).toEqual({
      format: 'webp',
      width: 3000 - 5 * 512,
      height: 2000 - 3 * 512,
    });
    // The last level fits one tile: 3000 / 2^3 = 375.
    const last = await library.pictureFile({ kind: 'photo-tile', id, level: 3, column: 0, row: 0 });
    expect((await sizeOf(last.path)).width).toBe(375);
    await expect(
      library.pictureFile({ kind: 'photo-tile', id, level: 4, column: 0, row: 0 }),
    ).rejects.toMatchObject({ code: 'library/not-found' });
  });

  it('exports with the turn, and copies what nothing is to change about', async () => {
    const path = await writePicture(folder, 'plain.jpg', 'export me.jpg');
    const bytes = Buffer.concat([readFileSync(path), Buffer.from('so that it is another photo')]);
    const { writeFile } = await import('node:fs/promises');
    await writeFile(path, bytes);
    const [id = 0] = (await add(path, 'in-place')).photoIds;
    const out = join(folder, 'out');
    const run = (options: object) =>
      api['export.run']({
        key: 'one',
        photoIds: [id],
        versionId: null,
        options: exportOptionsSchema.parse({ folder: out, pattern: '{name}', ...options }),
      });
    const copied = await run({});
    expect(readFileSync(copied.written[0]!.path).equals(bytes)).toBe(true);
    await api['photos.rotate']({ ids: [id], by: 90 });
    expect(await run({})).toMatchObject({ written: [], taken: [{ path: join(out, 'export me.jpg') }] });
    for (const [format, extension] of Object.entries({
      jpeg: 'jpg',
      png: 'png',
      webp: 'webp',
      tiff: 'tif',
    })) {
      const { written } = await run({ format, ifExists: 'rename' });
      const expected = format === 'jpeg' ? 'export me-2.jpg' : `export me.${extension}`;
      expect(written).toEqual([{ photoId: id, path: join(out, expected) }]);
      expect(await sizeOf(written[0]!.path)).toEqual({ format, width: 32, height: 48 });
    }
    const own = await run({ folder, ifExists: 'overwrite' });
    expect(own.failed).toMatchObject([{ code: 'output/exists' }]);
    expect(readFileSync(path).equals(bytes)).toBe(true);
  });

  it('finds the faces of a sample, crops them, and takes one that a person draws', async () => {
    const [id = 0] = (await add('samples/portrait-1938.jpg')).photoIds;
    const [face] = await library.knownFaces(id);
    expect(face?.known.landmarks).toHaveLength(68);
    const { path } = await library.pictureFile({ kind: 'face', id: face!.faceId });
    expect(await sizeOf(path)).toEqual({ format: 'webp', width: 256, height: 256 });
    const drawn = await api['faces.add']({ photoId: id, box: { x: 0.02, y: 0.02, width: 0.1, height: 0.1 } });
    expect(drawn).toMatchObject({ source: 'person', number: 1 });
    expect(drawn.sizePx).toBeGreaterThan(20);
  });
});
