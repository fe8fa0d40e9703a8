import type { Job } from '../../../contract/library.ts';
import type { RestoreSettings } from '../../../contract/restore.ts';
import { facesOfPhoto } from './face-rows.ts';
import type { LibraryDatabase } from './library-database.ts';
import { expectAll, notFound } from './rows.ts';

export interface JobRecord extends Pick<
  Job,
  | 'id'
  | 'batchId'
  | 'photoId'
  | 'photoName'
  | 'photoRevision'
  | 'state'
  | 'settings'
  | 'versionId'
  | 'error'
  | 'notes'
  | 'createdAt'
  | 'finishedAt'
> {
  /** How often it was begun. */
  attempts: number;
  /** Faces of the photo that are not switched off; null where nobody has looked for them. */
  knownFaces: number | null;
  /** Where settings are of single faces: the photo's faces when they were chosen, in reading order, if it had any. */
  faceIds: number[] | null;
}

export type JobPatch = Partial<
  Pick<JobRecord, 'state' | 'settings' | 'attempts' | 'versionId' | 'error' | 'notes'>
>;

interface JobRow {
  id: number;
  batch_id: number;
  photo_id: number;
  name: string;
  revision: number;
  state: JobRecord['state'];
  settings: string;
  attempts: number;
  known_faces: number | null;
  face_ids: string | null;
  version_id: number | null;
  error: string | null;
  notes: string;
  created_at: string;
  finished_at: string | null;
}

const SELECT = `
  SELECT jobs.*, photos.name, photos.revision,
    CASE WHEN photos.detector IS NOT NULL OR photos.face_count > 0 THEN
      (SELECT count(*) FROM faces WHERE faces.photo_id = photos.id AND off = 0)
    END AS known_faces
  FROM jobs JOIN photos ON photos.id = jobs.photo_id`;
const FINISHED = ['done', 'failed', 'cancelled'];
/** Condition of SQL: has not come to its end. */
const UNFINISHED = "state IN ('waiting', 'running', 'paused')";

function toRecord(row: JobRow): JobRecord {
  return {
    id: row.id,
    batchId: row.batch_id,
    photoId: row.photo_id,
    photoName: row.name,
    photoRevision: row.revision,
    state: row.state,
    settings: JSON.parse(row.settings) as RestoreSettings,
    attempts: row.attempts,
    knownFaces: row.known_faces,
    faceIds: row.face_ids === null ? null : (JSON.parse(row.face_ids) as number[]),
    versionId: row.version_id,
    error: row.error === null ? null : (JSON.parse(row.error) as JobRecord['error']),
    notes: JSON.parse(row.notes) as string[],
    createdAt: row.created_at,
    finishedAt: row.finished_at,
  };
}

/** The queue as it is kept: it outlives the program. Undo does not touch it. */
export class JobStore {
  readonly #db: LibraryDatabase;
  readonly #now: () => Date;

  constructor(db: LibraryDatabase, now: () => Date) {
    this.#db = db;
    this.#now = now;
  }

  /** Whether the whole queue stands still. */
  get paused(): boolean {
    return this.#db.value<number>('SELECT paused FROM queue') === 1;
  }

  pause(paused: boolean): void {
    this.#db.write(null, () => this.#db.run('UPDATE queue SET paused = ?', paused ? 1 : 0));
  }

  /** One waiting job a photo, at the end of the queue. Throws `library/not-found` and then adds none. */
  add(photoIds: readonly number[], settings: RestoreSettings): { batchId: number; ids: number[] } {
    return this.#db.write(null, () => {
      expectAll(this.#db, 'photos', photoIds);
      const last = this.#db.value<number>('SELECT coalesce(max(position), 0) FROM jobs') ?? 0;
      const ids = photoIds.map((photoId, i) => this.#insert(photoId, settings, last + i + 1));
      // Ids are never used again, so the first one of a batch names it for good.
      const [batchId = 0] = ids;
      this.#db.run('UPDATE jobs SET batch_id = ? WHERE id >= ?', batchId, batchId);
      return { batchId, ids };
    });
  }

