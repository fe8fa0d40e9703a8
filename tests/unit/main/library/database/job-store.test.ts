import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { restoreSettingsSchema } from '../../../../../contract/restore.ts';
import type { JobStore } from '../../../../../main/library/database/job-store.ts';
import { openTestLibrary, type TestLibrary } from '../open-test-library.ts';

const SETTINGS = restoreSettingsSchema.parse({ preset: 'faithful', weights: [1, 2] });

let test: TestLibrary;
let photos: number[];
const jobs = (): JobStore => test.library.jobs;
beforeEach(async () => {
  test = await openTestLibrary();
  photos = await test.add('a.jpg', 'b.jpg', 'c.jpg');
});
afterEach(() => test.remove());

const order = () =>
  jobs()
    .list()
    .map(({ id }) => id);

describe('JobStore', () => {
  it('keeps a job as it was asked for', () => {
    const { batchId, ids } = jobs().add(photos.slice(0, 1), SETTINGS);
    expect(jobs().get(ids[0]!)).toEqual({
      ...{ id: ids[0], batchId, photoId: photos[0], photoName: 'a.jpg', photoRevision: 1, state: 'waiting' },
      ...{ settings: SETTINGS, attempts: 0, versionId: null, error: null, notes: [], finishedAt: null },
      createdAt: expect.stringMatching(/^20.*Z$/) as string,
      knownFaces: null,
      faceIds: null,
    });
  });

  it('knows the faces of a photo where somebody looked, without those that are off', async () => {
    const [photoId = 0, other = 0] = photos;
    // The fake engine finds one more.
    const draw = (x: number) =>
      test.api['faces.add']({ photoId, box: { x, y: 0.1, width: 0.2, height: 0.2 } });
    const face = await draw(0.1);
    await draw(0.6);
    const { ids } = jobs().add([photoId, other], SETTINGS);
    expect(ids.map((id) => jobs().get(id).knownFaces)).toEqual([3, null]);
    await test.api['faces.update']({ id: face.id, off: true });
    expect(ids.map((id) => jobs().get(id).knownFaces)).toEqual([2, null]);
  });

  it("remembers the photo's faces where settings are of single ones", async () => {
    const [photoId = 0, other = 0] = photos;
    const drawn = await test.api['faces.add']({ photoId, box: { x: 0.1, y: 0.1, width: 0.2, height: 0.2 } });
    const settings = { ...SETTINGS, perFace: { 0: { seed: 7 } } };
    const { ids } = jobs().add([photoId], settings);
    const job = jobs().get(ids[0]!);
    expect(job.settings).toEqual(settings);
    expect(job.faceIds).toHaveLength(2);
    expect(job.faceIds).toContain(drawn.id);
    await test.api['faces.remove']({ id: drawn.id });
    expect(jobs().get(ids[0]!).faceIds).toEqual(job.faceIds);
    const unknown = jobs().add([other], settings).ids[0]!;
    expect(jobs().get(unknown).faceIds).toBeNull();
  });

  it('keeps whether the queue stands still', async () => {
    expect(jobs().paused).toBe(false);
    jobs().pause(true);
    await test.reopen();
    expect(jobs().paused).toBe(true);
    jobs().pause(false);
    expect(jobs().paused).toBe(false);
    expect(await test.api['undo.state']({})).toMatchObject({ redo: null });
  });

  it('changes many in one transaction, all or none', () => {
    const { ids } = jobs().add(photos, SETTINGS);
    const { db } = test.library.context;
    const transactions = vi.spyOn(db, 'write');
    jobs().updateAll(ids, { state: 'cancelled' });
    expect(transactions).toHaveBeenCalledOnce();
    const ended = { state: 'cancelled', finishedAt: expect.any(String) as string };
    expect(jobs().list()).toMatchObject([ended, ended, ended]);
    expect(() => jobs().updateAll([ids[0]!, 99], { state: 'waiting' })).toThrow('There is no job 99');
    expect(jobs().get(ids[0]!)).toMatchObject(ended);
  });

  it('adds all of a batch or none', () => {
    expect(() => jobs().add([photos[0]!, 99], SETTINGS)).toThrow('There is no photo 99');
    expect(jobs().list()).toEqual([]);
    const one = jobs().add(photos, SETTINGS);
    const other = jobs().add(photos, SETTINGS);
    expect(other.batchId).not.toBe(one.batchId);
    expect(jobs().batchCounts(one.batchId)).toEqual({
      waiting: 3,
      running: 0,
      paused: 0,
      done: 0,
      failed: 0,
      cancelled: 0,
    });
  });

  it('lists running, waiting in order, finished newest first', () => {
    const { ids } = jobs().add([...photos, ...photos], SETTINGS);
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = ids;
    jobs().update(a, { state: 'done' });
    jobs().update(b, { state: 'failed' });
    jobs().update(d, { state: 'running' });
    jobs().update(e, { state: 'paused' });
    expect(order()).toEqual([d, c, e, f, b, a]);
    expect(jobs().nextWaiting()?.id).toBe(c);
  });

  it('says when a job was finished, for as long as it is', () => {
    const [id = 0] = jobs().add(photos, SETTINGS).ids;
    const error = { code: 'engine/died', message: 'gone' };
    const failed = jobs().update(id, { state: 'failed', error, notes: ['one face failed'], attempts: 2 });
    expect(failed).toMatchObject({ error, notes: ['one face failed'], attempts: 2 });
    expect(failed.finishedAt).not.toBeNull();
    expect(jobs().update(id, { state: 'waiting', error: null })).toMatchObject({
      finishedAt: null,
      error: null,
    });
    expect(() => jobs().update(99, { state: 'done' })).toThrow('There is no job 99');
  });

  it('moves a job before another one, to the front, and to the end', () => {
    const [a = 0, b = 0, c = 0] = jobs().add(photos, SETTINGS).ids;
    jobs().move(c, b);
    expect(order()).toEqual([a, c, b]);
    jobs().move(b, a);
    expect(order()).toEqual([b, a, c]);
    jobs().move(b, null);
    expect(order()).toEqual([a, c, b]);
    jobs().move(a, a);
    expect(order()).toEqual([a, c, b]);
    expect(() => jobs().move(a, 99)).toThrow('There is no job 99');
    const { ids } = jobs().add(photos.slice(0, 1), SETTINGS);
    expect(order().at(-1)).toBe(ids[0]);
  });

  it('finds room for very many moves', () => {
    const [a = 0, b = 0, c = 0] = jobs().add(photos, SETTINGS).ids;
    for (let i = 0; i < 60; i++) jobs().move(i % 2 ? b : c, i % 2 ? c : b);
    jobs().move(a, b);
    expect(order().indexOf(a)).toBe(order().indexOf(b) - 1);
  });

  it('lets what was interrupted wait again', async () => {
    const { ids } = jobs().add(photos, SETTINGS);
    jobs().update(ids[1]!, { state: 'running', attempts: 1 });
    await test.reopen();
    expect(jobs().recoverInterrupted()).toEqual([ids[1]]);
    expect(order()).toEqual(ids);
    expect(jobs().get(ids[1]!).attempts).toBe(1);
    expect(jobs().recoverInterrupted()).toEqual([]);
  });

  it('forgets finished jobs, and never gives their ids or batches again', () => {
    const { batchId, ids } = jobs().add(photos, SETTINGS);
    for (const id of ids) jobs().update(id, { state: 'cancelled' });
    expect(jobs().batchCounts(batchId).cancelled).toBe(3);
    jobs().clearFinished();
    expect(jobs().list()).toEqual([]);
    const again = jobs().add(photos, SETTINGS);
    expect(again.batchId).toBeGreaterThan(Math.max(...ids));
  });

  it('counts the jobs of a batch in work that were cleared, also when it is opened again', async () => {
    const { batchId, ids } = jobs().add([...photos, ...photos], SETTINGS);
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = ids;
    jobs().update(a, { state: 'done' });
    jobs().update(b, { state: 'failed' });
    jobs().clearFinished();
    jobs().update(c, { state: 'done' });
    jobs().clearFinished();
    await test.reopen();
    jobs().update(d, { state: 'done' });
    jobs().update(e, { state: 'cancelled' });
    expect(order()).toEqual([f, e, d]);
    const counts = { waiting: 1, running: 0, paused: 0, done: 3, failed: 1, cancelled: 1 };
    expect(jobs().batchCounts(batchId)).toEqual(counts);
    jobs().update(f, { state: 'done' });
    expect(jobs().batchCounts(batchId)).toEqual({ ...counts, waiting: 0, done: 4 });
    jobs().clearFinished();
    expect(jobs().batchCounts(batchId)).toMatchObject({ done: 0, failed: 0, cancelled: 0 });
  });

  it('knows whether a photo has another job that has not come to its end', () => {
    const [photo = 0, other = 0] = photos;
    const [a = 0, b = 0] = jobs().add([photo, photo, other], SETTINGS).ids;
    expect(jobs().hasOther(photo, a)).toBe(true);
    jobs().update(b, { state: 'paused' });
    expect(jobs().hasOther(photo, a)).toBe(true);
    jobs().update(b, { state: 'cancelled' });
    expect(jobs().hasOther(photo, a)).toBe(false);
    expect(jobs().hasOther(photo, b)).toBe(true);
  });

  it('loses jobs with their photo', async () => {
    jobs().add(photos, SETTINGS);
    await test.api['photos.bin']({ ids: photos.slice(0, 1) });
    expect(jobs().list()).toHaveLength(3);
    await test.api['bin.empty']({});
    expect(jobs().list()).toHaveLength(2);
  });
});
