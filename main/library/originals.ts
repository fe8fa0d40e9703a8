import { stat } from 'node:fs/promises';
import { setTimeout as rest } from 'node:timers/promises';
import { HeirloomError } from '../../contract/errors.ts';
import { say } from '../../contract/sentences.ts';
import { findPhoto, photoIds, photoRow, setMissing, setSeen, type PhotoRow } from './database/photo-rows.ts';
import { exists, hashFile } from './files.ts';
import type { LibraryContext } from './library-context.ts';

type Located = Pick<PhotoRow, 'storage' | 'path'>;

/** Absolute path of where a photo's original is, or was. */
export function locationOf({ folder }: Pick<LibraryContext, 'folder'>, { storage, path }: Located): string {
  return storage === 'copied' ? folder.absolute(path) : path;
}

/** Size and time of a file, by which one that was looked at before is known. */
export interface Seen {
  bytes: number;
  /** Milliseconds since 1970, whole. */
  ms: number;
}

/** Undefined where there is no such file. */
export async function seeFile(path: string): Promise<Seen | undefined> {
  const info = await stat(path).catch(() => undefined);
  return info?.isFile() === true ? { bytes: info.size, ms: Math.floor(info.mtimeMs) } : undefined;
}

interface Look {
  /** Compare the bytes even of a file that seems to be the same. */
  sure?: boolean;
  signal?: AbortSignal | undefined;
}

interface Sight {
  missing: boolean;
  changed: boolean;
  seen: Seen | undefined;
}

/** Reads the file only where its size or its time say that it may have changed, or where that has to be sure. */
async function look(context: LibraryContext, row: PhotoRow, { sure = false, signal }: Look): Promise<Sight> {
  const path = locationOf(context, row);
  const seen = await seeFile(path);
  if (!seen) return { missing: true, changed: false, seen };
  if (!sure && isKnown(row, seen)) return { missing: row.changed === 1, changed: row.changed === 1, seen };
  if (seen.bytes !== row.bytes) return { missing: true, changed: true, seen };
  const hashed = await hashFile(path, signal).catch((error: unknown) => {
    if (sure) throw error;
  });
  // What cannot be read says so when it is needed.
  if (!hashed) return { missing: row.missing === 1, changed: row.changed === 1, seen: undefined };
  const changed = hashed.sha256 !== row.sha256;
  return { missing: changed, changed, seen };
}

/** A file that was never looked at (an older library's, a copy's) is known by its size. */
function isKnown({ bytes, seen_bytes, seen_ms }: PhotoRow, seen: Seen): boolean {
  return seen_ms === null ? bytes === seen.bytes : seen_bytes === seen.bytes && seen_ms === seen.ms;
}

/** Keeps what was seen of originals where that is new. */
function keepSights({ db }: LibraryContext, sights: readonly (readonly [PhotoRow, Sight])[]): void {
  const other = sights.filter(([row, { missing, changed }]) => !isSame(row, missing, changed));
  const unknown = sights.filter(([row, { seen }]) => seen && !wasSeen(row, seen));
  if (other.length + unknown.length === 0) return;
  db.write(null, () => {
    for (const [row, sight] of other) setMissing(db, row.id, sight);
    for (const [row, { seen }] of unknown) setSeen(db, row.id, seen!);
  });
}

function isSame(row: PhotoRow, missing: boolean, changed: boolean): boolean {
  return missing === (row.missing === 1) && changed === (row.changed === 1);
}

function wasSeen({ seen_bytes, seen_ms }: PhotoRow, { bytes, ms }: Seen): boolean {
  return seen_bytes === bytes && seen_ms === ms;
}

/** Looks whether the original is where it should be and what it was, and keeps what was seen. Throws `input/unreadable`, with `sure` only. */
export async function noticeMissing(
  context: LibraryContext,
  row: PhotoRow,
  options: Look = {},
): Promise<Pick<Sight, 'missing' | 'changed'>> {
  const sight = await look(context, row, options);
  keepSights(context, [[row, sight]]);
  return sight;
}

/**
 * Absolute path of the original. Throws `library/not-found`, `library/missing-original`, `library/changed-original`,
 * and with `sure` `input/unreadable`.
 */
export async function originalFile(
  context: LibraryContext,
  photoId: number,
  options: Look = {},
): Promise<string> {
  const row = photoRow(context.db, photoId);
  const path = locationOf(context, row);
  const { missing, changed } = await noticeMissing(context, row, options);
  if (changed)
    throw new HeirloomError('library/changed-original', say('original_changed', { name: row.name, path }), {
      photoId,
      path,
    });
  if (missing)
    throw new HeirloomError('library/missing-original', say('original_missing', { name: row.name, path }), {
      ...{ photoId, path },
      ...(row.storage === 'copied' && !(await exists(context.folder.database)) && { reason: OUT_OF_REACH }),
    });
  return path;
}

/** The library's whole folder is gone, so that no photo has to be tried: the queue stands still. */
const OUT_OF_REACH = 'ENODEV';

/** Originals looked at between two rests. */
const SWEEP_BATCH = 200;
const SWEEP_REST_MS = 20;

/** Looks at every original, with rests, so that nobody waits for it; stops at `signal`. */
export async function sweepOriginals(context: LibraryContext, signal?: AbortSignal): Promise<void> {
  const ids = photoIds(context.db);
  for (let first = 0; first < ids.length && !signal?.aborted; first += SWEEP_BATCH) {
    await sweepBatch(context, ids.slice(first, first + SWEEP_BATCH), signal);
    await rest(SWEEP_REST_MS);
  }
}

async function sweepBatch(
  context: LibraryContext,
  ids: readonly number[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const sights: [PhotoRow, Sight][] = [];
  for (const id of ids) {
    const row = findPhoto(context.db, id);
    const sight = row && (await look(context, row, { signal }));
    if (signal?.aborted) return;
    // Looked at while something else was written to it: that knows better.
    if (row && sight && isUntouched(row, findPhoto(context.db, id))) sights.push([row, sight]);
  }
  keepSights(context, sights);
}

function isUntouched(before: PhotoRow, now: PhotoRow | undefined): boolean {
  return now?.path === before.path && now.sha256 === before.sha256;
}
