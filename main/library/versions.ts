import { existsSync } from 'node:fs';
import type { PhotoReport } from '../../contract/engine.ts';
import { HeirloomError } from '../../contract/errors.ts';
import type { FaceResult, Version } from '../../contract/library.ts';
import { finishJob } from './database/job-store.ts';
import { setCurrentVersion, setProblem } from './database/photo-rows.ts';
import { deleteVersion, insertVersion, versionRow, versionsOfPhoto } from './database/version-rows.ts';
import { survivingDeath } from './engine.ts';
import { hashFile } from './files.ts';
import type { LibraryContext } from './library-context.ts';
import { setAside } from './orphans.ts';
import { placeWithRow } from './place-with-row.ts';
import { thumbnailsOf } from './thumbnails.ts';

/** Where a version is written before the library takes it in, and where finished faces are kept meanwhile. */
export function versionOutput(
  { folder }: LibraryContext,
  photoId: number,
): { stem: string; checkpoint: string } {
  return {
    stem: folder.temporary(`version-${photoId}`),
    checkpoint: folder.temporary(`checkpoint-${photoId}`),
  };
}

/**
 * Takes the file of a finished restoration into the library; it stands for the photo from now on. `faceIds`: the
 * library's faces in the order in which the report counts them; `done`: the job that this is the end of. Throws
 * `internal` for a report without a file.
 */
export async function addVersion(
  context: LibraryContext,
  photoId: number,
  report: PhotoReport,
  faceIds: readonly number[],
  done?: { jobId: number; notes: string[] },
): Promise<Version> {
  const { output } = report;
  if (output === undefined)
    throw new HeirloomError('internal', `${report.input}: the report names no output`);
  const { sha256, bytes } = await hashFile(output);
  const thumbnails = thumbnailsOf(context.folder, sha256);
  const { format } = await survivingDeath(() =>
    context.engines.imaging.call('describePhoto', { input: output, thumbnails }),
  );
  const version = {
    ...{
      photoId,
      format,
      sha256,
      bytes,
      width: report.width,
      height: report.height,
      seconds: report.seconds,
    },
    createdAt: context.now().toISOString(),
    recipe: report.recipe,
    faces: report.faces.map((face) => toFaceResult(face, faceIds)),
    notes: report.notes,
  };
  const id = placeWithRow(context, null, (place) => {
    const pathOf = (versionId: number) => context.folder.versionPath(photoId, versionId, output);
    const { id, path } = insertVersion(context.db, version, pathOf);
    setCurrentVersion(context.db, photoId, id);
    setProblem(context.db, photoId, null);
    if (done) finishJob(context.db, { ...done, versionId: id, finishedAt: version.createdAt });
    // Left by a crash, or newer than a database that was brought back from a backup.
    if (existsSync(context.folder.absolute(path))) setAside(context.folder, path);
    place(output, path);
    return id;
  });
  return versionById(context, photoId, id);
}

function toFaceResult(
  { index, sizePx: _, ...result }: PhotoReport['faces'][number],
  faceIds: readonly number[],
): FaceResult {
  return { faceId: faceIds[index] ?? null, ...result };
}

function versionById({ db }: LibraryContext, photoId: number, id: number): Version {
  return versionsOfPhoto(db, photoId).find((version) => version.id === id)!;
}

/** The file goes when this cannot be undone any more. Throws `library/not-found`. */
export function removeVersion({ db }: LibraryContext, id: number): void {
  db.write('versions.remove', () => deleteVersion(db, versionRow(db, id)));
}
