import { open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { HeirloomError } from '../../contract/errors.ts';
import type { PhotoFile } from './decode.ts';
import { decoding, displayPipeline } from './display.ts';

/** 1-100. */
const QUALITY = 90;

/**
 * Writes the picture as a pyramid of WebP tiles, `folder/<level>/<column>_<row>.webp`: level 0 is full size, each
 * further one half of it (rounded up), the last fits one tile. libvips reads the picture in strips; only one whose
 * orientation turns it is held as a whole. Returns the number of levels.
 *
 * Throws `input/damaged`, and `output/unwritable` where not every tile got onto the disk.
 */
export async function writeTiles(file: PhotoFile, folder: string, tileSize: number): Promise<number> {
  await decoding(file, () => runPyramid(file, folder, tileSize));
  const levels = await sortLevels(folder);
  await requireEveryTile(folder, tileCounts(file.metadata, levels, tileSize));
  return levels;
}

async function runPyramid(file: PhotoFile, folder: string, tileSize: number): Promise<void> {
  const pipeline = (await displayPipeline(file, null))
    .webp({ quality: QUALITY, effort: 0 })
    .tile({ size: tileSize, overlap: 0, layout: 'dz', depth: 'onetile' });
  await pipeline.toFile(join(folder, 'pyramid.dz')).catch((error: Error) => {
    // What libvips says of its output.
    if (error.message.startsWith('archive:')) throw unwritable(folder, error.message.split('\n')[0]!);
    throw error;
  });
}

/** Deep Zoom counts from the smallest level. */
async function sortLevels(folder: string): Promise<number> {
  const pyramid = join(folder, 'pyramid_files');
  const entries = await readdir(pyramid, { withFileTypes: true });
  const levels = entries.filter((entry) => entry.isDirectory()).length;
  for (let level = 0; level < levels; level++)
    await rename(join(pyramid, String(levels - 1 - level)), join(folder, String(level)));
  await rm(pyramid, { recursive: true });
  await rm(join(folder, 'pyramid.dzi'), { force: true });
  return levels;
}

/** How many tiles each level has. */
function tileCounts({ width, height }: { width: number; height: number }, levels: number, tileSize: number) {
  const tiles = (side: number, level: number) => Math.ceil(Math.ceil(side / 2 ** level) / tileSize);
  return Array.from({ length: levels }, (_, level) => tiles(width, level) * tiles(height, level));
}

/** libvips only warns when the disk is full, and leaves tiles cut off. */
async function requireEveryTile(folder: string, counts: number[]): Promise<void> {
  for (const [level, count] of counts.entries()) {
    const names = await readdir(join(folder, String(level)));
    let whole = names.length === count;
    for (const name of names) whole &&= await isWholeWebp(join(folder, String(level), name));
    if (!whole) throw unwritable(folder, 'not every tile could be written; the disk may be full');
  }
}

/** Whether the file is as long as its header says (RFC 9649, section 2.4). */
async function isWholeWebp(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const header = Buffer.alloc(8);
    await file.read(header, 0, 8, 0);
    return (await file.stat()).size === header.readUInt32LE(4) + 8;
  } finally {
    await file.close();
  }
}

function unwritable(folder: string, reason: string): HeirloomError {
  return new HeirloomError('output/unwritable', `${folder} cannot be written: ${reason}`, { path: folder });
}
