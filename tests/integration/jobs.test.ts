import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ApiEvent } from '../../contract/api.ts';
import type { Application } from '../../main/application.ts';
import { callOver, overIpc, type Transport } from '../fixtures/api-transports.ts';
import { makeAppFolder, openTestApplication, removeFolder } from '../fixtures/open-test-application.ts';
import { writePicture } from '../fixtures/make-pictures.ts';

vi.mock('electron', () => import('../unit/main/electron/electron-stand-in.ts'));

const WAIT = { timeout: 120_000, interval: 20 };
/** Hundreds of steps a face, so that a test can step in. */
const SLOW = { speed: 'exact' } as const;
const QUICK = { speed: 'draft' } as const;

let root: string;
let application: Application;
let transport: Transport;
let libraries = 0;
let library: string;

beforeAll(async () => {
  root = await makeAppFolder();
  await writePicture(root, 'plain.jpg');
});
afterAll(() => removeFolder(root));

async function open(): Promise<void> {
  application = await openTestApplication(root, library);
  transport = await overIpc(application);
}

beforeEach(async () => {
  library = `library-${++libraries}`;
  await open();
});
afterEach(() => application.close());

async function importPhotos(...paths: string[]): Promise<number[]> {
  const { id } = await callOver(transport, 'import.start', { paths, mode: 'copy' });
  const done = async () => {
    const report = (await callOver(transport, 'import.list', {})).find((candidate) => candidate.id === id);
    expect(report?.state).toBe('done');
    return report?.photoIds ?? [];
  };
  return vi.waitFor(done, WAIT);
}

function jobEvents() {
  return transport.events.filter((event) => event.kind === 'job').map(({ job }) => job);
}

function previews() {
  return transport.events.filter((event) => event.kind === 'preview');
}

async function batchEnd(): Promise<ApiEvent> {
  return vi.waitFor(() => {
    const batch = transport.events.find((event) => event.kind === 'batch');
    expect(batch).toBeDefined();
    return batch!;
  }, WAIT);
}

async function leftInTmp(): Promise<string[]> {
  return (await readdir(join(root, library, 'tmp'))).filter((name) => /^(version|checkpoint)-/.test(name));
}

async function versionsOf(id: number): Promise<number> {
  return (await callOver(transport, 'photos.get', { id })).versions.length;
}

/** Ids of the engine processes that this test has started and that restore. */
function enginesAtWork(): number[] {
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ');
  const restores = (id: string) => /process\.ts\0restore\0/.test(readFileSync(`/proc/${id}/cmdline`, 'utf8'));
  return children.filter(restores).map(Number);
}

