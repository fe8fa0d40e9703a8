import { rm } from 'node:fs/promises';
import type { EngineEvent, PhotoReport } from '../../contract/engine.ts';
import { throwIfCancelled } from '../../contract/errors.ts';
import type { ProviderChoice, RestoreSettings } from '../../contract/restore.ts';
import { say } from '../../contract/sentences.ts';
import type { Engine } from '../engines.ts';
import type { JobRecord, LibraryFace, QueueLibrary } from './queue-library.ts';

/** A pack's folder and the provider to run it on. */
export interface Models {
  pack: string;
  provider: ProviderChoice;
}

export interface JobTools {
  library: Omit<QueueLibrary, 'jobs'>;
  engine: Engine;
  /** Those of the settings; throws `pack/not-found`. */
  models: () => Promise<Models>;
}

export interface JobContext {
  signal: AbortSignal;
  onEvent: (event: EngineEvent) => void;
}

/** What a finished job leaves; without a version the notes say why. */
export interface JobOutcome {
  versionId: number | null;
  notes: string[];
}

/**
 * One photo of the queue: finds its original and its faces, lets the engine restore them, takes the result into the
 * library. A death of the engine or an interruption leaves the finished faces in the checkpoint folder, and the next
 * run of the same job goes on from there.
 */
export async function restoreJob(
  job: JobRecord,
  { library, engine, models }: JobTools,
  { signal, onEvent }: JobContext,
): Promise<JobOutcome> {
  const { id, photoId } = job;
  const input = await library.originalFile(photoId, { sure: true });
  const faces = await library.knownFaces(photoId);
  throwIfCancelled(signal);
  const settings = settingsNow(job, faces);
  const chosen = chooseFaces(settings.faces, faces);
  if (chosen.length === 0) return { versionId: null, notes: [nothingToDo(faces)] };
  const { stem, checkpoint } = library.versionOutput(photoId);
  const report = await engine.call(
    'restorePhoto',
    {
      input,
      output: stem,
      overwrite: true,
      settings: { ...settings, faces: chosen.length === faces.length ? 'all' : chosen },
      models: await models(),
      previews: true,
      known: faces.map(({ known }) => known),
      checkpoint,
    },
    { signal, onEvent },
  );
  if (report.status !== 'restored') return { versionId: null, notes: await discard(report) };
  return await keep(id, photoId, report, faces, library);
}

/** Indices in reading order of the faces that are wanted and not switched off. */
function chooseFaces(wanted: RestoreSettings['faces'], faces: LibraryFace[]): number[] {
  return [...faces.keys()].filter(
    (index) => !faces[index]?.off && (wanted === 'all' || wanted.includes(index)),
  );
}

/**
 * Settings of single faces by the index that each has now; those of a face that was removed or switched off meanwhile go
 * with it.
 */
function settingsNow({ settings, faceIds }: JobRecord, faces: LibraryFace[]): RestoreSettings {
  if (!settings.perFace || !faceIds) return settings;
  const indexNow = (index: string): number => {
    const id = faceIds[Number(index)];
    return id === undefined ? Number(index) : faces.findIndex(({ faceId, off }) => faceId === id && !off);
  };
  const moved = Object.entries(settings.perFace).map(([index, own]) => [indexNow(index), own] as const);
  return { ...settings, perFace: Object.fromEntries(moved.filter(([index]) => index >= 0)) };
}

function nothingToDo(faces: LibraryFace[]): string {
  if (faces.length === 0) return say('no_face_found');
  return say('no_face_chosen');
}

async function keep(
  jobId: number,
  photoId: number,
  report: PhotoReport,
  faces: LibraryFace[],
  library: JobTools['library'],
): Promise<JobOutcome> {
  const faceIds = faces.map(({ faceId }) => faceId);
  const notes = notesOf(report);
  try {
    const { id } = await library.addVersion(photoId, report, faceIds, { jobId, notes });
    return { versionId: id, notes };
  } catch (error) {
    await removeOutput(report);
    throw error;
  }
}

/** Nothing was restored: the engine's output is a copy of the original, which nobody needs twice. */
async function discard(report: PhotoReport): Promise<string[]> {
  await removeOutput(report);
  return notesOf(report);
}

async function removeOutput({ output }: PhotoReport): Promise<void> {
  if (output !== undefined) await rm(output, { force: true });
}

function notesOf({ faces, notes }: PhotoReport): string[] {
  const small = faces.filter(({ status }) => status === 'too-small');
  const failed = faces.filter(({ status }) => status === 'failed');
  const total = faces.length;
  return [
    ...(small.length > 0 ? [say('faces_too_small', { count: small.length, total })] : []),
    ...(failed.length > 0
      ? [say('faces_failed', { count: failed.length, total, reason: failed[0]?.note ?? '?' })]
      : []),
    ...notes,
  ];
}
