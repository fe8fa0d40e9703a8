import { readdir, realpath, stat } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { HeirloomError } from '../../contract/errors.ts';
import { naturalOrder } from '../../contract/natural-order.ts';
import { isPictureName } from '../../contract/picture-names.ts';
import { readError } from './files.ts';

export type FoundFile = { path: string } | { path: string; error: HeirloomError };

export interface FindOptions {
  /** Of files in folders; a file that is named itself is always taken. */
  accepts?: (path: string) => boolean;
  /** Folders that are left out. */
  skips?: (path: string) => boolean;
}

/**
 * Files and folders (recursive, in natural order), hidden ones left out. Links are followed, each folder once, but not to a folder
 * above the one that was named. What
 * cannot be read comes with its error, and the rest goes on.
 */
export async function* findFiles(
  paths: readonly string[],
  { accepts = isPictureName, skips = () => false }: FindOptions = {},
): AsyncGenerator<FoundFile> {
  const visited = new Set<string>();

  /** Where the path that a person named really lies. */
  let start = '';

  async function* entry(path: string, named: boolean): AsyncGenerator<FoundFile> {
    try {
      const info = await stat(path);
      if (info.isDirectory()) yield* folder(path);
      else if (info.isFile() && (named || accepts(path))) yield { path };
      else if (named) throw new HeirloomError('input/unreadable', `${path}: not a file`, { path });
    } catch (error) {
      if (named || accepts(path)) yield { path, error: readError(path, error) };
    }
  }

  async function* folder(path: string): AsyncGenerator<FoundFile> {
    const real = await realpath(path);
    if (visited.has(real) || skips(path) || skips(real) || leadsAway(real, start)) return;
    visited.add(real);
    let names: string[];
    try {
      names = await readdir(path);
    } catch (error) {
      yield { path, error: readError(path, error) };
      return;
    }
    for (const name of names.sort(naturalOrder))
      if (!name.startsWith('.')) yield* entry(join(path, name), false);
  }

  for (const path of new Set(paths.map((path) => resolve(path)))) {
    start = await realpath(path).catch(() => path);
    yield* entry(path, true);
  }
}

/** What Linux shows of itself as files. */
const SYSTEM = /^\/(proc|sys|dev)(\/|$)/;

/** A link to a folder above would bring everything beside it too, one to `/` the whole disk. */
function leadsAway(real: string, start: string): boolean {
  const isAbove = real !== start && start.startsWith(real.endsWith(sep) ? real : real + sep);
  return isAbove || (SYSTEM.test(real) && !SYSTEM.test(start));
}
