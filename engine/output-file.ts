import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { HeirloomError } from '../contract/errors.ts';
import { extensionFor, FORMAT_EXTENSIONS, formatOfExtension } from '../contract/picture-names.ts';
import type { OutputFormat } from '../contract/restore.ts';
import { say } from '../contract/sentences.ts';
import { sameFormat, writeFileAtomically, type WritableFormat } from './image/encode.ts';
import type { PhotoMetadata } from './image/types.ts';
import { makeFolder } from './make-folder.ts';

/** Where a restored photo goes. */
export interface OutputFile {
  path: string;
  format: WritableFormat;
  /** Said where the photo's own format cannot be written. */
  note?: string;
}

/** File systems allow this many bytes in one name. */
const MAX_NAME_BYTES = 255;

/** `stem` with an extension, its last characters cut off where the file system could not hold the name. */
export function withExtension(stem: string, extension: string): string {
  const characters = [...basename(stem)];
  while (Buffer.byteLength(characters.join('') + extension) > MAX_NAME_BYTES) characters.pop();
  return join(dirname(stem), characters.join('') + extension);
}

/** The format that a file name asks for. Throws `argument/invalid` for a name that asks for none. */
export function formatOfName(path: string): WritableFormat {
  const format = formatOfExtension(extname(path));
  if (format) return format;
  const expected = Object.values(FORMAT_EXTENSIONS).flat().join(', ');
  throw new HeirloomError('argument/invalid', `${path}: expected a name that ends in one of ${expected}`);
}

/** The output of a photo in a format. `stem` is its path without an extension. */
export function outputFile(
  stem: string,
  format: OutputFormat,
  input: string,
  metadata: PhotoMetadata,
): OutputFile {
  const chosen = format === 'same' ? sameFormat(metadata) : { format };
  return { ...chosen, path: withExtension(stem, extensionFor(chosen.format, extname(input))) };
}

export interface WriteRules {
  /** A file that is never replaced. */
  original?: string;
  overwrite: boolean;
}

/** Throws `output/exists` where `path` is the original, or is taken and must not be replaced. */
export async function expectFree(path: string, { original, overwrite }: WriteRules): Promise<void> {
  if (original !== undefined && (await isSameFile(path, original)))
    throw exists(say('is_original', { path }));
  if (!overwrite && (await fileId(path)) !== undefined) throw exists(say('taken', { path }));
}

function exists(message: string): HeirloomError {
  return new HeirloomError('output/exists', message);
}

/** Device and inode: the same for every path, link or not, that leads to one file. Undefined: there is none. */
export async function fileId(path: string): Promise<string | undefined> {
  const info = await stat(path, { bigint: true }).catch(() => undefined);
  return info && `${info.dev}:${info.ino}`;
}

/** Whether both names lead to one file, also through links. */
export async function isSameFile(a: string, b: string): Promise<boolean> {
  const id = await fileId(a);
  return id !== undefined && id === (await fileId(b));
}

/** What a format cannot hold concerns this output, not every photo's settings. */
export function asFormatError(path: string, error: unknown): unknown {
  if (!(error instanceof HeirloomError) || error.code !== 'argument/invalid') return error;
  return new HeirloomError('output/unwritable', `${path}: ${error.message}`, {}, { cause: error });
}

/** Writes all of a file or nothing, with the folders above it. Throws `output/exists` and `output/unwritable`. */
export async function writeOutput(
  path: string,
  bytes: Uint8Array | readonly Uint8Array[],
  rules: WriteRules,
): Promise<void> {
  await expectFree(path, rules);
  await makeFolder(dirname(path));
  await writeFileAtomically(path, bytes, rules);
}

/**
 * Puts an unchanged copy of `input` at `stem` with the input's own extension, and returns its path. Where that is
 * the input itself, there is nothing to do.
 */
export async function copyUnchanged(stem: string, input: string, overwrite: boolean): Promise<string> {
  const path = withExtension(stem, extname(input));
  if (await isSameFile(path, input)) return path;
  await writeOutput(path, await readFile(input), { original: input, overwrite });
  return path;
}
