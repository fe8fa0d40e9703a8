import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { Queue } from '../../../../contract/library.ts';
import { jobProgress, JobsState } from '../../../../renderer/state/jobs.svelte.ts';
import { toasts } from '../../../../renderer/state/toasts.svelte.ts';
import { fakeApi } from '../fake-api.ts';
import { makeJob, makeQueue } from './make-job.ts';

vi.mock('../../../../renderer/api/api.ts', async () => ({
  api: (await import('../fake-api.ts')).fakeApi,
  bridge: undefined,
}));

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));
const PREVIEW = {
  kind: 'preview' as const,
  jobId: 1,
  box: { x: 0, y: 0, width: 1, height: 1 },
  picture: 'data:image/jpeg;base64,AA==',
};

let queue: Queue;
let jobs: JobsState;
let stop: () => void;

beforeEach(async () => {
  queue = makeQueue([
    makeJob(1, { state: 'running' }),
    makeJob(2),
    makeJob(3),
    makeJob(4, { state: 'done' }),
  ]);
  fakeApi.reset({ 'jobs.list': () => queue, 'jobs.move': () => null, 'jobs.control': () => null });
  toasts.list = [];
  jobs = new JobsState();
  stop = jobs.start();
  await settle();
  return stop;
});

const ids = (list: readonly { id: number }[]): number[] => list.map(({ id }) => id);

describe('what is read', () => {
  test('parts the queue into running, waiting in their order, and finished', async () => {
    const finished = [makeJob(5, { state: 'failed' }), makeJob(6, { state: 'cancelled' })];
    queue = makeQueue([...queue.jobs, ...finished]);
    await jobs.load();
    expect([ids(jobs.running), ids(jobs.waiting), ids(jobs.finished)]).toEqual([[1], [2, 3], [4, 5, 6]]);
    expect(jobs.unfinishedCount).toBe(3);
  });

  test('an answer that comes after a newer one is dropped', async () => {
    const answers: ((queue: Queue) => void)[] = [];
    fakeApi.answers['jobs.list'] = () => new Promise((resolve) => answers.push(resolve));
    const older = jobs.load();
    const newer = jobs.load();
    answers[1]?.(makeQueue([makeJob(9)]));
    answers[0]?.(makeQueue([]));
    await Promise.all([older, newer]);
    expect(ids(jobs.jobs)).toEqual([9]);
  });

  test('a queue that cannot be read is kept as an error, and read again with the next connection', async () => {
    fakeApi.answers['jobs.list'] = () => Promise.reject(new Error('no'));
    await jobs.load();
    expect(jobs.error).toEqual(new Error('no'));
    fakeApi.answers['jobs.list'] = () => queue;
    fakeApi.connect(true);
    await settle();
    expect(jobs.error).toBeNull();
  });

  test('stopped, it hears nothing', async () => {
    stop();
    fakeApi.reset({});
    fakeApi.send({ kind: 'queue' });
    await settle();
    expect(fakeApi.calls).toEqual([]);
  });
});

describe('what is heard', () => {
  test('a job in progress is replaced in place without reading the queue again', async () => {
    fakeApi.calls.length = 0;
    fakeApi.send({
      kind: 'job',
      job: makeJob(1, { state: 'running', faces: 2, face: 1, steps: 4, step: 2 }),
    });
    await settle();
    expect(jobs.running[0]).toMatchObject({ face: 1, step: 2 });
    expect(fakeApi.calls).toEqual([]);
  });

  test('a job that changes its state, or is new, has the queue read again', async () => {
    for (const job of [makeJob(1, { state: 'done' }), makeJob(50)]) {
      fakeApi.calls.length = 0;
      fakeApi.send({ kind: 'job', job });
      await settle();
      expect(fakeApi.called('jobs.list')).toHaveLength(1);
    }
  });

  test('a preview belongs to its job while that runs', async () => {
    fakeApi.send(PREVIEW);
    expect(jobs.previews.get(1)?.picture).toBe(PREVIEW.picture);
    queue = makeQueue([makeJob(1, { state: 'done' })]);
    fakeApi.send({ kind: 'job', job: makeJob(1, { state: 'done' }) });
    await settle();
    expect(jobs.previews.size).toBe(0);
  });

  test('the time left falls with that of the running job', async () => {
    queue = makeQueue([makeJob(1, { state: 'running', secondsLeft: 20 }), makeJob(2, { secondsLeft: 30 })], {
      secondsLeft: 50,
    });
    await jobs.load();
    expect(jobs.secondsLeft).toBe(50);
    fakeApi.send({ kind: 'job', job: makeJob(1, { state: 'running', secondsLeft: 5 }) });
    expect(jobs.secondsLeft).toBe(35);
  });

  test('the first time that is measured is asked for all: the sum never says less than a row', async () => {
    queue = makeQueue([makeJob(1, { state: 'running' }), makeJob(2)]);
    await jobs.load();
    expect(jobs.secondsLeft).toBeNull();
    const running = makeJob(1, { state: 'running', secondsLeft: 20 });
    queue = makeQueue([running, makeJob(2, { secondsLeft: 30 })], { secondsLeft: 50 });
    fakeApi.send({ kind: 'job', job: running });
    await settle();
    expect(jobs.secondsLeft).toBe(50);
  });

  test('no time left is told while nothing was measured or nothing is to do', async () => {
    expect(jobs.secondsLeft).toBeNull();
    queue = makeQueue([makeJob(1, { state: 'done' })], { secondsLeft: 0 });
    await jobs.load();
    expect(jobs.secondsLeft).toBeNull();
  });
});

describe('what is asked for', () => {
  test('a move shows at once, before the answer', () => {
    void jobs.move(3, 2);
    expect(ids(jobs.jobs)).toEqual([1, 3, 2, 4]);
    void jobs.move(3, null);
    expect(ids(jobs.jobs)).toEqual([1, 2, 3, 4]);
    expect(fakeApi.called('jobs.move')).toEqual([
      { id: 3, before: 2 },
      { id: 3, before: null },
    ]);
  });

  test('one place up or down; nothing at the ends, nor for a job that does not wait', async () => {
    await jobs.moveBy(3, -1);
    await jobs.moveBy(2, 1);
    await jobs.moveBy(2, -1);
    await jobs.moveBy(3, 1);
    await jobs.moveBy(1, 1);
    expect(fakeApi.called('jobs.move')).toEqual([
      { id: 3, before: 2 },
      { id: 2, before: null },
    ]);
  });

  test('a refused move is told, and the order of the application comes back', async () => {
    fakeApi.answers['jobs.move'] = () => Promise.reject(new Error('gone'));
    await jobs.move(3, 2);
    expect(ids(jobs.waiting)).toEqual([2, 3]);
    expect(toasts.list.map(({ kind }) => kind)).toEqual(['error']);
  });

  test('no call for no jobs', async () => {
    await jobs.control([], 'retry');
    await jobs.control([2], 'cancel');
    expect(fakeApi.called('jobs.control')).toEqual([{ ids: [2], action: 'cancel' }]);
  });
});

describe('jobProgress', () => {
  test('counts whole faces and the steps of the one in work', () => {
    expect(jobProgress(makeJob(1))).toBe(0);
    expect(jobProgress(makeJob(1, { faces: 4, face: 1, steps: 10, step: 5 }))).toBe(0.375);
    expect(jobProgress(makeJob(1, { faces: 2, face: 2, steps: 10, step: 10 }))).toBe(1);
    expect(jobProgress(makeJob(1, { state: 'done' }))).toBe(1);
  });
});
