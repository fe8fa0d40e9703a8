import { existsSync, readdirSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import type { ApiEvent } from '../../contract/api.ts';
import { say } from '../../contract/sentences.ts';
import { fileIsKnown, fileIsUsed, knownFiles } from './database/discarded-files.ts';
import { photosInQueue } from './database/job-store.ts';
import { moveInto } from './files.ts';
import { doneWith } from './import/done-with.ts';
import type { Imports } from './import/imports.ts';
import type { LibraryContext } from './library-context.ts';
import type { LibraryFolder } from './library-folder.ts';

export interface OrphanTools {
  imports: Pick<Imports, 'takeInQuietly'>;
  emit: (event: ApiEvent) => void;
  signal: AbortSignal;
}

/**
 * Files in the library's folder that no row names, see [Note: A file and its row]; after a backup was brought back,
 * also whatever is newer than it. None is deleted that would not come again: originals are taken in as photos, a
 * version whose job goes on is made anew, and the rest lies in `recovered` from then on.
 */
export async function sweepOrphans(context: LibraryContext, tools: OrphanTools): Promise<void> {
  const versions = await orphansIn(context, 'versions');
  const originals = await orphansIn(context, 'originals');
  if (tools.signal.aborted) return;
  const aside = await removeOrKeep(context, versions);
  const refused = await takeIn(context, originals, tools);
  for (const path of refused) setAside(context.folder, path);
  const back = originals.filter((path) => fileIsUsed(context.db, path));
  tell(tools.emit, context.folder, back.length, aside + refused.length);
}

/** Answers with those that are no pictures, or not the ones that their names say. */
async function takeIn(
  context: LibraryContext,
  originals: readonly string[],
  { imports, signal }: OrphanTools,
): Promise<string[]> {
  if (originals.length === 0) return [];
  const report = await imports.takeInQuietly(
    originals.map((path) => context.folder.absolute(path)),
    'copy',
  );
  if (signal.aborted) return [];
  // The others are tried again at the next open.
  return doneWith(report, originals).filter((path) => isOrphan(context, path));
}

/** Rows' paths of the files two folders deep that belong to nothing. */
async function orphansIn({ db, folder }: LibraryContext, kind: 'versions' | 'originals'): Promise<string[]> {
  const files: string[] = [];
  for (const group of await namesIn(folder.absolute(kind)))
    for (const name of await namesIn(folder.absolute(`${kind}/${group}`)))
      files.push(`${kind}/${group}/${name}`);
  // Asked after the folders were read: what came meanwhile has its row.
  const known = knownFiles(db);
  return files.filter((path) => !known.has(path));
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

/** A person may have removed, undone or brought back its row since. */
function isOrphan({ db, folder }: LibraryContext, path: string): boolean {
  return !fileIsKnown(db, path) && existsSync(folder.absolute(path));
}

/** How many were kept. */
async function removeOrKeep(context: LibraryContext, versions: readonly string[]): Promise<number> {
  const { db, folder } = context;
  const comesAgain = new Set(photosInQueue(db));
  let kept = 0;
  for (const path of versions) {
    if (!isOrphan(context, path)) continue;
    const [, photoId] = path.split('/');
    if (comesAgain.has(Number(photoId))) await rm(folder.absolute(path), { force: true });
    else {
      setAside(folder, path);
      kept++;
    }
  }
  return kept;
}

/** Moves a file that belongs to nothing to `recovered`, beside what lies there. */
export function setAside(folder: LibraryFolder, path: string): void {
  const name = path.split('/').slice(1).join('-');
  moveInto(folder.absolute(path), join(folder.recovered, freeName(folder.recovered, name)));
}

function freeName(folder: string, name: string): string {
  const taken = new Set(existsSync(folder) ? readdirSync(folder) : []);
  const stem = basename(name, extname(name));
  let free = name;
  for (let n = 2; taken.has(free); n++) free = `${stem}-${n}${extname(name)}`;
  return free;
}

function tell(emit: OrphanTools['emit'], folder: LibraryFolder, takenIn: number, aside: number): void {
  const code = 'library/not-found';
  if (takenIn > 0) emit({ kind: 'notice', code, message: say('originals_back', { count: takenIn }) });
  if (aside > 0)
    emit({
      ...{ kind: 'notice', code },
      message: say('files_aside', { count: aside, folder: folder.recovered }),
    });
}
