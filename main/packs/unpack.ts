import { createWriteStream } from 'node:fs';
import { copyFile, lstat, mkdir, readdir } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { pipeline } from 'node:stream/promises';
import yauzl, { type Entry, type ZipFile } from 'yauzl';
import { HeirloomError } from '../../contract/errors.ts';

/** A pack has about a dozen files. */
const MAX_FILES = 100;
/** All of them together, in bytes. */
const MAX_BYTES = 1024 ** 3;
/** Weights hardly shrink, and text ten times; a bomb shrinks a thousand times. */
const MAX_RATIO = 100;
/** A small file of zeros is none. */
const SMALL_BYTES = 2 ** 20;
const FILE_TYPE = 0o170000;
const REGULAR_FILE = 0o100000;
const FOLDER = 0o040000;

function refuse(source: string, reason: string): HeirloomError {
  return new HeirloomError('pack/invalid', `${basename(source)}: ${reason}`);
}

/** `sizes` of the files in bytes. */
function expectSmall(source: string, sizes: number[]): void {
  if (sizes.length > MAX_FILES) throw refuse(source, `more than ${MAX_FILES} files`);
  if (sizes.reduce((sum, bytes) => sum + bytes, 0) > MAX_BYTES)
    throw refuse(source, 'more than 1 GB of files');
}

/** `true` for a name that could lead out of the folder it is unpacked to. */
function leadsOut(name: string): boolean {
  const parts = name.split('/');
  return /^\/|[\\:\p{Cc}]/u.test(name) || parts.includes('..') || parts.includes('.');
}

/**
 * Copies a pack's folder or the files of its zip into the empty folder `target`. Throws `pack/invalid` for a name
 * that leads out of it, a link, more than 100 files or more than 1 GB; a damaged zip likewise.
 */
export async function unpack(source: string, target: string): Promise<void> {
  const entry = await lstat(source).catch(() => undefined);
  if (!entry) throw new HeirloomError('input/not-found', `${source}: no such file or folder`);
  if (entry.isDirectory()) await copyFolder(source, target);
  else if (entry.isFile()) await unzip(source, target);
  else throw refuse(source, 'neither a folder nor a zip file');
}

async function copyFolder(source: string, target: string): Promise<void> {
  for (const path of await listFolder(source)) {
    const copy = join(target, relative(source, path));
    await mkdir(dirname(copy), { recursive: true });
    await copyFile(path, copy);
  }
}

async function listFolder(source: string): Promise<string[]> {
  const files: string[] = [];
  const sizes: number[] = [];
  const folders = [source];
  let found = 0;
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const name of await readdir(folder)) {
      const path = join(folder, name);
      const info = await lstat(path);
      if (info.isDirectory() && ++found > MAX_FILES) throw refuse(source, `more than ${MAX_FILES} folders`);
      if (info.isDirectory()) folders.push(path);
      else if (!info.isFile()) throw refuse(source, `${relative(source, path)} is a link or no plain file`);
      else sizes[files.push(path) - 1] = info.size;
      expectSmall(source, sizes);
    }
  }
  return files;
}

async function unzip(source: string, target: string): Promise<void> {
  try {
    const zip = await yauzl.openPromise(source, { autoClose: false });
    try {
      await extractAll(zip, await readEntries(zip, source), target);
    } finally {
      zip.close();
    }
  } catch (error) {
    if (error instanceof HeirloomError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw refuse(source, reason.replaceAll(target, basename(source)));
  }
}

/** The files of a zip, all of them judged before the first one is written. */
async function readEntries(zip: ZipFile, source: string): Promise<Entry[]> {
  const entries: Entry[] = [];
  const names = new Set<string>();
  for await (const entry of zip.eachEntry()) {
    expectPlain(source, entry);
    // Folders too: they are not made, but there may be millions.
    if (names.size >= MAX_FILES) throw refuse(source, `more than ${MAX_FILES} files`);
    // Two names that differ in case only are one file on Windows and macOS.
    const name = entry.fileName.toLowerCase();
    if (names.has(name)) throw refuse(source, `${entry.fileName} is in it twice`);
    names.add(name);
    if (!entry.fileName.endsWith('/')) entries.push(entry);
    expectSmall(
      source,
      entries.map(({ uncompressedSize }) => uncompressedSize),
    );
  }
  return entries;
}

async function extractAll(zip: ZipFile, entries: Entry[], target: string): Promise<void> {
  const prefix = commonFolder(entries.map(({ fileName }) => fileName));
  for (const entry of entries) await extract(zip, entry, join(target, entry.fileName.slice(prefix.length)));
}

function expectPlain(
  source: string,
  { fileName, externalFileAttributes, uncompressedSize, compressedSize }: Entry,
): void {
  if (leadsOut(fileName)) throw refuse(source, `${fileName} leads out of the pack's folder`);
  const type = (externalFileAttributes >>> 16) & FILE_TYPE;
  if (type !== 0 && type !== REGULAR_FILE && type !== FOLDER)
    throw refuse(source, `${fileName} is a link or no plain file`);
  if (uncompressedSize > SMALL_BYTES && uncompressedSize > MAX_RATIO * compressedSize)
    throw refuse(source, `${fileName} unpacks to more than ${MAX_RATIO} times its size`);
}

/** `family-256/` where every file lies in it, as in a zip of a folder. */
function commonFolder(names: string[]): string {
  const [first = ''] = names;
  const folder = first.slice(0, first.indexOf('/') + 1);
  return folder !== '' && names.every((name) => name.startsWith(folder)) ? folder : '';
}

async function extract(zip: ZipFile, entry: Entry, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  // yauzl ends the stream with an error where it is longer than the entry says.
  await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(path, { flags: 'wx' }));
}
