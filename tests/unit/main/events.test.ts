import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ApiEvent } from '../../../contract/api.ts';
import { EventHub } from '../../../main/events.ts';
import { FakeStore, settings } from './jobs/fake-queue-library.ts';

let hub: EventHub;
let heard: ApiEvent[];

beforeEach(() => {
  vi.useFakeTimers();
  hub = new EventHub();
  heard = [];
  hub.on((event) => heard.push(event));
});
afterEach(() => {
  hub.close();
  vi.useRealTimers();
});

function draft(step: number, key = 'a'): ApiEvent {
  return { kind: 'draft', key, seed: 0, step, steps: 100, picture: 'data:image/jpeg;base64,' };
}

function job(step: number, state: 'running' | 'done' = 'running'): ApiEvent {
  const store = new FakeStore();
  store.add([1], settings);
  const { attempts: _, ...record } = store.get(1);
  return { kind: 'job', job: { ...record, state, face: 0, faces: 1, step, steps: 9, secondsLeft: null } };
}

function steps(): (number | string)[] {
  return heard.map((event) =>
    event.kind === 'draft' ? event.step : event.kind === 'job' ? event.job.step : event.kind,
  );
}

describe('EventHub', () => {
  it('repeats what was noticed before the first window was there, once', () => {
    const notice = (message: string): ApiEvent => ({ kind: 'notice', code: 'library/not-found', message });
    hub.emit(notice('gone'));
    const window: ApiEvent[] = [];
    hub.on((event) => window.push(event));
    hub.repeatEarly();
    hub.emit(notice('later'));
    hub.repeatEarly();
    expect(window).toEqual([notice('gone'), notice('later')]);
  });

  it('passes at most ten drafts a second, the newest of those in between', () => {
    for (let step = 0; step < 50; step++) {
      hub.emit(draft(step));
      vi.advanceTimersByTime(20);
    }
    vi.advanceTimersByTime(100);
    expect(heard.length).toBeGreaterThanOrEqual(10);
    expect(heard.length).toBeLessThanOrEqual(12);
    expect(steps().at(0)).toBe(0);
    expect(steps().at(-1)).toBe(49);
  });

  it('thins out each subject on its own, and the rest not at all', () => {
    for (const event of [draft(1), draft(2, 'b'), job(3), { kind: 'queue' }, { kind: 'queue' }] as ApiEvent[])
      hub.emit(event);
    expect(steps()).toEqual([1, 2, 3, 'queue', 'queue']);
  });

  it('says at once that a job is done, and nothing older afterwards', () => {
    hub.emit(job(1));
    hub.emit(job(2));
    hub.emit(job(9, 'done'));
    vi.advanceTimersByTime(1000);
    expect(steps()).toEqual([1, 9]);
  });

  it('forgets what waits of a draft that has ended', () => {
    hub.emit(draft(1));
    hub.emit(draft(2));
    hub.end({ key: 'a' });
    vi.advanceTimersByTime(1000);
    expect(steps()).toEqual([1]);
  });

  it('reaches every listener, also past one that throws, until it stops listening', () => {
    const complaint = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const second: ApiEvent[] = [];
    hub.on(() => {
      throw new Error('broken listener');
    });
    const stop = hub.on((event) => second.push(event));
    hub.emit({ kind: 'queue' });
    stop();
    hub.emit({ kind: 'queue' });
    expect([heard.length, second.length, complaint.mock.calls.length]).toEqual([2, 1, 2]);
    complaint.mockRestore();
  });
});
