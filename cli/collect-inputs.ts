import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { HeirloomError } from '../contract/errors.ts';
import { naturalOrder } from '../contract/natural-order.ts';
import { isPictureName } from '../contract/picture-names.ts';

/** One file to restore. */
export interface InputFile {
  /** Absolute path. */
  path: string;
  /** Path below the folder that was named, or the file's own name: where the output goes below `--out`. */
  relative: string;
}

export interface CollectedInputs {
  /** In natural order: `photo 2` before `photo 10`. */
  files: InputFile[];
  /** Files in folders that are no pictures by their extension. */
  skipped: number;
  /** What was named or found and cannot be read. */
  problems: { path: string; error: HeirloomError }[];
}

/**
 * Files and folders (recursive) to a list of pictures. A named file is taken whatever its name; in folders, hidden
 * files and files that are no pictures by their extension are left out. Links are followed, each folder once.
 * `outFolder` below a named folder is left out, so that a second run does not restore the first one's output.
 * Throws `argument/invalid` for an empty name, which is no way to ask for the folder that the command runs in.
 */
export async function collectInputs(paths: string[], outFolder?: string): Promise<CollectedInputs> {
  if (paths.includes(''))
    throw new HeirloomError('argument/invalid', 'Expected photos or folders but received an empty name');
  const collected: CollectedInputs = { files: [], skipped: 0, problems: [] };
  const visited = new Set<string>();
  const out = outFolder === undefined ? undefined : await realpath(outFolder).catch(() => undefined);

  async function addEntry(path: string, relative: string, named: boolean): Promise<void> {
    try {
      const info = await stat(path);
      if (info.isDirectory()) await addFolder(path, named ? '' : relative, named);
      else if (info.isFile() && (named || isPictureName(path))) collected.files.push({ path, relative });
      else if (named) throw new HeirloomError('input/unreadable', `${path}: not a file`, { path });
      else collected.skipped++;
    } catch (error) {
      if (named || isPictureName(path) || !isMissing(error))
        collected.problems.push({ path, error: readError(path, error) });
      else collected.skipped++;
    }
  }

  async function addFolder(folder: string, relative: string, named: boolean): Promise<void> {
    const real = await realpath(folder);
    if (visited.has(real) || (!named && real === out)) return;
    visited.add(real);
    const names = (await readdir(folder)).filter((name) => !name.startsWith('.'));
    for (const name of names.sort(naturalOrder))
      await addEntry(join(folder, name), join(relative, name), false);
  }

  for (const path of paths) await addEntry(resolve(path), basename(resolve(path)), true);
  collected.files = uniqueByPath(collected.files);
  return collected;
}

function uniqueByPath(files: InputFile[]): InputFile[] {
  return [...new Map(files.map((file) => [file.path, file])).values()];
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

function readError(path: string, error: unknown): HeirloomError {
  if (error instanceof HeirloomError) return error;
  const code = (error as NodeJS.ErrnoException).code;
  if (isMissing(error))
    return new HeirloomError('input/not-found', `${path}: no such file or folder`, { path });
  const reason =
    code === 'EACCES' || code === 'EPERM' ? 'permission denied' : String(code ?? (error as Error).message);
  return new HeirloomError('input/unreadable', `${path}: ${reason}`, { path });
}
