import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { HeirloomError } from '../contract/errors.ts';
import { say } from '../contract/sentences.ts';
import { writeError } from '../contract/write-error.ts';

/**
 * Makes a folder with all that is missing above it. One after the other: Node's own `recursive` never returns where the
 * system knows no such folder although the one above it is there, as below `/proc`. Throws `output/unwritable`.
 */
export async function makeFolder(path: string): Promise<void> {
  const unwritable = (reason: string) =>
    new HeirloomError('output/unwritable', say('unwritable', { path, reason }), { path });
  try {
    for (const folder of await missingFolders(resolve(path))) await mkdir(folder).catch(unlessThere);
    if ((await stat(path)).isDirectory()) return;
  } catch (error) {
    const isRefused = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw isRefused ? unwritable(say('no_new_folder')) : writeError(path, error);
  }
  throw unwritable(say('is_file'));
}

/** From the top down. */
async function missingFolders(path: string): Promise<string[]> {
  const above = dirname(path);
  if (above === path || (await isThere(path))) return [];
  return [...(await missingFolders(above)), path];
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

function unlessThere(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
}
