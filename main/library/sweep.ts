import { rmSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ApiEvent } from '../../contract/api.ts';
import { say } from '../../contract/sentences.ts';
import { contentIsUsed, discardedFiles, fileIsUsed, forgetDiscarded } from './database/discarded-files.ts';
import { photosInQueue } from './database/job-store.ts';
import { allVersions, deleteVersion } from './database/version-rows.ts';
import type { LibraryContext } from './library-context.ts';
import { isOwnFile } from './library-folder.ts';

/** Deletes the files of rows that are gone for good. Only while nothing can be undone. */
export async function sweepDiscarded({ db, folder }: LibraryContext): Promise<void> {
  const gone: string[] = [];
  for (const { path, sha256 } of discardedFiles(db)) {
    if (!isOwnFile({ path, sha256 })) {
      gone.push(path);
      continue;
    }
    // Asked and deleted in one go: an import may bring the same bytes to the same place meanwhile.
    if (!fileIsUsed(db, path) && !tryRemove(folder.absolute(path))) continue;
    if (!contentIsUsed(db, sha256)) await removeDerived(folder, sha256);
    gone.push(path);
  }
  if (gone.length > 0) db.write(null, () => forgetDiscarded(db, gone));
}

/** False: another program holds it, or the disk does not let it go; the next open tries again. */
function tryRemove(path: string): boolean {
  try {
    rmSync(path, { force: true });
    return true;
  } catch {
    return false;
  }
}

async function removeDerived(folder: LibraryContext['folder'], sha256: string): Promise<void> {
  const names = [
    folder.thumbnail(sha256, 'small'),
    folder.thumbnail(sha256, 'large'),
    folder.cached('views', `${sha256}.webp`),
    folder.cached('full', `${sha256}.webp`),
    folder.cached('full', `${sha256}.jpg`),
    folder.cached('tiles', sha256),
  ];
  for (const name of names) await rm(name, { recursive: true, force: true }).catch(() => undefined);
}

/** What a crash left in `tmp`; the finished faces of jobs that go on are kept. */
export async function sweepTemporary({ db, folder }: LibraryContext): Promise<void> {
  const kept = new Set(photosInQueue(db).map((id) => `checkpoint-${id}`));
  for (const name of await readdir(folder.tmp))
    if (!kept.has(name)) await rm(folder.temporary(name), { recursive: true, force: true });
}

/** A picture that was being written when the engine was killed. */
const HALF_WRITTEN = /^\.heirloom-.*\.tmp$/;

/** The same of thumbnails and views, which the engine writes beside their place; with rests. */
export async function sweepHalfWritten(
  { folder }: Pick<LibraryContext, 'folder'>,
  signal: AbortSignal,
): Promise<void> {
  const kinds = ['thumbnails', ...['views', 'full', 'tiles', 'faces'].map((kind) => join('cache', kind))];
  for (const kind of kinds)
    for (const group of await namesIn(join(folder.root, kind))) {
      if (signal.aborted) return;
      const inside = join(folder.root, kind, group);
      for (const name of (await namesIn(inside)).filter((one) => HALF_WRITTEN.test(one)))
        await rm(join(inside, name), { recursive: true, force: true }).catch(() => undefined);
    }
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

/**
 * Versions whose file is gone are dropped, and the person is told. A drive that went out of sight is no such thing: all
 * is asked again before a row goes, and a file that comes back later is no file to delete.
 */
export async function sweepVersions(
  { db, folder }: LibraryContext,
  emit: (event: ApiEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  const lost: { id: number; photo_id: number; path: string }[] = [];
  for (const row of allVersions(db)) {
    if (signal.aborted) return;
    if (await isGone(folder.absolute(row.path))) lost.push(row);
  }
  if (lost.length === 0 || !(await isReachable(folder))) return;
  db.write(null, () => {
    lost.forEach((row) => deleteVersion(db, row));
    forgetDiscarded(
      db,
      lost.map(({ path }) => path),
    );
  });
  const message = say('versions_gone', { count: lost.length });
  emit({ kind: 'notice', code: 'library/not-found', message });
}

/** That a disk fails, or that nobody may look, says nothing about the file. */
async function isGone(path: string): Promise<boolean> {
  return stat(path).then(
    () => false,
    (error: NodeJS.ErrnoException) => error.code === 'ENOENT',
  );
}

/** Whether the library's folder is still the one whose database is open. */
async function isReachable(folder: LibraryContext['folder']): Promise<boolean> {
  const places = [folder.database, dirname(folder.absolute('versions/any'))];
  const found = await Promise.all(places.map(isGone));
  return !found.includes(true);
}
