import { createHash, randomUUID } from 'node:crypto';
import { closeSync, createReadStream, fsyncSync, mkdirSync, openSync, renameSync } from 'node:fs';
import { open, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { HeirloomError, throwIfCancelled } from '../../contract/errors.ts';
import { say } from '../../contract/sentences.ts';
import { writeError } from '../../contract/write-error.ts';
import type { LibraryFolder } from './library-folder.ts';

const CHUNK_BYTES = 1 << 20;

export interface HashedFile {
  sha256: string;
  bytes: number;
}

/** Reads a file once. Throws `input/*` and `job/cancelled`. */
export async function hashFile(path: string, signal?: AbortSignal): Promise<HashedFile> {
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    const stream = createReadStream(path, { highWaterMark: CHUNK_BYTES });
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      throwIfCancelled(signal);
      hash.update(chunk);
      bytes += chunk.length;
    }
  } catch (error) {
    throw readError(path, error);
  }
  return { sha256: hash.digest('hex'), bytes };
}

/** Copies a file to `target` (replaced) and hashes it on the way: one reading. Synced; nothing is left of a failure. */
export async function copyAndHash(path: string, target: string, signal?: AbortSignal): Promise<HashedFile> {
  const hash = createHash('sha256');
  let bytes = 0;
  const source = await open(path, 'r').catch((error: unknown) => {
    throw readError(path, error);
  });
  try {
    const copy = await open(target, 'w');
    try {
      const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
      for (;;) {
        throwIfCancelled(signal);
        const { bytesRead } = await source.read(buffer, 0, CHUNK_BYTES).catch((error: unknown) => {
          throw readError(path, error);
        });
        if (bytesRead === 0) break;
        const chunk = buffer.subarray(0, bytesRead);
        hash.update(chunk);
        await writeAll(copy, chunk);
        bytes += bytesRead;
      }
      await copy.sync();
    } finally {
      await copy.close();
    }
  } catch (error) {
    await rm(target, { force: true });
    throw error instanceof HeirloomError ? error : writeError(target, error);
  } finally {
    await source.close();
  }
  return { sha256: hash.digest('hex'), bytes };
}

async function writeAll(file: Awaited<ReturnType<typeof open>>, chunk: Buffer): Promise<void> {
  for (let done = 0; done < chunk.length;)
    done += (await file.write(chunk, done, chunk.length - done)).bytesWritten;
}

/** Moves a file inside the library, so that it stays there when the power fails; the folder above it is made. */
export function moveInto(source: string, target: string): void {
  try {
    const made = mkdirSync(dirname(target), { recursive: true });
    renameSync(source, target);
    syncFolder(dirname(target));
    if (made !== undefined) syncFolder(dirname(made));
  } catch (error) {
    throw writeError(target, error);
  }
}

/** A name is on the disk once its folder is; Windows writes it by itself, and lets nobody open a folder. */
function syncFolder(path: string): void {
  if (process.platform === 'win32') return;
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** A name in the library's `tmp` that nobody uses. */
export function temporaryFile(folder: LibraryFolder, extension = ''): string {
  return folder.temporary(`${randomUUID()}${extension}`);
}

export async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

/** What reading a file threw, in words and with a code. */
export function readError(path: string, error: unknown): HeirloomError {
  if (error instanceof HeirloomError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return new HeirloomError('input/not-found', say('gone', { path }), { path });
  return new HeirloomError('input/unreadable', unreadable(path, code, message), { path }, { cause: error });
}

function unreadable(path: string, code: string | undefined, message: string): string {
  if (code === 'EACCES' || code === 'EPERM') return say('denied', { path });
  if (code === 'EISDIR') return say('folder_not_file', { path });
  return say('unreadable', { path, reason: message });
}
