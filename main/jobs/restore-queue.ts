import { rm } from 'node:fs/promises';
import type { ApiEvent } from '../../contract/api.ts';
import type { EngineEvent } from '../../contract/engine.ts';
import { HeirloomError, toErrorEnvelope } from '../../contract/errors.ts';
import type { Box, Job, Queue } from '../../contract/library.ts';
import type { RestoreSettings } from '../../contract/restore.ts';
import { say } from '../../contract/sentences.ts';
import type { JobPatch, JobRecord, JobState, QueueLibrary } from './queue-library.ts';
import { restoreJob, type JobOutcome, type JobTools } from './restore-job.ts';
import { kindOfJob, NO_PROGRESS, StepTimes, type JobProgress, type JobWatch } from './step-times.ts';

export interface QueueTools extends JobTools {
  library: QueueLibrary;
  emit: (event: ApiEvent) => void;
  /** No more previews of a job. */
  endPreviews: (subject: { jobId: number }) => void;
  /** The provider of the settings, by which step times are kept. */
  provider: () => string;
}

export type JobAction = 'pause' | 'resume' | 'cancel' | 'retry';

/** What becomes of a job that is interrupted. */
type StopReason = 'paused' | 'cancelled' | 'waiting';

interface Running {
  id: number;
  batchId: number;
  controller: AbortController;
  reason: StopReason | null;
  progress: JobProgress;
  box: Box | null;
  watch: JobWatch;
  ended: Promise<void>;
}

/** No photo can be written or read: the disk, not the photo. */
const DISK_REASONS = /^(ENOSPC|EDQUOT|EROFS|EIO|ENXIO|ENODEV|SQLITE_\w+)$/;
/** What kills the engine this often has failed. */
const MAX_DEATHS = 2;
/** An event about more photos than this names none: all are read again. */
const MAX_NAMED = 500;
/** From which states an action leads where; a job in another state is left as it is. */
const TRANSITIONS: Record<JobAction, { from: readonly JobState[]; to: JobState }> = {
  pause: { from: ['waiting', 'running'], to: 'paused' },
  resume: { from: ['paused'], to: 'waiting' },
  cancel: { from: ['waiting', 'running', 'paused'], to: 'cancelled' },
  retry: { from: ['failed', 'cancelled'], to: 'waiting' },
};

/**
 * Restores the photos of the library's jobs, one at a time, in their order. Jobs live in the library, so that they
 * outlast the application; only the progress of the one in work is kept here. A job that fails never stops the
 * others.
 */
export class RestoreQueue {
  readonly #tools: QueueTools;
  readonly #times = new StepTimes();
  #paused = false;
  #closed = false;
  #running: Running | null = null;
  /** How far jobs came that were interrupted and go on later. Lost with a restart, their finished faces are not. */
  readonly #kept = new Map<number, JobProgress>();

  constructor(tools: QueueTools) {
    this.#tools = tools;
  }

  /** Goes on with what an earlier run of the application left; where that cannot be noted down, it stands still. */
  start(): void {
    this.#paused = this.#jobs.paused;
    try {
      this.#jobs.recoverInterrupted();
    } catch (error) {
      this.#standStill(error);
    }
    this.#next();
  }

