import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ApiEvent } from '../../../../contract/api.ts';
import type { EngineEvent, EngineParamsInput, FaceReport, PhotoReport } from '../../../../contract/engine.ts';
import { HeirloomError } from '../../../../contract/errors.ts';
import { jobSchema, queueSchema } from '../../../../contract/library.ts';
import type { Engine } from '../../../../main/engines.ts';
import { RestoreQueue } from '../../../../main/jobs/restore-queue.ts';
import { temporaryFolder } from '../../../fixtures/make-pictures.ts';
import { fakeFace, FakeLibrary, settings } from './fake-queue-library.ts';

type Request = EngineParamsInput<'restorePhoto'>;
interface Attempt {
  request: Request;
  signal: AbortSignal;
  onEvent: (event: EngineEvent) => void;
}
type Deed = (attempt: Attempt) => Promise<PhotoReport>;

const face: FaceReport = {
  index: 0,
  box: { x: 0, y: 0, width: 1, height: 1 },
  sizePx: 200,
  status: 'restored',
};

function report(input: string, more: Partial<PhotoReport> = {}): PhotoReport {
  const pack = { id: 'fake', version: '1', sha256: '' };
  const recipe = { heirloom: '0', pack, settings, detector: 'fake/1', provider: 'cpu' };
  const common = { width: 1, height: 1, seconds: 1, timings: {}, notes: [] };
  return {
    input,
    output: '/nowhere/1.jpg',
    status: 'restored',
    faces: [face, face],
    recipe,
    ...common,
    ...more,
  };
}

const succeed: Deed = ({ request }) => Promise.resolve(report(request.input));
const die: Deed = () => Promise.reject(new HeirloomError('engine/died', 'out of memory'));
const waitForever: Deed = ({ signal }) =>
  sleep(60_000, undefined, { signal }).then(
    () => report(''),
    () => Promise.reject(new HeirloomError('job/cancelled', 'Cancelled')),
  );

let folder: string;
let library: FakeLibrary;
let events: ApiEvent[];
let attempts: Attempt[];
let deeds: Map<string, Deed[]>;
let queue: RestoreQueue;

/** What the engine does with a photo at each try; the last deed again and again; without one it succeeds. */
function plan(photoId: number, ...planned: Deed[]): void {
  deeds.set(`/originals/${photoId}.jpg`, planned);
}

const engine = {
  call: (_method: string, request: Request, options: Omit<Attempt, 'request'>) => {
    const attempt = { request, ...options };
    attempts.push(attempt);
    const planned = deeds.get(request.input) ?? [];
    const deed = (planned.length > 1 ? planned.shift() : planned[0]) ?? succeed;
    return deed(attempt);
  },
} as unknown as Engine;

function open(): RestoreQueue {
  return new RestoreQueue({
    library,
    engine,
    models: () => Promise.resolve({ pack: '/pack', provider: 'cpu' }),
    provider: () => 'cpu',
    emit: (event) => events.push(event),
    endPreviews: () => undefined,
  });
}

async function settled(): Promise<void> {
  await vi.waitFor(() => expect(library.jobs.states()).not.toContain('waiting'));
  await vi.waitFor(() => expect(library.jobs.states()).not.toContain('running'));
  await sleep(5);
}

async function running(): Promise<void> {
  await vi.waitFor(() => expect(attempts.length).toBeGreaterThan(0));
}

function batches() {
  return events.filter((event) => event.kind === 'batch');
}

beforeEach(async () => {
  folder = await temporaryFolder();
  library = new FakeLibrary(folder);
  events = [];
  attempts = [];
  deeds = new Map();
  queue = open();
});

afterEach(async () => {
  await queue.close();
  await rm(folder, { recursive: true });
});

