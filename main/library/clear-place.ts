import { exists, hashFile } from './files.ts';
import type { LibraryContext } from './library-context.ts';
import { setAside } from './orphans.ts';

/**
 * Where a photo's own bytes are to come back to, another file may lie: the library's copy as a person edited it, or what
 * a bad disk made of it. It goes to `recovered` and is never written over. `path` is a row's.
 */
export async function clearPlace({ folder }: LibraryContext, path: string, sha256: string): Promise<void> {
  const file = folder.absolute(path);
  if (!(await exists(file))) return;
  const held = await hashFile(file).catch(() => undefined);
  if (held?.sha256 !== sha256) setAside(folder, path);
}
