import { randomUUID } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { EngineParams, EngineResult } from '../contract/engine.ts';
import { HeirloomError } from '../contract/errors.ts';
import { writeError } from '../contract/write-error.ts';
import { cropTransform, faceSizePx } from './faces/alignment.ts';
import { openPhotoFile } from './image/decode.ts';
import { displayPixels, encodeCrop, encodeDisplay } from './image/display.ts';
import { toRgb, warpAffine } from './image/geometry.ts';
import { writeTiles } from './image/tiles.ts';
import { makeFolder } from './make-folder.ts';
import { formatOfName, writeOutput } from './output-file.ts';

/** Pixels that a face crop is made of, for each of its own: shrunk twice, it is still sharp. */
const CROP_OVERSAMPLING = 1.5;

/** The picture as a file that browsers show. Throws `input/*`, `output/*`, and `argument/invalid` for another name. */
export async function renderPicture({
  input,
  output,
  longSide,
}: EngineParams<'renderPicture'>): Promise<EngineResult<'renderPicture'>> {
  const format = formatOfName(output);
  if (format !== 'webp' && format !== 'jpeg')
    throw new HeirloomError('argument/invalid', `${output}: expected a name of a WebP or JPEG file`);
  const { bytes, width, height } = await encodeDisplay(await openPhotoFile(input), format, longSide);
  await writeOutput(output, bytes, { original: input, overwrite: true });
  return { width, height };
}

/** The aligned square around a face. Throws `input/*`, `output/*`, and `argument/invalid` for no face's landmarks. */
export async function cropFace({
  input,
  face,
  size,
  output,
}: EngineParams<'cropFace'>): Promise<EngineResult<'cropFace'>> {
  const file = await openPhotoFile(input);
  const { width, height } = file.metadata;
  const needed = (CROP_OVERSAMPLING * size) / faceSizePx(face, width, height);
  const image = await displayPixels(file, Math.ceil(needed * Math.max(width, height)));
  const crop = warpAffine(image, cropTransform(face, image.width, image.height, size), size, size);
  await writeOutput(output, await encodeCrop(toRgb(crop, 8)), { original: input, overwrite: true });
  return {};
}

/** Tiles of the picture; a folder of that name is replaced when all are there. Throws `input/*` and `output/*`. */
export async function makeTiles({
  input,
  folder,
  tileSize,
}: EngineParams<'makeTiles'>): Promise<EngineResult<'makeTiles'>> {
  const file = await openPhotoFile(input);
  const temporary = join(dirname(folder), `.heirloom-${randomUUID()}.tmp`);
  await makeFolder(temporary);
  try {
    const levels = await writeTiles(file, temporary, tileSize);
    await replaceFolder(temporary, folder);
    const { width, height } = file.metadata;
    return { levels, width, height };
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function replaceFolder(from: string, to: string): Promise<void> {
  try {
    await rm(to, { recursive: true, force: true });
    await rename(from, to);
  } catch (error) {
    throw writeError(to, error);
  }
}