describe('a batch', () => {
  it('restores one photo after another, in order, and ends with counts that add up', async () => {
    expect(queue.enqueue([3, 1, 2], settings)).toEqual({ batchId: 1, jobs: 3 });
    expect(library.jobs.states()).toEqual(['running', 'waiting', 'waiting']);
    await settled();
    expect(attempts.map(({ request }) => request.input)).toEqual(
      [3, 1, 2].map((id) => `/originals/${id}.jpg`),
    );
    expect(library.versions.map(({ photoId, faceIds }) => [photoId, faceIds])).toEqual([
      [3, [11, 12]],
      [1, [11, 12]],
      [2, [11, 12]],
    ]);
    expect(library.jobs.get(1)).toMatchObject({ state: 'done', versionId: 103, error: null });
    expect(batches()).toEqual([{ kind: 'batch', batchId: 1, done: 3, failed: 0, cancelled: 0 }]);
  });

  it('goes on after a photo that fails, and says why by its name, not its place', async () => {
    plan(1, () => Promise.reject(new HeirloomError('input/damaged', '/originals/1.jpg: ends too soon')));
    queue.enqueue([1, 2], settings);
    await settled();
    const error = { code: 'input/damaged', message: 'photo-1.jpg: ends too soon' };
    expect(library.jobs.get(1)).toMatchObject({ state: 'failed', error });
    expect(library.problems).toEqual(
      new Map([
        [1, error],
        [2, null],
      ]),
    );
    expect(batches()).toEqual([{ kind: 'batch', batchId: 1, done: 1, failed: 1, cancelled: 0 }]);
  });

  it('fails a photo whose original is missing', async () => {
    library.missing.add(1);
    queue.enqueue([1], settings);
    await settled();
    expect(library.jobs.get(1).error?.code).toBe('library/missing-original');
    expect(attempts).toEqual([]);
  });

  it.each([
    ['is done', succeed],
    ['fails', die],
  ])('outlasts a photo that is deleted for good while it is in work and then %s', async (_, end) => {
    plan(1, (attempt) => {
      library.deleteForGood(1);
      attempt.onEvent({ kind: 'face', index: 0, number: 1, count: 1, box: face.box });
      return end(attempt);
    });
    queue.enqueue([1, 2], settings);
    await vi.waitFor(() => expect(library.jobs.states()).toEqual(['done']));
    expect(queue.list()).toMatchObject({ paused: false, jobs: [{ photoId: 2 }] });
    expect(events.filter(({ kind }) => kind === 'notice')).toEqual([]);
  });
});

describe('a library that cannot be written', () => {
  const full = (reason: string) =>
    new HeirloomError('output/unwritable', 'library.sqlite: disk is full', { reason });
  const notices = () => events.filter(({ kind }) => kind === 'notice');

  it.each(['ENOSPC', 'EROFS', 'SQLITE_FULL'])(
    'stops the queue where a photo finds %s, and it goes on when told to',
    async (reason) => {
      plan(1, () => Promise.reject(full(reason)), succeed);
      queue.enqueue([1, 2], settings);
      await vi.waitFor(() => expect(queue.list().paused).toBe(true));
      expect(library.jobs.states()).toEqual(['waiting', 'waiting']);
      expect(attempts).toHaveLength(1);
      expect(notices()).toEqual([
        { kind: 'notice', code: 'output/unwritable', message: 'library.sqlite: disk is full' },
      ]);
      queue.pauseAll(false);
      await settled();
      expect(library.jobs.states()).toEqual(['done', 'done']);
    },
  );

  it('goes on after a photo whose output cannot be written for a reason of its own', async () => {
    plan(1, () => Promise.reject(new HeirloomError('output/unwritable', 'too wide for WebP')));
    queue.enqueue([1, 2], settings);
    await settled();
    expect(library.jobs.states()).toEqual(['failed', 'done']);
  });

  it('stops the queue where not even the job can be noted down, and shows it as waiting', async () => {
    const update = library.jobs.update.bind(library.jobs);
    library.jobs.update = () => {
      throw full('SQLITE_FULL');
    };
    queue.enqueue([1, 2], settings);
    await vi.waitFor(() => expect(queue.list().paused).toBe(true));
    expect(queue.list().jobs.map(({ state }) => state)).toEqual(['waiting', 'waiting']);
    library.jobs.update = update;
    queue.pauseAll(false);
    await settled();
    expect(library.jobs.states()).toEqual(['done', 'done']);
  });

  it('opens where what was interrupted cannot be noted down, and stands still', async () => {
    library.jobs.add([1], settings);
    library.jobs.update(1, { state: 'running' });
    const recover = library.jobs.recoverInterrupted.bind(library.jobs);
    library.jobs.recoverInterrupted = () => {
      throw full('SQLITE_FULL');
    };
    queue.start();
    expect(queue.list()).toMatchObject({ paused: true, jobs: [{ state: 'waiting' }] });
    library.jobs.recoverInterrupted = recover;
    queue.pauseAll(false);
    await settled();
    expect(library.jobs.states()).toEqual(['done']);
  });

  it('outlasts progress that cannot be told', async () => {
    const get = library.jobs.get.bind(library.jobs);
    const log = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    plan(1, ({ request, onEvent }) => {
      library.jobs.get = () => {
        throw full('SQLITE_IOERR');
      };
      onEvent({ kind: 'face', index: 0, number: 1, count: 1, box: face.box });
      library.jobs.get = get;
      return Promise.resolve(report(request.input));
    });
    queue.enqueue([1], settings);
    await settled();
    expect(library.jobs.states()).toEqual(['done']);
    expect(log).toHaveBeenCalled();
    log.mockRestore();
  });

  it('does what could not be noted down again when told to', async () => {
    const update = library.jobs.update.bind(library.jobs);
    plan(1, ({ request }) => {
      library.jobs.update = () => {
        throw full('SQLITE_FULL');
      };
      return Promise.resolve(report(request.input));
    });
    queue.enqueue([1, 2], settings);
    await vi.waitFor(() => expect(queue.list().paused).toBe(true));
    expect(queue.list().jobs.map(({ state }) => state)).toEqual(['waiting', 'waiting']);
    library.jobs.update = update;
    plan(1, succeed);
    queue.pauseAll(false);
    await settled();
    expect(library.jobs.states()).toEqual(['done', 'done']);
  });
});

