import { realpath } from 'node:fs/promises';
import { dirname, extname, isAbsolute, join } from 'node:path';
import type { ApiParams } from '../../../contract/api.ts';
import type { PhotoFacts } from '../../../contract/engine.ts';
import { HeirloomError, throwIfCancelled, toErrorEnvelope } from '../../../contract/errors.ts';
import { exportName } from '../../../contract/export-name.ts';
import type { ExportReport, Recipe } from '../../../contract/library.ts';
import { ownSettingsNote } from '../../../contract/own-settings.ts';
import { extensionFor, isWritten } from '../../../contract/picture-names.ts';
import { say } from '../../../contract/sentences.ts';
import { makeFolder } from '../../../engine/make-folder.ts';
import { noteExported } from '../database/exported-rows.ts';
import { facesOfPhoto } from '../database/face-rows.ts';
import { findPhoto, photoRow, type PhotoRow } from '../database/photo-rows.ts';
import { versionRow, type VersionRow } from '../database/version-rows.ts';
import { survivingDeath } from '../engine.ts';
import { exists, hashFile } from '../files.ts';
import type { LibraryContext } from '../library-context.ts';
import { locationOf, originalFile } from '../originals.ts';
import { OriginalFiles } from './original-files.ts';

type Params = Omit<ApiParams<'export.run'>, 'key'>;
type Options = Params['options'];

interface Picked {
  photo: PhotoRow;
  version: VersionRow | null;
}

export interface ExportWork {
  signal: AbortSignal;
  /** Photos that are done with, written or not. */
  onProgress: (done: number) => void;
}

/** More files of one name are surely a mistake. */
const MAX_RENAMES = 10_000;

/**
 * Writes photos for the outside, one after another. A failed one never stops the rest, and an original is never
 * written over, whatever `ifExists` says. Cancelled, it answers with what was written. Throws `output/unwritable` and `argument/invalid` for the folder alone.
 */
export async function exportPhotos(
  context: LibraryContext,
  { photoIds, versionId, options }: Params,
  { signal, onProgress }: ExportWork,
): Promise<ExportReport> {
  await prepareFolder(context, options.folder);
  const common = { count: photoIds.length, versionId, options };
  const questions = options.ifExists === 'ask' ? await takenPaths(context, photoIds, common) : [];
  if (questions.length > 0) return { ...emptyReport(), taken: questions };
  const report = emptyReport();
  /** Paths of this export, lower case: two photos of one name never write over each other. */
  const own = new Set<string>();
  const originals = new OriginalFiles(context, signal);
  const run = { ...common, own, originals, report, signal };
  for (const [index, photoId] of photoIds.entries()) {
    try {
      throwIfCancelled(signal);
      await exportPhoto(context, photoId, { index, ...run });
    } catch (error) {
      if (signal.aborted) return { ...report, cancelled: photoIds.length - index };
      const { code, message } = toErrorEnvelope(error);
      report.failed.push({ photoId, code, message });
    }
    onProgress(index + 1);
  }
  return report;
}

const emptyReport = (): ExportReport => ({ written: [], skipped: [], taken: [], failed: [], cancelled: 0 });

/** Where files are in the way. Known before anything is written, so that the answer may be given for all. */
async function takenPaths(
  context: LibraryContext,
  photoIds: number[],
  common: Omit<Place, 'index' | 'own'>,
): Promise<ExportReport['taken']> {
  const taken: ExportReport['taken'] = [];
  const own = new Set<string>();
  for (const [index, photoId] of photoIds.entries()) {
    const path = await pathOf(context, photoId, { index, ...common, own }).catch(() => null);
    if (path === null) continue;
    own.add(path.toLowerCase());
    if (await exists(path)) taken.push({ photoId, path });
  }
  return taken;
}

async function prepareFolder({ folder: library }: LibraryContext, folder: string): Promise<void> {
  if (!isAbsolute(folder)) throw new HeirloomError('argument/invalid', say('part_of_path', { path: folder }));
  await makeFolder(folder);
  if (library.contains(folder) || library.contains(await realpath(folder)))
    throw new HeirloomError('output/unwritable', say('inside_library', { path: folder }), { path: folder });
}

interface Place extends Pick<Params, 'versionId' | 'options'> {
  index: number;
  count: number;
  own: Set<string>;
}
interface Run extends Place {
  originals: OriginalFiles;
  signal: AbortSignal;
  report: ExportReport;
}

async function exportPhoto(context: LibraryContext, photoId: number, run: Run): Promise<void> {
  const { options, own, originals, report } = run;
  const path = await pathOf(context, photoId, run);
  const isTaken = await exists(path);
  // It came while the others were written.
  if (isTaken && options.ifExists === 'ask') return void report.taken.push({ photoId, path });
  if (isTaken && options.ifExists === 'skip') return void report.skipped.push({ photoId, path });
  if (isTaken) await originals.protect(path);
  own.add(path.toLowerCase());
  const picked = pick(context, photoId, run);
  const written = await write(context, picked, path, run);
  report.written.push({ photoId, path: written });
  await rememberOwn(context, picked.photo, written);
}

/**
 * So that a folder that is watched or imported does not bring it back as a new photo. A copy byte for byte is known by
 * its photo. The file is written: what cannot be noted of it (a full disk, a drive that was pulled out) fails nothing.
 */
