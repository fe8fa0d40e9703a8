import { stat } from 'node:fs/promises';
import { HeirloomError, throwIfCancelled } from '../../../contract/errors.ts';
import { originalsInPlace, photosOfSize } from '../database/photo-rows.ts';
import type { LibraryContext } from '../library-context.ts';
import { locationOf } from '../originals.ts';

/** A file of the disk, whatever name or link leads to it, and how large it is. */
interface DiskFile {
  id: string;
  bytes: number;
}

/** The files that an export never writes over, by whatever name or link: the library's originals. */
export class OriginalFiles {
  readonly #context: LibraryContext;
  readonly #signal: AbortSignal;
  /** Photos' names by the ids of their files. */
  #inPlace: Promise<Map<string, string>> | undefined;

  constructor(context: LibraryContext, signal: AbortSignal) {
    this.#context = context;
    this.#signal = signal;
  }

  /** Throws `output/exists` where `path` leads to one of them. */
  async protect(path: string): Promise<void> {
    const file = await diskFile(path);
    const name = file && ((await this.#nameBySize(file)) ?? (await this.#nameInPlace(file)));
    if (name === undefined) return;
    throw new HeirloomError('output/exists', `${path} is the original of ${name}, which is never replaced`, {
      path,
    });
  }

  async #nameBySize({ id, bytes }: DiskFile): Promise<string | undefined> {
    for (const row of photosOfSize(this.#context.db, bytes))
      if ((await diskFile(locationOf(this.#context, row)))?.id === id) return row.name;
    return undefined;
  }

  /** Another program may have given an original outside of the library any size, and nobody looked at it since. */
  async #nameInPlace({ id }: DiskFile): Promise<string | undefined> {
    return (await (this.#inPlace ??= this.#lookAtAll())).get(id);
  }

  /** Once in an export, and only where something is in the way: there may be many, on a slow disk. */
  async #lookAtAll(): Promise<Map<string, string>> {
    const names = new Map<string, string>();
    for (const { name, path } of originalsInPlace(this.#context.db)) {
      throwIfCancelled(this.#signal);
      const file = await diskFile(path);
      if (file) names.set(file.id, name);
    }
    return names;
  }
}

/** Undefined where there is none. */
async function diskFile(path: string): Promise<DiskFile | undefined> {
  const info = await stat(path, { bigint: true }).catch(() => undefined);
  return info && { id: `${info.dev}:${info.ino}`, bytes: Number(info.size) };
}