describe('faces', () => {
  it('passes every known face and names those that are switched on', async () => {
    library.faces = [fakeFace(11), fakeFace(12, { off: true }), fakeFace(13)];
    queue.enqueue([1], settings);
    await settled();
    expect(attempts[0]?.request.known).toHaveLength(3);
    expect(attempts[0]?.request.settings.faces).toEqual([0, 2]);
  });

  it('honours the faces that were asked for', async () => {
    queue.enqueue([1], { ...settings, faces: [1, 7] });
    await settled();
    expect(attempts[0]?.request.settings.faces).toEqual([1]);
  });

  describe('with settings of their own', () => {
    const perFace = { 0: { seed: 5 }, 1: { seed: 7 } };
    const asked = async (more: object = {}) => {
      queue.enqueue([1], { ...settings, perFace, ...more });
      await settled();
      return attempts[0]?.request.settings.perFace;
    };

    it('keep them where another face came before them meanwhile', async () => {
      library.jobs.faceIds = [11, 12];
      library.faces = [fakeFace(10), fakeFace(11), fakeFace(12)];
      expect(await asked()).toEqual({ 1: { seed: 5 }, 2: { seed: 7 } });
    });

    it('take them along where they are removed meanwhile', async () => {
      library.jobs.faceIds = [11, 12];
      library.faces = [fakeFace(12)];
      expect(await asked()).toEqual({ 0: { seed: 7 } });
    });

    it('go where their face is switched off meanwhile', async () => {
      library.jobs.faceIds = [11, 12];
      library.faces = [fakeFace(11), fakeFace(12, { off: true })];
      expect(await asked()).toEqual({ 0: { seed: 5 } });
    });

    it('are counted as they were asked for where nobody had looked for faces', async () => {
      expect(await asked()).toEqual(perFace);
    });

    it('leave a face that never was to the engine, which refuses it', async () => {
      library.jobs.faceIds = [11, 12];
      expect(await asked({ perFace: { 7: { seed: 1 } } })).toEqual({ 7: { seed: 1 } });
    });
  });

  it.each([
    ['no face', [], /No face was found/],
    ['every face off', [fakeFace(1, { off: true })], /switched off/],
  ])('%s: done without a version, with a note', async (_, faces, note) => {
    library.faces = faces;
    queue.enqueue([1], settings);
    await settled();
    expect(library.jobs.get(1)).toMatchObject({ state: 'done', versionId: null });
    expect(library.jobs.get(1).notes.join()).toMatch(note);
    expect(attempts).toEqual([]);
  });

  it('tells of faces that failed or are too small, and keeps no copy where nothing was restored', async () => {
    const output = join(folder, 'copy.jpg');
    await writeFile(output, 'x');
    const faces = [
      { ...face, status: 'too-small' as const },
      { ...face, status: 'failed' as const, note: 'not a number' },
    ];
    plan(1, ({ request }) => Promise.resolve(report(request.input, { status: 'unchanged', output, faces })));
    queue.enqueue([1], settings);
    await settled();
    expect(library.jobs.get(1).notes).toEqual([
      'Faces too small to restore: 1 of 2.',
      'Faces that failed: 1 of 2. not a number',
    ]);
    expect(library.versions).toEqual([]);
    expect(existsSync(output)).toBe(false);
  });
});