describe('the queue with the real engine', () => {
  it('restores what it can of a batch with a photo without faces and one that is gone', async () => {
    const [couple] = await importPhotos(join(root, 'couple.jpg'));
    const [plain] = await importPhotos(join(root, 'plain.jpg'));
    const photoIds = [plain!, couple!];
    await callOver(transport, 'restore.enqueue', { photoIds, settings: QUICK });
    await callOver(transport, 'restore.enqueue', {
      photoIds: [couple!],
      settings: { ...QUICK, preset: 'nobody-has-this' },
    });
    await vi.waitFor(
      () => expect(transport.events.filter(({ kind }) => kind === 'batch')).toHaveLength(2),
      WAIT,
    );
    const { jobs } = await callOver(transport, 'jobs.list', {});
    const shown = jobs.map(({ id, state, versionId, error }) => [id, state, versionId !== null, error?.code]);
    expect(shown.sort()).toEqual([
      [1, 'done', false, undefined],
      [2, 'done', true, undefined],
      [3, 'failed', false, 'argument/invalid'],
    ]);
    expect(jobs.find(({ id }) => id === 1)?.notes).toEqual(['No face was found, so nothing was restored.']);
    expect(await versionsOf(couple!)).toBe(1);
    expect(await leftInTmp()).toEqual([]);
  });

  it('cancelled in the middle of a face leaves nothing behind', async () => {
    const [id] = await importPhotos(join(root, 'couple.jpg'));
    await callOver(transport, 'restore.enqueue', { photoIds: [id!], settings: SLOW });
    await vi.waitFor(() => expect(previews().length).toBeGreaterThan(0), WAIT);
    const [job] = (await callOver(transport, 'jobs.list', {})).jobs;
    expect(job).toMatchObject({ state: 'running', faces: 2 });
    await callOver(transport, 'jobs.control', { ids: [job!.id], action: 'cancel' });
    expect(await batchEnd()).toMatchObject({ done: 0, failed: 0, cancelled: 1 });
    expect(await versionsOf(id!)).toBe(0);
    expect(await leftInTmp()).toEqual([]);
    expect((await callOver(transport, 'photos.get', { id: id! })).problem).toBeNull();
  });

  it('closed after the first face, goes on with the second one when it is opened again', async () => {
    const [id] = await importPhotos(join(root, 'couple.jpg'));
    await callOver(transport, 'restore.enqueue', { photoIds: [id!], settings: SLOW });
    await vi.waitFor(() => expect(jobEvents().at(-1)?.face).toBe(1), WAIT);
    await application.close();
    const boxes = new Set(previews().map(({ box }) => box.x));
    expect(boxes.size).toBeGreaterThan(0);
    const [first] = boxes;
    await open();
    await batchEnd();
    expect(await versionsOf(id!)).toBe(1);
    const again = new Set(previews().map(({ box }) => box.x));
    expect(again.has(first!)).toBe(false);
    expect(again.size).toBe(1);
    expect(await leftInTmp()).toEqual([]);
  });

  it('gives as much grain as a job says, and half of it where it is from before that could be said', async () => {
    const [id] = await importPhotos(join(root, 'couple.jpg'));
    await callOver(transport, 'jobs.pauseAll', { paused: true });
    for (const grain of [0, 0.8])
      await callOver(transport, 'restore.enqueue', { photoIds: [id!], settings: { ...QUICK, grain } });
    await application.close();
    const db = new Sqlite(join(root, library, 'library.sqlite'));
    db.exec("UPDATE jobs SET settings = json_remove(settings, '$.grain') WHERE settings ->> '$.grain' = 0.8");
    db.close();
    await open();
    await callOver(transport, 'jobs.pauseAll', { paused: false });
    await vi.waitFor(() => {
      expect(transport.events.filter(({ kind }) => kind === 'batch')).toHaveLength(2);
    }, WAIT);
    const { versions } = await callOver(transport, 'photos.get', { id: id! });
    expect(versions.map(({ recipe }) => recipe.settings.grain)).toEqual([0, 0.5]);
  });

  it('restores a face by settings of its own, also where faces change meanwhile, and never those of two photos', async () => {
    const [id] = await importPhotos(join(root, 'couple.jpg'));
    const [plain] = await importPhotos(join(root, 'plain.jpg'));
    const [first, second] = await callOver(transport, 'faces.detect', { photoId: id! });
    const own = { preset: 'faithful', seed: 7 };
    const settings = { ...QUICK, guides: 2, perFace: { 1: own } };
    const both = callOver(transport, 'restore.enqueue', { photoIds: [id!, plain!], settings });
    await expect(both).rejects.toMatchObject({ code: 'api/invalid' });
    await callOver(transport, 'restore.enqueue', { photoIds: [id!], settings });
    await batchEnd();
    await callOver(transport, 'jobs.pauseAll', { paused: true });
    await callOver(transport, 'restore.enqueue', { photoIds: [id!], settings });
    await callOver(transport, 'faces.remove', { id: first!.id });
    await callOver(transport, 'jobs.pauseAll', { paused: false });
    await vi.waitFor(async () => expect(await versionsOf(id!)).toBe(2), WAIT);
    const { versions } = await callOver(transport, 'photos.get', { id: id! });
    expect(versions.map(({ recipe }) => recipe.settings)).toMatchObject([
      { guides: 2, perFace: { 1: own } },
      { guides: 2, perFace: { 0: own } },
    ]);
    expect(versions.map(({ faces }) => faces.map(({ seed }) => seed))).toEqual([[0, 7], [7]]);
    expect(versions[1]!.faces[0]!.faceId).toBe(second!.id);
  });

  it.skipIf(process.platform !== 'linux')('starts the engine again that was killed at work', async () => {
    const [id] = await importPhotos(join(root, 'couple.jpg'));
    await callOver(transport, 'restore.enqueue', { photoIds: [id!], settings: SLOW });
    await vi.waitFor(() => expect(previews().length).toBeGreaterThan(0), WAIT);
    const killed = enginesAtWork();
    expect(killed.length).toBeGreaterThan(0);
    for (const engine of killed) process.kill(engine, 'SIGKILL');
    expect(await batchEnd()).toMatchObject({ done: 1, failed: 0 });
    expect(await versionsOf(id!)).toBe(1);
    for (const engine of enginesAtWork()) expect(killed).not.toContain(engine);
  });
});
