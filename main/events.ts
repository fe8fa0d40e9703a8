import type { ApiEvent } from '../contract/api.ts';

/** Least milliseconds between two events of one job, one preview or one draft. */
const INTERVAL_MS = 100;

interface Slot {
  timer: NodeJS.Timeout;
  /** The newest event since the last one that was sent. */
  waiting: ApiEvent | undefined;
}

/** Events of one subject share a key and are thinned out; the rest passes at once. */
function keyOf(event: ApiEvent): string | null {
  if (event.kind === 'job') return event.job.state === 'running' ? `job ${event.job.id}` : null;
  if (event.kind === 'preview') return `preview ${event.jobId}`;
  if (event.kind === 'draft') return `draft ${event.key}`;
  if (event.kind === 'export' || event.kind === 'find-missing') return `${event.kind} ${event.key}`;
  return null;
}

/**
 * Passes events on to every listener. Progress of a running job, an export or a search, previews and drafts: ten a second each, of those in
 * between the newest. A listener that throws does not keep the others from hearing.
 */
export class EventHub {
  readonly #listeners = new Set<(event: ApiEvent) => void>();
  readonly #slots = new Map<string, Slot>();
  /** Notices since the start; null once a window has heard them. */
  #early: ApiEvent[] | null = [];

  /** Returns the function that ends it. */
  on(listener: (event: ApiEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  readonly emit = (event: ApiEvent): void => {
    if (event.kind === 'notice') this.#early?.push(event);
    // A finished job must not be followed by older news of it.
    if (event.kind === 'job' && event.job.state !== 'running') this.#drop(`job ${event.job.id}`);
    const key = keyOf(event);
    if (key === null) return this.#send(event);
    const slot = this.#slots.get(key);
    if (slot) slot.waiting = event;
    else this.#open(key, event);
  };

  /** The first window is there: what was noticed while it opened, it could not hear. */
  repeatEarly(): void {
    const early = this.#early ?? [];
    this.#early = null;
    for (const notice of early) this.#send(notice);
  }

  /** Nothing more of this job's preview or this draft: what still waits is old. */
  readonly end = (subject: { jobId: number } | { key: string }): void => {
    this.#drop('jobId' in subject ? `preview ${subject.jobId}` : `draft ${subject.key}`);
  };

  close(): void {
    for (const key of this.#slots.keys()) this.#drop(key);
    this.#listeners.clear();
  }

  #open(key: string, event: ApiEvent): void {
    this.#send(event);
    const timer = setTimeout(() => this.#next(key), INTERVAL_MS);
    this.#slots.set(key, { timer, waiting: undefined });
  }

  #next(key: string): void {
    const waiting = this.#slots.get(key)?.waiting;
    this.#slots.delete(key);
    if (waiting) this.#open(key, waiting);
  }

  #drop(key: string): void {
    clearTimeout(this.#slots.get(key)?.timer);
    this.#slots.delete(key);
  }

  #send(event: ApiEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        console.error(error);
      }
    }
  }
}