describe('a death of the engine', () => {
  it('is tried once more', async () => {
    plan(1, die, succeed);
    queue.enqueue([1], settings);
    await settled();
    expect(library.jobs.get(1)).toMatchObject({ state: 'done', attempts: 1 });
    expect(attempts.map(({ request }) => request.checkpoint)).toEqual([
      join(folder, 'checkpoint-1'),
      join(folder, 'checkpoint-1'),
    ]);
  });

  it('that comes twice fails the photo with the reason', async () => {
    plan(1, die);
    queue.enqueue([1, 2], settings);
    await settled();
    expect(library.jobs.get(1)).toMatchObject({ state: 'failed', attempts: 2 });
    expect(library.jobs.get(1).error).toEqual({
      code: 'engine/died',
      message: 'Gave up after two tries. out of memory',
    });
    expect(library.jobs.get(2).state).toBe('done');
  });

  it('is counted over a restart, and a retry starts anew', async () => {
    library.jobs.add([1], settings);
    library.jobs.update(1, { state: 'running', attempts: 1 });
    plan(1, die, succeed);
    queue.start();
    await settled();
    expect(library.jobs.get(1)).toMatchObject({ state: 'failed', attempts: 2 });
    await queue.control([1], 'retry');
    await settled();
    expect(library.jobs.get(1)).toMatchObject({ state: 'done', attempts: 0, error: null });
  });
});

