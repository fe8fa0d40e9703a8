import { rmSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import type { ApiEvent } from '../../contract/api.ts';
import { contentIsUsed, discardedFiles, fileIsUsed, forgetDiscarded } from './database/discarded-files.ts';
import { photosInQueue } from './database/job-store.ts';
import { allVersions, deleteVersion } from './database/version-rows.ts';
import type { LibraryContext } from './library-context.ts';

/** Deletes the files of rows that are gone for good. Only while nothing can be undone. */
export async function sweepDiscarded({ db, folder }: LibraryContext): Promise<void> {
  const files = discardedFiles(db);
  for (const { path, sha256 } of files) {
    // Asked and deleted in one go: an import may bring the same bytes to the same place meanwhile.
    if (!fileIsUsed(db, path)) rmSync(folder.absolute(path), { force: true });
    if (!contentIsUsed(db, sha256)) await removeDerived(folder, sha256);
  }
  db.write(null, () => forgetDiscarded(db));
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
  for (const name of names) await rm(name, { recursive: true, force: true });
}

/** What a crash left in `tmp`; the finished faces of jobs that go on are kept. */
export async function sweepTemporary({ db, folder }: LibraryContext): Promise<void> {
  const kept = new Set(photosInQueue(db).map((id) => `checkpoint-${id}`));
  for (const name of await readdir(folder.tmp))
    if (!kept.has(name)) await rm(folder.temporary(name), { recursive: true, force: true });
}

/** Versions whose file is gone are dropped, and the person is told. */
export async function sweepVersions(
  { db, folder }: LibraryContext,
  emit: (event: ApiEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  const lost: { id: number; photo_id: number }[] = [];
  for (const row of allVersions(db)) {
    if (signal.aborted) return;
    if (!(await stat(folder.absolute(row.path)).catch(() => undefined))) lost.push(row);
  }
  if (lost.length === 0) return;
  db.write(null, () => lost.forEach((row) => deleteVersion(db, row)));
  const message = `The files of ${lost.length} restored ${lost.length === 1 ? 'version' : 'versions'} are gone from the library's folder; they were taken from the list.`;
  emit({ kind: 'notice', code: 'library/not-found', message });
}
