import type { Job, Queue } from '../../../../contract/library.ts';
import { restoreSettingsSchema } from '../../../../contract/restore.ts';

/** A job as the application tells it, with what a test needs otherwise. */
export const makeJob = (id: number, changed: Partial<Job> = {}): Job => ({
  id,
  batchId: 1,
  photoId: 100 + id,
  photoName: `photo-${id}.jpg`,
  photoRevision: 1,
  state: 'waiting',
  settings: restoreSettingsSchema.parse({}),
  face: 0,
  faces: 0,
  step: 0,
  steps: 0,
  secondsLeft: null,
  versionId: null,
  error: null,
  notes: [],
  createdAt: '2026-11-21T10:00:00.000Z',
  finishedAt: null,
  ...changed,
});

export const makeQueue = (jobs: Job[], changed: Partial<Queue> = {}): Queue => ({
  paused: false,
  jobs,
  secondsLeft: null,
  ...changed,
});