  /**
   * Nothing can be done while the library cannot be written (a full disk, a drive that was pulled out): the job in work
   * waits, and whoever mends it goes on with the queue.
   */
  #standStill(error: unknown): void {
    const { code, message } = toErrorEnvelope(error);
    if (!(error instanceof HeirloomError)) console.error(error);
    this.#paused = true;
    this.#tools.emit({ kind: 'notice', code, message });
    this.#tools.emit({ kind: 'queue' });
  }

  enqueue(photoIds: number[], settings: RestoreSettings): { batchId: number; jobs: number } {
    const { batchId, ids } = this.#jobs.add(photoIds, settings);
    this.#changed(photoIds);
    this.#next();
    return { batchId, jobs: ids.length };
  }

  list(): Queue {
    const jobs = this.#jobs.list().map((record) => this.#view(record));
    return { paused: this.#paused, jobs, secondsLeft: sumLeft(jobs) };
  }

  /** The job in work goes back to its place and goes on from its last finished face. Outlasts a restart. */
  pauseAll(paused: boolean): void {
    // What stood still may have left its job as running.
    if (!paused && !this.#running) this.#jobs.recoverInterrupted();
    this.#paused = paused;
    if (paused) this.#stop('waiting');
    this.#jobs.pause(paused);
    this.#tools.emit({ kind: 'queue' });
    this.#next();
  }

  /** A job for which the action makes no sense (meanwhile) is left as it is. Throws `library/not-found`. */
  async control(ids: number[], action: JobAction): Promise<void> {
    const records = [...new Set(ids)].map((id) => this.#jobs.get(id));
    const chosen = records.filter(({ state }) => TRANSITIONS[action].from.includes(state));
    this.#transition(chosen, action);
    if (action === 'cancel')
      for (const batchId of new Set(chosen.map((record) => record.batchId))) this.#announceBatch(batchId);
    this.#changed(chosen.map(({ photoId }) => photoId));
    this.#next();
    if (action === 'cancel') for (const { id } of chosen) await this.#forgetCancelled(id);
  }

  /** Before another waiting job; null: last. Throws `library/not-found`. */
  move(id: number, before: number | null): void {
    this.#jobs.move(id, before);
    this.#tools.emit({ kind: 'queue' });
  }

  clearFinished(): void {
    this.#jobs.clearFinished();
    this.#tools.emit({ kind: 'queue' });
  }

  /** Interrupts the job in work, which waits again; resolves when it has stopped. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#stop('waiting');
    await this.#running?.ended;
  }

  get #jobs(): QueueLibrary['jobs'] {
    return this.#tools.library.jobs;
  }

  #stop(reason: StopReason): void {
    if (!this.#running || this.#running.reason === 'cancelled') return;
    // One that a person paused stays so when the whole queue stands still before it has stopped.
    if (this.#running.reason === 'paused' && reason === 'waiting') return;
    this.#running.reason = reason;
    this.#running.controller.abort();
  }

  /** All of them at once, so that none begins while the others are told. */
  #transition(records: JobRecord[], action: JobAction): void {
    const { to } = TRANSITIONS[action];
    const others = records.filter(({ id }) => id !== this.#running?.id).map(({ id }) => id);
    const patch = { state: to, ...(action === 'retry' && { error: null, notes: [], attempts: 0 }) };
    if (others.length < records.length) this.#stop(to as StopReason);
    if (others.length > 0) this.#jobs.updateAll(others, patch);
  }

  /** The job in work forgets its own when it has stopped; one that was asked for again meanwhile keeps them. */
  async #forgetCancelled(id: number): Promise<void> {
    const record = this.#recordOf(id);
    if (record?.state === 'cancelled') await this.#forgetFaces(record);
  }

  /** Undefined of a job that went with its photo. */
  #recordOf(id: number): JobRecord | undefined {
    let record: JobRecord | undefined;
    unlessGone(() => {
      record = this.#jobs.get(id);
    });
    return record;
  }

  /** Starts the next job unless one is in work. */
  #next(): void {
    if (this.#running || this.#paused || this.#closed) return;
    try {
      const record = this.#jobs.nextWaiting();
      if (record) this.#run(record);
    } catch (error) {
      this.#standStill(error);
    }
  }

  #run(record: JobRecord): void {
    const watch = this.#times.watch(this.#kind(record));
    const { id, batchId } = record;
    const running: Running = {
      id,
      batchId,
      controller: new AbortController(),
      reason: null,
      progress: NO_PROGRESS,
      box: null,
      watch,
      ended: Promise.resolve(),
    };
    this.#update(id, { state: 'running' });
    this.#running = running;
    this.#emitJob(id);
    running.ended = this.#work(record, running)
      .catch((error: unknown) => this.#standStill(error))
      .then(() => this.#next());
  }

  async #work(record: JobRecord, running: Running): Promise<void> {
    try {
      const outcome = await this.#tryTwice(record, running);
      await this.#finish(record, running, outcome);
    } catch (error) {
      await this.#interrupt(record, running, error);
    } finally {
      this.#running = null;
      this.#tools.endPreviews({ jobId: record.id });
    }
    this.#emitJob(record.id);
    this.#changed([record.photoId]);
    this.#announceBatch(record.batchId);
  }

  /** A death of the engine may be chance. The count outlasts a restart: what kills it again and again has an end. */
  async #tryTwice(record: JobRecord, running: Running): Promise<JobOutcome> {
    for (let deaths = record.attempts + 1; ; deaths++) {
      try {
        return await restoreJob(record, this.#tools, {
          signal: running.controller.signal,
          onEvent: (event) => this.#hear(event, running),
        });
      } catch (error) {
        if (!(error instanceof HeirloomError) || error.code !== 'engine/died' || running.reason) throw error;
        this.#update(record.id, { attempts: deaths });
        if (deaths < MAX_DEATHS) continue;
        throw new HeirloomError('engine/died', say('gave_up', { reason: error.message }));
      }
    }
  }

  #hear(event: EngineEvent, running: Running): void {
    const { progress } = running;
    if (event.kind === 'face') {
      running.watch.face();
      running.box = event.box;
      running.progress = { face: event.number - 1, faces: event.count, step: 0, steps: 0 };
    } else if (event.kind === 'step') {
      running.progress = { ...progress, step: event.step, steps: event.steps };
      // A face that an earlier try has finished comes without one, and takes no time.
      if (event.preview) {
        running.watch.step(event.step);
        this.#preview(running, event.preview);
      }
    } else if (event.kind === 'stage' && event.stage === 'encode')
      running.progress = { ...progress, face: progress.faces, step: 0, steps: 0 };
    else return;
    this.#emitJob(running.id);
  }

  #preview({ id, box }: Running, jpeg: Uint8Array): void {
    if (!box) return;
    const picture = `data:image/jpeg;base64,${Buffer.from(jpeg).toString('base64')}`;
    this.#tools.emit({ kind: 'preview', jobId: id, box, picture });
  }

  async #finish(record: JobRecord, { watch }: Running, outcome: JobOutcome): Promise<void> {
    await this.#forgetFaces(record);
    watch.done();
    this.#update(record.id, { ...outcome, state: 'done', error: null });
    this.#markProblem(record, null);
  }

  async #interrupt(record: JobRecord, { reason }: Running, error: unknown): Promise<void> {
    // The face in work begins anew.
    this.#kept.set(record.id, { ...this.#progressOf(record.id), step: 0, steps: 0 });
    if (reason === 'waiting' || reason === 'paused') return this.#update(record.id, { state: reason });
    if (reason === null && isOfDisk(error)) {
      this.#standStill(error);
      return this.#update(record.id, { state: 'waiting' });
    }
    await this.#forgetFaces(record);
    if (reason === 'cancelled') this.#update(record.id, { state: 'cancelled' });
    else await this.#fail(record, error);
  }

  async #fail(record: JobRecord, cause: unknown): Promise<void> {
    const error = await this.#describe(cause, record);
    this.#update(record.id, { state: 'failed', error });
    this.#markProblem(record, error);
  }

  /** The file's place in the library means nothing to a person; its name does. */
  async #describe(error: unknown, { photoId, photoName }: JobRecord): Promise<NonNullable<Job['error']>> {
    if (!(error instanceof HeirloomError)) console.error(error);
    const { code, message } = toErrorEnvelope(error);
    const file = await this.#tools.library.originalFile(photoId).catch(() => null);
    return { code, message: file === null ? message : message.replaceAll(file, photoName) };
  }

  /** What a cancelled or finished job kept to go on from; another job of its photo keeps its own in the same folder. */
  async #forgetFaces({ id, photoId }: JobRecord): Promise<void> {
    this.#kept.delete(id);
    if (this.#jobs.hasOther(photoId, id)) return;
    const { checkpoint } = this.#tools.library.versionOutput(photoId);
    await rm(checkpoint, { recursive: true, force: true });
  }

  #kind({ settings }: JobRecord): string {
    return kindOfJob(settings, this.#tools.provider());
  }

  #view({ attempts: _, knownFaces, faceIds: __, ...record }: JobRecord): Job {
    const isRunning = this.#running?.id === record.id;
    const progress = this.#progressOf(record.id);
    // The library could not be told that it waits again.
    const state = record.state === 'running' && !isRunning ? 'waiting' : record.state;
    const kind = kindOfJob(record.settings, this.#tools.provider());
    const isAhead = state === 'running' || state === 'waiting';
    const { faces: wanted } = record.settings;
    const faces = wanted === 'all' ? knownFaces : wanted.length;
    const secondsLeft = isAhead ? this.#times.secondsLeft(kind, progress, faces) : null;
    return { ...record, ...progress, state, secondsLeft };
  }

  /** Until a job that goes on hears of its faces again, it is where it was. */
  #progressOf(id: number): JobProgress {
    const heard =
      this.#running?.id === id && this.#running.progress.faces > 0 ? this.#running.progress : null;
    return heard ?? this.#kept.get(id) ?? NO_PROGRESS;
  }

  /** News that a library out of reach cannot give must not stop the work: the next write says what is wrong. */
  #emitJob(id: number): void {
    try {
      unlessGone(() => this.#tools.emit({ kind: 'job', job: this.#view(this.#jobs.get(id)) }));
    } catch (error) {
      console.error(error);
    }
  }

  #update(id: number, patch: JobPatch): void {
    unlessGone(() => this.#jobs.update(id, patch));
  }

  #markProblem({ photoId }: JobRecord, error: Job['error']): void {
    unlessGone(() => this.#tools.library.markProblem(photoId, error));
  }

  #changed(photoIds: number[]): void {
    if (photoIds.length === 0) return;
    this.#tools.emit({ kind: 'queue' });
    this.#tools.emit({ kind: 'photos', ids: photoIds.length > MAX_NAMED ? null : [...new Set(photoIds)] });
  }

  /** Once all jobs of a batch are finished; again where a retry finished it again. */
  #announceBatch(batchId: number): void {
    const { waiting, running, paused, done, failed, cancelled } = this.#jobs.batchCounts(batchId);
    if (waiting + running + paused > 0 || done + failed + cancelled === 0) return;
    this.#tools.emit({ kind: 'batch', batchId, done, failed, cancelled });
  }
}

/**
 * Of all that run or wait; one of which nothing is known yet counts like those that wait. Null where none of these is
 * known: what the one in work still needs says nothing of whole photos.
 */
function sumLeft(jobs: Job[]): number | null {
  const ahead = jobs.filter(({ state }) => state === 'running' || state === 'waiting');
  const known = secondsOf(ahead);
  const unknown = ahead.length - known.length;
  if (unknown === 0) return ahead.length === 0 ? null : sum(known);
  const whole = secondsOf(ahead.filter(({ state }) => state === 'waiting'));
  return whole.length === 0 ? null : sum(known) + (sum(whole) / whole.length) * unknown;
}

function secondsOf(jobs: Job[]): number[] {
  return jobs.map(({ secondsLeft }) => secondsLeft).filter((seconds) => seconds !== null);
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function isOfDisk(error: unknown): boolean {
  return error instanceof HeirloomError && DISK_REASONS.test(String(error.details['reason']));
}

/** A photo that is deleted for good takes its jobs along, also the one in work. */
function unlessGone(act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!(error instanceof HeirloomError) || error.code !== 'library/not-found') throw error;
  }
}
