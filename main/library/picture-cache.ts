import { readdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { LibraryContext } from './library-context.ts';

/** How much of the room stays used after what is oldest went, so that it does not go picture by picture. */
const KEPT_PART = 0.9;
/** Whoever looks at a picture again within this does not have its time written again. */
const SAME_USE_MS = 3_600_000;
const GIGABYTE = 1e9;

interface Kept {
  path: string;
  bytes: number;
  /** Milliseconds since 1970. */
  usedMs: number;
}

/**
 * [Note: Picture cache] Views, tiles and faces that were made from originals and versions can be made again: where they
 * take more room than the settings give them, those that nobody looked at for the longest time go. When each was used
 * is kept as the time of its file.
 */
export class PictureCache {
  readonly #context: Pick<LibraryContext, 'folder' | 'settings' | 'now'>;
  readonly #closing = new AbortController();
  /** Unknown until it was counted. */
  #bytes: number | undefined;
  #trimming: Promise<void> | undefined;

  constructor(context: Pick<LibraryContext, 'folder' | 'settings' | 'now'>) {
    this.#context = context;
  }

  /** A picture, or a folder of tiles, that is shown now; `made`: just for this. */
  async shown(path: string, made: boolean): Promise<void> {
    if (!this.#context.folder.isCached(path)) return;
    const now = this.#context.now();
    const info = await stat(path).catch(() => undefined);
    // A disk that cannot be written to keeps the older time.
    if (info && now.getTime() - info.mtimeMs > SAME_USE_MS)
      await utimes(path, now, now).catch(() => undefined);
    if (!made || this.#bytes === undefined) return;
    this.#bytes += await bytesOf(path);
    if (this.#bytes > this.#limit) void this.trim();
  }

  /** Resolves when there is room again. */
  trim(): Promise<void> {
    // What cannot be read or deleted now is tried again the next time.
    return (this.#trimming ??= this.#trim()
      .catch(() => undefined)
      .finally(() => (this.#trimming = undefined)));
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#trimming;
  }

  get #limit(): number {
    return this.#context.settings.get().cacheGigabytes * GIGABYTE;
  }

  async #trim(): Promise<void> {
    const kept = await this.#list();
    let bytes = kept.reduce((sum, one) => sum + one.bytes, 0);
    const room = this.#limit;
    if (bytes > room)
      for (const one of kept.sort((a, b) => a.usedMs - b.usedMs)) {
        if (bytes <= room * KEPT_PART || this.#closing.signal.aborted) break;
        await rm(one.path, { recursive: true, force: true }).catch(() => undefined);
        bytes -= one.bytes;
      }
    this.#bytes = bytes;
  }

  async #list(): Promise<Kept[]> {
    const kept: Kept[] = [];
    for (const group of this.#context.folder.cacheGroups)
      for (const path of await insideAll(group)) {
        if (this.#closing.signal.aborted) return [];
        const info = await stat(path).catch(() => undefined);
        if (info) kept.push({ path, bytes: await bytesOf(path), usedMs: info.mtimeMs });
      }
    return kept;
  }
}

/** What lies in the folders of a folder. */
async function insideAll(folder: string): Promise<string[]> {
  const paths: string[] = [];
  for (const inner of await inside(folder)) paths.push(...(await inside(inner)));
  return paths;
}

async function inside(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.map((name) => join(folder, name));
}

/** Of a file, or of all files below a folder. */
async function bytesOf(path: string): Promise<number> {
  const info = await stat(path).catch(() => undefined);
  if (!info?.isDirectory()) return info?.size ?? 0;
  let sum = 0;
  for (const one of await inside(path)) sum += await bytesOf(one);
  return sum;
}
