import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { basename, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { UPLOAD_LIMIT_BYTES, UPLOAD_PATH } from '../../contract/browser-mode.ts';
import { HeirloomError } from '../../contract/errors.ts';
import { naturalOrder } from '../../contract/natural-order.ts';
import { say } from '../../contract/sentences.ts';
import { writeError } from '../../contract/write-error.ts';

const UPLOAD = /^[0-9a-f]{32}$/;
const MAX_NAME_BYTES = 255;
/** Separators of some system, and control characters. */
const FORBIDDEN = /[\\/\p{Cc}]/u;

export interface Upload {
  /** The interface's name for files that were dropped together. */
  upload: string;
  /** Plain file name. */
  name: string;
}

/** Why no file can be kept under a name; undefined for a plain one. */
function nameFault(name: string): string | undefined {
  if (Buffer.byteLength(name) > MAX_NAME_BYTES) return say('name_too_long');
  return name === '.' || name === '..' || FORBIDDEN.test(name) ? say('name_not_plain') : undefined;
}

/** Reads `/upload/<32 hex>/<name>`; null for anything else. Throws `input/unreadable` for a name that is not plain. */
export function parseUploadPath(pathname: string): Upload | null {
  if (!pathname.startsWith(UPLOAD_PATH)) return null;
  const [upload = '', encoded = '', ...rest] = pathname.slice(UPLOAD_PATH.length).split('/');
  const name = decode(encoded);
  if (!UPLOAD.test(upload) || !name || rest.length > 0) return null;
  const reason = nameFault(name);
  if (reason !== undefined)
    throw new HeirloomError('input/unreadable', say('unreadable', { path: name, reason }), { path: name });
  return { upload, name };
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/** Files that arrive over HTTP, kept aside until the call that takes them in. */
export class Uploads {
  readonly #folder: string;
  readonly #limit: number;

  /** `limit`: largest file in bytes. */
  constructor(folder: string, limit: number = UPLOAD_LIMIT_BYTES) {
    this.#folder = folder;
    this.#limit = limit;
  }

  /** Removes what an earlier run left. */
  async clean(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }

  /**
   * Writes one file; each in a folder of its own, since two of one name may be dropped together. A file that does
   * not arrive whole leaves nothing. Throws `input/too-large`, `output/unwritable`.
   */
  async receive({ upload, name }: Upload, request: IncomingMessage): Promise<void> {
    const limit = this.#limit;
    if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge(name, limit);
    const arriving = await this.#newFolder().catch((error: unknown) => {
      throw writeError(name, error);
    });
    try {
      await pipeline(request, atMost(limit, name), createWriteStream(join(arriving, name), { flags: 'wx' }));
      await mkdir(this.folderOf(upload), { recursive: true });
      await rename(arriving, join(this.folderOf(upload), basename(arriving)));
    } catch (error) {
      await rm(arriving, { recursive: true, force: true });
      throw isOfDisk(error) ? writeError(name, error) : error;
    }
  }

  async #newFolder(): Promise<string> {
    await mkdir(this.#folder, { recursive: true });
    return mkdtemp(join(this.#folder, 'arriving-'));
  }

  /** Where the files of an upload lie, in a folder each. */
  folderOf(upload: string): string {
    return join(this.#folder, upload);
  }

  /** Paths of the files of an upload, in the natural order of their names. Throws `input/not-found`. */
  async files(upload: string): Promise<string[]> {
    const folder = this.folderOf(upload);
    const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
    const files = entries.filter((entry) => entry.isFile());
    if (files.length === 0) throw new HeirloomError('input/not-found', 'No file arrived; drop it again');
    // Their folders are named by chance.
    return files
      .toSorted((a, b) => naturalOrder(a.name, b.name))
      .map((entry) => join(entry.parentPath, entry.name));
  }

  /**
   * The one file of an upload, or a folder with all of its files. Throws `input/not-found`, and `argument/invalid` for
   * two of one name: there is no telling which one is meant.
   */
  async asOne(upload: string): Promise<string> {
    const files = await this.files(upload);
    const [only] = files;
    if (files.length === 1 && only !== undefined) return only;
    expectOwnNames(files);
    const together = await mkdtemp(join(this.folderOf(upload), 'together-'));
    for (const file of files) await rename(file, join(together, basename(file)));
    return together;
  }

  async remove(upload: string): Promise<void> {
    await rm(this.folderOf(upload), { recursive: true, force: true });
  }
}

/** Names that differ in case only are one on Windows and macOS. */
function expectOwnNames(files: readonly string[]): void {
  const names = new Set<string>();
  for (const file of files) {
    const name = basename(file);
    if (names.has(name.toLowerCase()))
      throw new HeirloomError(
        'argument/invalid',
        `Expected files of different names but received two files named ${name}`,
      );
    names.add(name.toLowerCase());
  }
}

/** Not one of the connection that the file came over. */
function isOfDisk(error: unknown): boolean {
  const { syscall = 'read' } = error as NodeJS.ErrnoException;
  return syscall !== 'read';
}

function tooLarge(name: string, limit: number): HeirloomError {
  return new HeirloomError('input/too-large', `${name} has more than ${limit} bytes`);
}

function atMost(limit: number, name: string): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _, done) {
      bytes += chunk.length;
      if (bytes > limit) done(tooLarge(name, limit));
      else done(null, chunk);
    },
  });
}