describe('control', () => {
  beforeEach(() => plan(1, waitForever, succeed));

  it('cancels the job in work and leaves nothing behind', async () => {
    const checkpoint = join(folder, 'checkpoint-1');
    queue.enqueue([1, 2, 3], settings);
    await running();
    await mkdir(checkpoint);
    await queue.control([1, 3], 'cancel');
    await settled();
    expect(library.jobs.states()).toEqual(['cancelled', 'done', 'cancelled']);
    expect(existsSync(checkpoint)).toBe(false);
    expect(library.problems.has(1)).toBe(false);
    expect(batches()).toEqual([{ kind: 'batch', batchId: 1, done: 1, failed: 0, cancelled: 2 }]);
  });

  it('stops everything at once: while it does, no job begins', async () => {
    const photos = Array.from({ length: 60 }, (_, i) => i + 1);
    queue.enqueue(photos, settings);
    await running();
    await queue.control(photos, 'cancel');
    await settled();
    expect(attempts.map(({ request }) => request.input)).toEqual(['/originals/1.jpg']);
    expect(new Set(library.jobs.states())).toEqual(new Set(['cancelled']));
    expect(library.versions).toEqual([]);
    expect(batches()).toEqual([{ kind: 'batch', batchId: 1, done: 0, failed: 0, cancelled: 60 }]);
  });

  it('leaves the faces of a job that is asked for again while it is cancelled', async () => {
    queue.pauseAll(true);
    queue.enqueue([2, 3], settings);
    for (const photo of [2, 3]) await mkdir(join(folder, `checkpoint-${photo}`));
    const cancelled = queue.control([1, 2], 'cancel');
    await queue.control([2], 'retry');
    await cancelled;
    expect(library.jobs.states()).toEqual(['cancelled', 'waiting']);
    expect([2, 3].map((photo) => existsSync(join(folder, `checkpoint-${photo}`)))).toEqual([false, true]);
  });

  it('a paused job shows how far it came, also while it waits to go on', async () => {
    plan(
      1,
      (attempt) => {
        attempt.onEvent({ kind: 'face', index: 1, number: 2, count: 3, box: face.box });
        attempt.onEvent({ kind: 'step', face: 1, step: 2, steps: 5 });
        return waitForever(attempt);
      },
      waitForever,
      succeed,
    );
    const [COME, NONE] = [
      { face: 1, faces: 3, step: 0, steps: 0 },
      { face: 0, faces: 0, step: 0, steps: 0 },
    ];
    queue.enqueue([1], settings);
    await running();
    await queue.control([1], 'pause');
    await vi.waitFor(() => expect(library.jobs.states()).toEqual(['paused']));
    expect(queue.list().jobs).toMatchObject([{ state: 'paused', ...COME }]);
    queue.pauseAll(true);
    await queue.control([1], 'resume');
    expect(queue.list().jobs).toMatchObject([{ state: 'waiting', ...COME }]);
    // Paused again before it could say anything.
    queue.pauseAll(false);
    await vi.waitFor(() => expect(attempts).toHaveLength(2));
    await queue.control([1], 'pause');
    await vi.waitFor(() => expect(library.jobs.states()).toEqual(['paused']));
    expect(queue.list().jobs).toMatchObject([{ state: 'paused', ...COME }]);
    await queue.control([1], 'cancel');
    expect(queue.list().jobs).toMatchObject([{ state: 'cancelled', ...NONE }]);
  });

  it('pauses and resumes one job, which keeps its finished faces', async () => {
    const checkpoint = join(folder, 'checkpoint-1');
    queue.enqueue([1, 2], settings);
    await running();
    await mkdir(checkpoint);
    await queue.control([1], 'pause');
    await settled();
    expect(library.jobs.states()).toEqual(['paused', 'done']);
    expect(existsSync(checkpoint)).toBe(true);
    expect(batches()).toEqual([]);
    await queue.control([1], 'resume');
    await settled();
    expect(library.jobs.states()).toEqual(['done', 'done']);
    expect(existsSync(checkpoint)).toBe(false);
  });

  it('leaves the faces of a paused job where another job of its photo is cancelled or done', async () => {
    const checkpoint = join(folder, 'checkpoint-1');
    queue.enqueue([1], settings);
    await running();
    await mkdir(checkpoint);
    await queue.control([1], 'pause');
    await vi.waitFor(() => expect(library.jobs.states()).toEqual(['paused']));
    queue.pauseAll(true);
    queue.enqueue([1], settings);
    queue.enqueue([1], settings);
    await queue.control([2], 'cancel');
    expect(existsSync(checkpoint)).toBe(true);
    queue.pauseAll(false);
    await settled();
    expect(library.jobs.states()).toEqual(['paused', 'cancelled', 'done']);
    expect(existsSync(checkpoint)).toBe(true);
    await queue.control([1], 'cancel');
    expect(existsSync(checkpoint)).toBe(false);
  });

  it('pauses everything: the job in work goes back to its place', async () => {
    queue.enqueue([1, 2], settings);
    await running();
    queue.pauseAll(true);
    await vi.waitFor(() => expect(library.jobs.states()).toEqual(['waiting', 'waiting']));
    expect(queue.list().paused).toBe(true);
    queue.pauseAll(false);
    await settled();
    expect(attempts.map(({ request }) => request.input)).toEqual(
      [1, 1, 2].map((id) => `/originals/${id}.jpg`),
    );
  });

  it.each<[string, () => unknown]>([
    ['everything is paused', () => queue.pauseAll(true)],
    ['the application is closed', () => queue.close()],
  ])('keeps a job paused by itself that has not stopped yet when %s', async (_, then) => {
    plan(1, waitForever);
    queue.enqueue([1, 2], settings);
    await running();
    const paused = queue.control([1], 'pause');
    await then();
    await paused;
    await vi.waitFor(() => expect(library.jobs.states()).toEqual(['paused', 'waiting']));
  });

  it('still stands still after a restart, until it is told to go on', async () => {
    queue.enqueue([1], settings);
    await running();
    queue.pauseAll(true);
    await queue.close();
    const again = open();
    again.start();
    expect(again.list().paused).toBe(true);
    expect(library.jobs.states()).toEqual(['waiting']);
    again.enqueue([2], settings);
    expect(library.jobs.states()).toEqual(['waiting', 'waiting']);
    again.pauseAll(false);
    await vi.waitFor(() => expect(library.jobs.states()).toEqual(['done', 'done']));
    await again.close();
    const last = open();
    last.start();
    expect(last.list().paused).toBe(false);
    await last.close();
  });

  it('moves a waiting job forward', async () => {
    queue.enqueue([1, 2, 3], settings);
    await running();
    queue.move(3, 2);
    await queue.control([1], 'cancel');
    await settled();
    expect(attempts.map(({ request }) => request.input)).toEqual(
      [1, 3, 2].map((id) => `/originals/${id}.jpg`),
    );
  });

  it('leaves a job alone for which the action makes no sense, and refuses one that is not there', async () => {
    queue.enqueue([2], settings);
    await settled();
    await queue.control([1], 'cancel');
    await queue.control([1], 'pause');
    expect(library.jobs.states()).toEqual(['done']);
    await expect(queue.control([1, 9], 'cancel')).rejects.toMatchObject({ code: 'library/not-found' });
    expect(() => queue.move(9, null)).toThrow(HeirloomError);
  });

  it('closed in the middle of a job, goes on with it when it is opened again', async () => {
    queue.enqueue([1, 2], settings);
    await running();
    await queue.close();
    expect(library.jobs.states()).toEqual(['waiting', 'waiting']);
    queue = open();
    queue.start();
    await settled();
    expect(library.jobs.states()).toEqual(['done', 'done']);
  });

  it('takes up what a crash of the application left running', async () => {
    library.jobs.add([2], settings);
    library.jobs.update(1, { state: 'running' });
    queue.start();
    await settled();
    expect(library.jobs.states()).toEqual(['done']);
  });

  it('counts a whole batch at its end, also what was cleared on the way', async () => {
    queue.enqueue([1, 2, 3], settings);
    await running();
    await queue.control([2], 'cancel');
    queue.clearFinished();
    await queue.control([1], 'cancel');
    await settled();
    expect(batches()).toEqual([{ kind: 'batch', batchId: 1, done: 1, failed: 0, cancelled: 2 }]);
  });

  it('clears finished jobs', async () => {
    queue.enqueue([2], settings);
    await settled();
    queue.clearFinished();
    expect(queue.list().jobs).toEqual([]);
  });
});

