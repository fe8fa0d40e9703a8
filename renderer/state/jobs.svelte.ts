import { SvelteMap } from 'svelte/reactivity';
import type { ApiEvent } from '../../contract/api.ts';
import type { Box, Job, Queue } from '../../contract/library.ts';
import { api } from '../api/api.ts';
import { attempt } from './toasts.svelte.ts';

type JobAction = 'pause' | 'resume' | 'cancel' | 'retry';
type Preview = { box: Box; picture: string };

export const isFinished = (job: Job): boolean =>
  job.state === 'done' || job.state === 'failed' || job.state === 'cancelled';
const isWaiting = (job: Job): boolean => job.state === 'waiting' || job.state === 'paused';

/** How far a job is, 0-1: whole faces, and steps of the face in work. */
export function jobProgress(job: Job): number {
  if (job.state === 'done') return 1;
  if (job.faces === 0) return 0;
  const part = job.steps > 0 ? job.step / job.steps : 0;
  return Math.min(1, (job.face + part) / job.faces);
}

/** The queue as the application tells it: read once, then kept up to date by events. */
export class JobsState {
  /** Which answer of `jobs.list` is the newest; an older one that comes late is dropped. */
  #reading = 0;
  /** Seconds that the running jobs had left when the queue was read: what the total loses as they go on. */
  #runningSecondsAtRead = 0;
  #secondsLeftAtRead = $state<number | null>(null);

  paused = $state(false);
  loaded = $state(false);
  /** Why the queue could not be read. */
  error = $state.raw<unknown>(null);
  jobs = $state.raw<readonly Job[]>([]);
  /** The face in work of each running job. */
  readonly previews = new SvelteMap<number, Preview>();

  readonly running = $derived(this.jobs.filter((job) => job.state === 'running'));
  /** In the order in which they will run; a paused one keeps its place. */
  readonly waiting = $derived(this.jobs.filter(isWaiting));
  readonly finished = $derived(this.jobs.filter(isFinished));
  readonly unfinishedCount = $derived(this.running.length + this.waiting.length);
  /** Of all jobs; null while nothing was measured. */
  readonly secondsLeft = $derived.by(() => {
    if (this.unfinishedCount === 0 || this.#secondsLeftAtRead === null) return null;
    return Math.max(0, this.#secondsLeftAtRead - this.#runningSecondsAtRead + this.#runningSeconds());
  });

  /** Reads the queue and listens; the answer stops listening. */
  start(): () => void {
    const stops = [
      api.on('job', (event) => this.#jobChanged(event.job)),
      api.on('preview', (event) => this.#previewArrived(event)),
      api.on('queue', () => void this.load()),
      api.onConnection((connected) => {
        if (connected) void this.load();
      }),
    ];
    return () => stops.forEach((stop) => stop());
  }

  async load(): Promise<void> {
    const reading = ++this.#reading;
    try {
      const queue = await api.call('jobs.list', {});
      if (reading === this.#reading) this.#take(queue);
    } catch (error) {
      if (reading === this.#reading) this.error = error;
    }
  }

  async pauseAll(paused: boolean): Promise<void> {
    await attempt(() => api.call('jobs.pauseAll', { paused }));
    await this.load();
  }

  async control(ids: number[], action: JobAction): Promise<void> {
    if (ids.length === 0) return;
    await attempt(() => api.call('jobs.control', { ids, action }));
    await this.load();
  }

  /** Places a waiting job before another one (null: last), on the screen at once. */
  async move(id: number, before: number | null): Promise<void> {
    if (id === before) return;
    this.jobs = moved(this.jobs, id, before);
    await attempt(() => api.call('jobs.move', { id, before }));
    await this.load();
  }

  /** One place up (-1) or down (+1) among those that wait; nothing at the ends. */
  async moveBy(id: number, by: -1 | 1): Promise<void> {
    const from = this.waiting.findIndex((job) => job.id === id);
    const to = from + by;
    if (from < 0 || to < 0 || to >= this.waiting.length) return;
    await this.move(id, this.waiting[by < 0 ? to : to + 1]?.id ?? null);
  }

  async clearFinished(): Promise<void> {
    await attempt(() => api.call('jobs.clearFinished', {}));
    await this.load();
  }

  #runningSeconds(): number {
    return this.running.reduce((sum, job) => sum + (job.secondsLeft ?? 0), 0);
  }

  #take(queue: Queue): void {
    this.paused = queue.paused;
    this.jobs = queue.jobs;
    this.#secondsLeftAtRead = queue.secondsLeft;
    this.#runningSecondsAtRead = this.#runningSeconds();
    this.error = null;
    this.loaded = true;
    for (const id of this.previews.keys())
      if (!this.running.some((job) => job.id === id)) this.previews.delete(id);
  }

  #jobChanged(job: Job): void {
    const at = this.jobs.findIndex(({ id }) => id === job.id);
    const before = this.jobs[at];
    if (before) this.jobs = this.jobs.with(at, job);
    if (job.state !== 'running') this.previews.delete(job.id);
    // The first time that is measured tells about those that wait, too.
    const measured = before?.secondsLeft === null && job.secondsLeft !== null;
    if (before?.state !== job.state || measured) void this.load();
  }

  #previewArrived({ jobId, box, picture }: Extract<ApiEvent, { kind: 'preview' }>): void {
    this.previews.set(jobId, { box, picture });
  }
}

function moved(jobs: readonly Job[], id: number, before: number | null): readonly Job[] {
  const job = jobs.find((each) => each.id === id);
  if (!job) return jobs;
  const rest = jobs.filter((each) => each.id !== id);
  const at = before === null ? lastUnfinished(rest) + 1 : rest.findIndex((each) => each.id === before);
  return at < 0 ? jobs : rest.toSpliced(at, 0, job);
}

const lastUnfinished = (jobs: readonly Job[]): number => jobs.findLastIndex((job) => !isFinished(job));

export const jobs = new JobsState();
