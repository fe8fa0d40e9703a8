import { SvelteMap } from 'svelte/reactivity';
import type { ApiEvent } from '../../contract/api.ts';
import type { Box, Job, Queue } from '../../contract/library.ts';
import type { ApiClient } from '../api/client.ts';

type JobAction = 'pause' | 'resume' | 'cancel' | 'retry';
type Preview = { box: Box; picture: string };

const isFinished = (job: Job): boolean =>
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
  readonly #api: Pick<ApiClient, 'call' | 'on'>;
  /** Which answer of `jobs.list` is the newest; an older one that comes late is dropped. */
  #reading = 0;
  /** Seconds that the running jobs had left when the queue was read: what the total loses as they go on. */
  #runningSecondsAtRead = 0;
  #secondsLeftAtRead = $state<number | null>(null);

  paused = $state(false);
  loaded = $state(false);
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

  constructor(api: Pick<ApiClient, 'call' | 'on'>) {
    this.#api = api;
  }

  /** Reads the queue and listens; the answer stops listening. */
  start(): () => void {
    const stops = [
      this.#api.on('job', (event) => this.#jobChanged(event.job)),
      this.#api.on('preview', (event) => this.#previewArrived(event)),
      this.#api.on('queue', () => void this.load()),
    ];
    void this.load();
    return () => stops.forEach((stop) => stop());
  }

  async load(): Promise<void> {
    const reading = ++this.#reading;
    const queue = await this.#api.call('jobs.list', {});
    if (reading === this.#reading) this.#take(queue);
  }

  async pauseAll(paused: boolean): Promise<void> {
    await this.#api.call('jobs.pauseAll', { paused });
    this.paused = paused;
  }

  async control(ids: number[], action: JobAction): Promise<void> {
    if (ids.length === 0) return;
    await this.#api.call('jobs.control', { ids, action });
  }

  /** Places a waiting job before another one (null: last), on the screen at once. */
  async move(id: number, before: number | null): Promise<void> {
    if (id === before) return;
    this.jobs = moved(this.jobs, id, before);
    await this.#api.call('jobs.move', { id, before });
  }

  /** One place up (-1) or down (+1) among those that wait; nothing at the ends. */
  async moveBy(id: number, by: -1 | 1): Promise<void> {
    const from = this.waiting.findIndex((job) => job.id === id);
    const to = from + by;
    if (from < 0 || to < 0 || to >= this.waiting.length) return;
    await this.move(id, this.waiting[by < 0 ? to : to + 1]?.id ?? null);
  }

  async clearFinished(): Promise<void> {
    await this.#api.call('jobs.clearFinished', {});
    this.jobs = this.jobs.filter((job) => !isFinished(job));
  }

  #runningSeconds(): number {
    return this.running.reduce((sum, job) => sum + (job.secondsLeft ?? 0), 0);
  }

  #take(queue: Queue): void {
    this.paused = queue.paused;
    this.jobs = queue.jobs;
    this.#secondsLeftAtRead = queue.secondsLeft;
    this.#runningSecondsAtRead = this.#runningSeconds();
    this.loaded = true;
    for (const id of this.previews.keys())
      if (!this.running.some((job) => job.id === id)) this.previews.delete(id);
  }

  #jobChanged(job: Job): void {
    const at = this.jobs.findIndex(({ id }) => id === job.id);
    if (at < 0) {
      void this.load();
      return;
    }
    const before = this.jobs[at];
    this.jobs = this.jobs.with(at, job);
    if (job.state !== 'running') this.previews.delete(job.id);
    if (before && before.state !== job.state) void this.load();
  }

  #previewArrived({ jobId, box, picture }: Extract<ApiEvent, { kind: 'preview' }>): void {
    this.previews.set(jobId, { box, picture });
  }
}

function moved(jobs: readonly Job[], id: number, before: number | null): readonly Job[] {
  const job = jobs.find((each) => each.id === id);
  if (!job) return jobs;
  const rest = jobs.filter((each) => each.id !== id);
  const at = before === null ? lastWaiting(rest) + 1 : rest.findIndex((each) => each.id === before);
  return at < 0 ? jobs : rest.toSpliced(at, 0, job);
}

function lastWaiting(jobs: readonly Job[]): number {
  const last = jobs.findLastIndex(isWaiting);
  return last >= 0 ? last : jobs.findLastIndex((job) => job.state === 'running');
}
