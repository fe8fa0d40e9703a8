import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { extract, type Extract } from 'tar-stream';
import { HeirloomError } from '../contract/errors.ts';
import { isPictureName } from '../contract/picture-names.ts';

export interface Pair {
  /** File name without extension. */
  name: string;
  /** Bytes of the degraded picture's file. */
  lq: Uint8Array;
  /** Bytes of the true picture's file. */
  hq: Uint8Array;
}

/** What concerns one pair alone: the others can still be measured. */
export function isOfPair(error: unknown): error is HeirloomError {
  return error instanceof HeirloomError && (error.code.startsWith('input/') || error.code === 'face/failed');
}

type Pictures = Map<string, Uint8Array>;

/** Beside each file a Mac's tar has a hidden one of the same extension. */
function isPicture(path: string): boolean {
  return isPictureName(path) && !basename(path).startsWith('.');
}

const natural = new Intl.Collator('en', { numeric: true });

function nameOf(path: string): string {
  return basename(path, extname(path));
}

async function readFolder(folder: string): Promise<Pictures> {
  const files = (await readdir(folder)).filter(isPicture);
  const entries = files.map(async (file) => [nameOf(file), await readFile(join(folder, file))] as const);
  return new Map(await Promise.all(entries));
}

async function collectEntries(entries: Extract): Promise<Pictures> {
  const pictures: Pictures = new Map();
  for await (const entry of entries) {
    const bytes = await buffer(entry);
    const { name, type } = entry.header;
    if (type === 'file' && isPicture(name)) pictures.set(nameOf(name), bytes);
  }
  return pictures;
}

async function readTar(path: string): Promise<Pictures> {
  const entries = extract();
  const [pictures] = await Promise.all([collectEntries(entries), pipeline(createReadStream(path), entries)]);
  return pictures;
}

async function readPictures(path: string): Promise<Pictures> {
  try {
    return (await stat(path)).isDirectory() ? await readFolder(path) : await readTar(path);
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const reason = missing ? 'no such file or folder' : (error as Error).message;
    throw new HeirloomError(missing ? 'input/not-found' : 'input/unreadable', `${path}: ${reason}`);
  }
}

/**
 * The pictures of the same name in two folders or tar files, in natural order.
 * Throws `input/not-found` where a side is missing or nothing pairs up.
 */
export async function readPairs(lqPath: string, hqPath: string): Promise<Pair[]> {
  const [lqs, hqs] = await Promise.all([readPictures(lqPath), readPictures(hqPath)]);
  const pairs = [...lqs].flatMap(([name, lq]) => {
    const hq = hqs.get(name);
    return hq ? [{ name, lq, hq }] : [];
  });
  if (pairs.length === 0)
    throw new HeirloomError(
      'input/not-found',
      `${lqPath} (${lqs.size} pictures) and ${hqPath} (${hqs.size} pictures): no two of the same name`,
    );
  return pairs.sort((a, b) => natural.compare(a.name, b.name));
}