describe('progress', () => {
  it('follows faces and steps, sends previews, and answers by the contract', async () => {
    const seen: unknown[] = [];
    plan(1, ({ request, onEvent }) => {
      const box = { x: 0.1, y: 0.1, width: 0.2, height: 0.2 };
      onEvent({ kind: 'stage', stage: 'decode', milliseconds: 1 });
      for (const number of [1, 2]) {
        onEvent({ kind: 'face', index: number - 1, number, count: 2, box });
        for (const step of [1, 2, 3])
          onEvent({ kind: 'step', face: 0, step, steps: 3, preview: Uint8Array.of(1, 2, 3) });
        const [job] = queue.list().jobs;
        seen.push([job?.face, job?.faces, job?.step, job?.steps]);
      }
      onEvent({ kind: 'stage', stage: 'encode', milliseconds: 2 });
      seen.push(queue.list().jobs[0]?.face);
      return Promise.resolve(report(request.input));
    });
    queue.enqueue([1, 2], settings);
    await settled();
    expect(seen).toEqual([[0, 2, 3, 3], [1, 2, 3, 3], 2]);
    const preview = events.find((event) => event.kind === 'preview');
    expect(preview).toMatchObject({ jobId: 1, picture: 'data:image/jpeg;base64,AQID' });
    for (const event of events) if (event.kind === 'job') jobSchema.parse(event.job);
    queueSchema.parse(queue.list());
  });

  it('knows the time left of waiting jobs once one of their kind is done', async () => {
    plan(1, async ({ request, onEvent }) => {
      onEvent({ kind: 'face', index: 0, number: 1, count: 1, box: face.box });
      onEvent({ kind: 'step', face: 0, step: 4, steps: 4, preview: Uint8Array.of(1) });
      await sleep(2);
      return report(request.input);
    });
    plan(2, waitForever);
    queue.enqueue([1, 2, 3], settings);
    expect(queue.list().secondsLeft).toBeNull();
    await vi.waitFor(() => expect(attempts).toHaveLength(2));
    const { jobs, secondsLeft } = queue.list();
    expect(jobs[2]?.secondsLeft).toBeGreaterThan(0);
    expect(secondsLeft).toBeGreaterThanOrEqual(jobs[2]?.secondsLeft ?? Infinity);
    // One with known faces takes as long as they do.
    library.jobs.knownFaces.set(9, 3);
    queue.enqueue([9], settings);
    const known = queue.list().jobs.find(({ photoId }) => photoId === 9)?.secondsLeft ?? NaN;
    expect(known).toBeGreaterThan(jobs[2]?.secondsLeft ?? NaN);
    expect(queue.list().secondsLeft).toBeCloseTo((secondsLeft ?? NaN) + known, 5);
    await queue.control([4], 'cancel');
    // Of another kind nothing was measured: it counts like the others, and a paused one not at all.
    queue.enqueue([4, 5], { ...settings, speed: 'exact' });
    await queue.control([5], 'pause');
    const more = queue.list();
    expect(more.jobs.find(({ photoId }) => photoId === 4)?.secondsLeft).toBeNull();
    expect(more.secondsLeft).toBeCloseTo((secondsLeft ?? NaN) * 1.5, 1);
  });
});
