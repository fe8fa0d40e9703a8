import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fillLibrary } from '../../../bench/fill-library.ts';
import { createEngines, type Engines } from '../../../main/engines.ts';
import { libraryHandlers } from '../../../main/library/library-handlers.ts';
import { openLibrary, type Library } from '../../../main/library/open-library.ts';
import { temporaryFolder } from '../../fixtures/make-pictures.ts';

describe('fillLibrary', () => {
  let folder: string;
  let engines: Engines;
  let library: Library;
  beforeEach(async () => {
    folder = await temporaryFolder();
    engines = createEngines({});
    library = await openLibrary({ folder: join(folder, 'library'), engines, emit: () => undefined });
    library.settings.set({ detectOnImport: false });
    const photos = join(folder, 'photos');
    await mkdir(photos);
    for (const background of ['#c03020', '#20c030'])
      await writeFile(
        join(photos, `${background}.png`),
        await sharp({ create: { width: 64, height: 48, channels: 3, background } })
          .png()
          .toBuffer(),
      );
    await library.importDone(library.importPaths([photos], 'copy').id);
  });
  afterEach(async () => {
    await library.close();
    await engines.close();
    await rm(folder, { recursive: true });
  });

  it('grows the library to the number asked for, over many months, some photos without a date', async () => {
    fillLibrary(library, 250);
    const months = await libraryHandlers(library)['timeline.months']({ query: { bin: false } });
    expect(months.reduce((sum, { count }) => sum + count, 0)).toBe(250);
    expect(months.length).toBeGreaterThan(100);
    expect(months.at(-1)).toEqual({ month: null, count: expect.any(Number) as number });
  });

  it('shows faces on two of three', async () => {
    fillLibrary(library, 62);
    const faces = await libraryHandlers(library)['timeline.ids']({ query: { bin: false, state: 'faces' } });
    expect(faces).toHaveLength(40);
  });

  it('gives each photo an original and thumbnails', async () => {
    fillLibrary(library, 10);
    const original = await library.originalFile(10);
    expect(await readFile(original)).toEqual(await readFile(await library.originalFile(2)));
    const { path } = await library.pictureFile({ kind: 'photo', id: 10, size: 'large' });
    expect((await stat(path)).nlink).toBeGreaterThan(1);
  });

  it('adds nothing where there is enough', async () => {
    fillLibrary(library, 1);
    expect(await libraryHandlers(library)['timeline.ids']({ query: { bin: false } })).toHaveLength(2);
  });
});