  #insert(photoId: number, settings: RestoreSettings, position: number): number {
    return this.#db.run(
      `INSERT INTO jobs (batch_id, photo_id, state, settings, face_ids, position, created_at)
       VALUES (0, ?, 'waiting', ?, ?, ?, ?)`,
      ...[photoId, JSON.stringify(settings), this.#faceIds(photoId, settings), position],
      this.#now().toISOString(),
    ).id;
  }

  #faceIds(photoId: number, { perFace }: RestoreSettings): string | null {
    if (!perFace) return null;
    const ids = facesOfPhoto(this.#db, photoId).map(({ id }) => id);
    return ids.length === 0 ? null : JSON.stringify(ids);
  }

  /** Throws `library/not-found`. */
  get(id: number): JobRecord {
    const row = this.#db.get<JobRow>(`${SELECT} WHERE jobs.id = ?`, id);
    if (!row) throw notFound('jobs', id);
    return toRecord(row);
  }

  /** Running first, then waiting and paused in their order, then finished, newest first. */
  list(): JobRecord[] {
    const rows = this.#db.all<JobRow>(
      `${SELECT} ORDER BY
         CASE jobs.state WHEN 'running' THEN 0 WHEN 'waiting' THEN 1 WHEN 'paused' THEN 1 ELSE 2 END,
         CASE WHEN jobs.state IN ('running', 'waiting', 'paused') THEN jobs.position END,
         jobs.finished_at DESC, jobs.id DESC`,
    );
    return rows.map(toRecord);
  }

  /** `finishedAt` follows the state. */
  update(id: number, patch: JobPatch): JobRecord {
    this.updateAll([id], patch);
    return this.get(id);
  }

  /** All of them or none. Throws `library/not-found`. */
  updateAll(ids: readonly number[], patch: JobPatch): void {
    this.#db.write(null, () => ids.forEach((id) => this.#put(id, patch)));
  }

  #put(id: number, patch: JobPatch): void {
    const { state, settings, attempts, versionId, error, notes } = { ...this.get(id), ...patch };
    const finishedAt = FINISHED.includes(state) ? this.#now().toISOString() : null;
    this.#db.run(
      `UPDATE jobs SET state = ?, settings = ?, attempts = ?, version_id = ?, error = ?, notes = ?,
           finished_at = iif(? IS NULL, NULL, coalesce(finished_at, ?)) WHERE id = ?`,
      ...[state, JSON.stringify(settings), attempts, versionId],
      ...[error && JSON.stringify(error), JSON.stringify(notes), finishedAt, finishedAt, id],
    );
  }

  /** Places a job before another one; null, or one that is finished: last. */
  move(id: number, before: number | null): void {
    this.#db.write(null, () => {
      expectAll(this.#db, 'jobs', before === null ? [id] : [id, before]);
      if (before === id) return;
      const ids = this.#db.column<number>(
        `SELECT id FROM jobs WHERE ${UNFINISHED} AND id <> ? ORDER BY position`,
        id,
      );
      const place = before === null ? -1 : ids.indexOf(before);
      ids.splice(place < 0 ? ids.length : place, 0, id);
      for (const [position, one] of ids.entries())
        this.#db.run('UPDATE jobs SET position = ? WHERE id = ?', position, one);
    });
  }

  nextWaiting(): JobRecord | null {
    const row = this.#db.get<JobRow>(`${SELECT} WHERE jobs.state = 'waiting' ORDER BY position LIMIT 1`);
    return row ? toRecord(row) : null;
  }

  /** Whether a job of this photo besides the one named has not come to its end. */
  hasOther(photoId: number, besides: number): boolean {
    return (
      this.#db.value(
        `SELECT 1 FROM jobs WHERE photo_id = ? AND id <> ? AND ${UNFINISHED} LIMIT 1`,
        ...[photoId, besides],
      ) !== undefined
    );
  }

  /** Of a batch that is still in work their number is kept. */
  clearFinished(): void {
    this.#db.write(null, () => {
      this.#db.run(
        `INSERT INTO cleared_jobs (batch_id, state, count)
           SELECT batch_id, state, count(*) FROM jobs WHERE state IN ('done', 'failed', 'cancelled')
           GROUP BY batch_id, state
         ON CONFLICT DO UPDATE SET count = count + excluded.count`,
      );
      this.#db.run("DELETE FROM jobs WHERE state IN ('done', 'failed', 'cancelled')");
      this.#db.run('DELETE FROM cleared_jobs WHERE batch_id NOT IN (SELECT batch_id FROM jobs)');
    });
  }

  /** What was running when the program ended waits again; answers with the ids. */
  recoverInterrupted(): number[] {
    return this.#db.write(null, () => {
      const ids = this.#db.column<number>("SELECT id FROM jobs WHERE state = 'running'");
      this.#db.run("UPDATE jobs SET state = 'waiting' WHERE state = 'running'");
      return ids;
    });
  }

  /** The states of a batch, also of its jobs that were cleared; they add up to its size. */
  batchCounts(batchId: number): Record<JobRecord['state'], number> {
    const counts = { waiting: 0, running: 0, paused: 0, done: 0, failed: 0, cancelled: 0 };
    const rows = this.#db.all<{ state: JobRecord['state']; count: number }>(
      `SELECT state, count(*) AS count FROM jobs WHERE batch_id = ? GROUP BY state
       UNION ALL SELECT state, count FROM cleared_jobs WHERE batch_id = ?`,
      ...[batchId, batchId],
    );
    for (const { state, count } of rows) counts[state] += count;
    return counts;
  }
}

/** The job's part of the transaction that takes its version in. */
export function finishJob(
  db: LibraryDatabase,
  job: { jobId: number; versionId: number; notes: string[]; finishedAt: string },
): void {
  db.run(
    "UPDATE jobs SET state = 'done', version_id = ?, error = NULL, notes = ?, finished_at = ? WHERE id = ?",
    ...[job.versionId, JSON.stringify(job.notes), job.finishedAt, job.jobId],
  );
}

/** Photos whose restoration has not come to its end. */
export function photosInQueue(db: LibraryDatabase): number[] {
  return db.column<number>(`SELECT photo_id FROM jobs WHERE ${UNFINISHED}`);
}