async function rememberOwn({ db }: LibraryContext, photo: PhotoRow, path: string): Promise<void> {
  try {
    const { sha256 } = await hashFile(path);
    if (sha256 !== photo.sha256) db.write(null, () => noteExported(db, sha256, photo.id));
  } catch (error) {
    console.error(error);
  }
}

/** Throws `library/not-found`. */
async function pathOf(context: LibraryContext, photoId: number, place: Place): Promise<string> {
  const picked = pick(context, photoId, place);
  const extension = extensionOf(await namedAfter(context, picked), place.options.format);
  return freePath(nameOf(picked, place), extension, place);
}

/** What gives the file its extension: the original, or a version where its original is away. */
async function namedAfter(
  context: LibraryContext,
  { photo, version }: Picked,
): Promise<PhotoRow | VersionRow> {
  if (version === null) return photo;
  const isThere = photo.missing === 0 && (await exists(locationOf(context, photo)));
  return isThere ? photo : version;
}

/** Throws `library/not-found`, also for a version of another photo. */
function pick({ db }: LibraryContext, photoId: number, { versionId }: Pick<Place, 'versionId'>): Picked {
  const photo = photoRow(db, photoId);
  const chosen = versionId === 'original' ? null : (versionId ?? photo.current_version_id);
  const version = chosen === null ? null : versionRow(db, chosen);
  if (version && version.photo_id !== photoId)
    throw new HeirloomError('library/not-found', `${photo.name} has no version ${version.id}`);
  return { photo, version };
}

function nameOf({ photo, version }: Picked, { index, count, options }: Place): string {
  return exportName(options.pattern, {
    ...{ name: photo.name, takenAt: photo.taken_at, number: index + 1, count },
    version: version && { number: version.number, preset: recipeOf(version).settings.preset },
  });
}

function recipeOf({ recipe }: VersionRow): Recipe {
  return JSON.parse(recipe) as Recipe;
}

/** How many of these have no version that stands for them; what is not there fails when it is exported. */
export function countOriginals({ db }: LibraryContext, photoIds: number[]): number {
  return photoIds.filter((id) => findPhoto(db, id)?.current_version_id === null).length;
}

/** What the engine will name it: the original's own extension where that fits, as it is spelled. */
function extensionOf(original: Pick<PhotoRow, 'format' | 'path'>, format: Options['format']): string {
  const own = isWritten(original.format) ? original.format : 'png';
  return extensionFor(format === 'same' ? own : format, extname(original.path));
}

/** Another number where this export, or with `rename` a file, has the name already. */
async function freePath(name: string, extension: string, { options, own }: Place): Promise<string> {
  for (let n = 1; n <= MAX_RENAMES; n++) {
    const path = join(options.folder, `${n === 1 ? name : `${name}-${n}`}${extension}`);
    if (own.has(path.toLowerCase())) continue;
    if (options.ifExists === 'rename' && (await exists(path))) continue;
    return path;
  }
  throw new HeirloomError('output/exists', `${join(options.folder, name)}: every number is taken`);
}

async function write(
  context: LibraryContext,
  { photo, version }: Picked,
  path: string,
  { options, originals, signal }: Run,
): Promise<string> {
  const original = await originalOrVersion(context, photo, version, signal);
  const input = version ? context.folder.absolute(version.path) : original;
  const stem = join(dirname(path), stemOf(path));
  // Without the original, the engine names it after the version.
  if (version && original === input)
    await originals.protect(`${stem}${extensionOf(version, options.format)}`);
  const { output } = await survivingDeath(() =>
    context.engines.imaging.call(
      'exportPicture',
      {
        ...{ input, original, output: stem, format: options.format },
        ...{ quality: options.quality, maxSide: options.maxSide, turn: photo.turn },
        ...{ keepMetadata: options.keepMetadata, sideBySide: options.sideBySide && version !== null },
        facts: options.keepMetadata ? factsOf(context, photo) : null,
        note: version && options.xmpNote ? noteOf(recipeOf(version)) : null,
        overwrite: options.ifExists === 'overwrite',
      },
      { signal },
    ),
  );
  return output;
}

/** What the family wrote down, people in reading order. */
function factsOf({ db }: LibraryContext, { id, taken_at: takenAt, caption }: PhotoRow): PhotoFacts {
  const names = facesOfPhoto(db, id).flatMap(({ person }) => (person ? [person.name] : []));
  return { takenAt, caption: caption.trim(), people: [...new Set(names)] };
}

function stemOf(path: string): string {
  const name = path.slice(dirname(path).length).replace(/^[\\/]/, '');
  return name.slice(0, name.length - extname(name).length);
}

/** Without its original a version can still be had; then it brings what it carries itself. */
async function originalOrVersion(
  context: LibraryContext,
  photo: PhotoRow,
  version: VersionRow | null,
  signal: AbortSignal,
): Promise<string> {
  try {
    return await originalFile(context, photo.id, { sure: true, signal });
  } catch (error) {
    if (version === null || signal.aborted) throw error;
    return context.folder.absolute(version.path);
  }
}

/** The note that says what was done to the picture, and with what. */
function noteOf({ heirloom, pack, settings }: Recipe): string {
  const how = `${settings.preset}, seed ${settings.seed}${ownSettingsNote(settings)}`;
  return `Faces restored by Heirloom ${heirloom} with ${pack.id} ${pack.version} (${how})`;
}
