import { cp, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import type { EngineMethod, EngineResult, Inspection } from '../../contract/engine.ts';
import { EngineClient } from '../../engine/client.ts';
import type { Engine } from '../../main/library/engine.ts';
import { libraryHandlers } from '../../main/library/library-handlers.ts';
import { openLibrary, type Library } from '../../main/library/open-library.ts';
import { SAMPLE } from '../fixtures/run-cli.ts';
import { TINY_PACK, TINY_PACK_ID } from '../fixtures/tiny-pack.ts';

const WIDTH = 240;

/** A folder for everything of a run; in memory where the machine has such a disk, since thousands of fsyncs wait. */
export function workFolder(): Promise<string> {
  const parent = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
  return mkdtemp(join(parent, 'heirloom-faults-'));
}

/** One real face, found once in the full sample; each picture is that sample, small and with another tint. */
export async function findFace(): Promise<Inspection> {
  const engine = new EngineClient({ role: 'imaging' });
  try {
    const inspection = await engine.call('inspectPhoto', { input: SAMPLE });
    const [face] = inspection.faces;
    const sizePx = (face!.sizePx * WIDTH) / inspection.width;
    return { ...inspection, faces: [{ ...face!, sizePx }] };
  } finally {
    await engine.close();
  }
}

/** Finds that face in every picture, at once. */
export function engineThatFinds(face: Inspection): Engine {
  return {
    call: <M extends EngineMethod>(method: M) =>
      method === 'inspectPhoto'
        ? Promise.resolve(face as EngineResult<M>)
        : Promise.reject(new Error(`${method} is not expected`)),
  };
}

/** Small JPEGs, no two alike. */
export async function makePictures(folder: string, count: number, from = 0): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const small = await sharp(SAMPLE).resize(WIDTH).toBuffer();
  const paths: string[] = [];
  for (let i = from; i < from + count; i++) {
    const path = join(folder, `photo-${String(i).padStart(4, '0')}.jpg`);
    const hue = (i * 37) % 360;
    await writeFile(
      path,
      await sharp(small)
        .modulate({ hue, brightness: 0.8 + (i % 97) / 300 })
        .withExif({ IFD0: { Artist: String(i) } })
        .jpeg()
        .toBuffer(),
    );
    paths.push(path);
  }
  return paths;
}

export interface FaultLibrary {
  folder: string;
  photoIds: number[];
}

/** A library of so many photos, each with its face found, the tiny pack chosen, no tour and nothing in the background. */
export async function makeFaultLibrary(
  folder: string,
  pictures: string[],
  face: Inspection,
): Promise<FaultLibrary> {
  const imaging = new EngineClient({ role: 'imaging' });
  const library = await openLibrary({
    ...{ folder, engines: { imaging, interactive: engineThatFinds(face) }, emit: () => undefined },
  });
  try {
    const photoIds = await fill(library, pictures);
    await cp(TINY_PACK, join(folder, 'packs', TINY_PACK_ID), { recursive: true });
    return { folder, photoIds };
  } finally {
    await library.close();
    await imaging.close();
  }
}

async function fill(library: Library, pictures: string[]): Promise<number[]> {
  const settings = { detectOnImport: false, tourDone: true, provider: 'cpu', packId: TINY_PACK_ID } as const;
  await libraryHandlers(library)['settings.set'](settings);
  const { photoIds } = await library.importDone(library.importPaths(pictures, 'copy').id);
  for (const id of photoIds) await library.knownFaces(id);
  return photoIds;
}
