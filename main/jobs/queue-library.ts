import type { KnownFace, PhotoReport } from '../../contract/engine.ts';
import type { Job, Version } from '../../contract/library.ts';
import type { RestoreSettings } from '../../contract/restore.ts';

/** A job as the library keeps it: what is left of it after a restart. */
export type JobRecord = Omit<Job, 'face' | 'faces' | 'step' | 'steps' | 'secondsLeft'> & {
  /** How often the engine died of it. */
  attempts: number;
  /** Faces of the photo that are not switched off; null where nobody has looked for them. */
  knownFaces: number | null;
  /** Where settings are of single faces: the photo's faces when they were chosen, in reading order, if it had any. */
  faceIds: number[] | null;
};

export type JobState = Job['state'];

/** Jobs of each state in a batch. */
export type BatchCounts = Record<JobState, number>;

export type JobPatch = Partial<
  Pick<JobRecord, 'state' | 'settings' | 'attempts' | 'versionId' | 'error' | 'notes'>
>;

/** A job whose version is taken into the library. */
export interface FinishedJob {
  jobId: number;
  notes: string[];
}

/** The part of the library that keeps jobs. */
export interface QueueStore {
  /** Whether the whole queue stands still. */
  readonly paused: boolean;
  pause(paused: boolean): void;
  /** Throws `library/not-found` and then adds none. */
  add(photoIds: readonly number[], settings: RestoreSettings): { batchId: number; ids: number[] };
  /** Throws `library/not-found`. */
  get(id: number): JobRecord;
  /** Running first, then waiting in their order, then finished, newest first. */
  list(): JobRecord[];
  /** When it was finished follows from the state. Throws `library/not-found`. */
  update(id: number, patch: JobPatch): JobRecord;
  /** The same for all of them or none, in one transaction. */
  updateAll(ids: readonly number[], patch: JobPatch): void;
  /** Before another waiting job; null: last. Throws `library/not-found`. */
  move(id: number, before: number | null): void;
  nextWaiting(): JobRecord | null;
  /** Whether a job of this photo besides the one named has not come to its end. */
  hasOther(photoId: number, besides: number): boolean;
  /** `batchCounts` still counts those of a batch that is in work. */
  clearFinished(): void;
  /** Jobs that ran when the application ended wait again; answers with their ids. */
  recoverInterrupted(): number[];
  batchCounts(batchId: number): BatchCounts;
}

/** A face of a photo, as the library knows it. */
export interface LibraryFace {
  faceId: number;
  known: KnownFace;
  /** Switched off by the person. */
  off: boolean;
  tooSmall: boolean;
}

/** What a restoration needs of the library. */
export interface QueueLibrary {
  jobs: QueueStore;
  /** `sure`: its bytes are compared with those that were imported. */
  originalFile(photoId: number, options?: { sure: boolean }): Promise<string>;
  /** In reading order; looks for them first where nobody did. */
  knownFaces(photoId: number): Promise<LibraryFace[]>;
  /** Where a version is written before the library takes it in, and where finished faces are kept meanwhile. */
  versionOutput(photoId: number): { stem: string; checkpoint: string };
  /** In one transaction with the end of its job, so that no restart does the job again. */
  addVersion(photoId: number, report: PhotoReport, faceIds: number[], done: FinishedJob): Promise<Version>;
  markProblem(photoId: number, error: { code: string; message: string } | null): void;
}
