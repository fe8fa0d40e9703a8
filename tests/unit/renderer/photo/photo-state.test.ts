import { describe, expect, test, vi } from 'vitest';
import type { ApiMethod } from '../../../../contract/api.ts';
import { PhotoState } from '../../../../renderer/state/photo.svelte.ts';
import { FakeApi } from './fake-api.ts';
import { makeFace, makeJob, makePhoto, makeVersion, PIXEL } from './make-photo.ts';

async function open(detail = makePhoto()) {
  const api = new FakeApi({
    'photos.get': () => detail,
    'people.list': () => [],
  });
  const photo = new PhotoState(api.client, () => Promise.resolve([9, 1, 5]));
  const stop = photo.start();
  await photo.open(1);
  return { api, photo, stop };
}

describe('a photo', () => {
  test('is read with its neighbours', async () => {
    const { photo } = await open();
    expect(photo.detail?.name).toBe('picnic.jpg');
    await vi.waitFor(() => expect([photo.previousId, photo.nextId]).toEqual([9, 5]));
  });

  test('that cannot be read says why', async () => {
    const api = new FakeApi({});
    const photo = new PhotoState(api.client, () => Promise.resolve([9, 1, 5]));
    await photo.open(1);
    expect(String(photo.error)).toContain('photos.get');
    expect(photo.detail).toBeNull();
  });

  test('is read again when it changed, not when another one did', async () => {
    const { api } = await open();
    api.emit({ kind: 'photos', ids: [4] });
    api.emit({ kind: 'photos', ids: [1] });
    await vi.waitFor(() => expect(api.callsOf('photos.get')).toHaveLength(2));
  });

  test('is open when it is read, also where it changed meanwhile', async () => {
    const answers: ((detail: unknown) => void)[] = [];
    const api = new FakeApi({
      'photos.get': () => new Promise((done) => answers.push(done)),
      'people.list': () => [],
    });
    const photo = new PhotoState(api.client, () => Promise.resolve([9, 1, 5]));
    photo.start();
    const opening = photo.open(1);
    api.emit({ kind: 'photos', ids: [1] });
    answers[0]?.(makePhoto());
    await new Promise((done) => setTimeout(done));
    answers[1]?.(makePhoto({ caption: 'newer' }));
    await opening;
    expect(photo.detail?.caption).toBe('newer');
  });

  test('listens no longer when it is left', async () => {
    const { api, stop } = await open();
    stop();
    api.emit({ kind: 'photos', ids: [1] });
    expect(api.callsOf('photos.get')).toHaveLength(1);
  });

  test('turns on the screen at once, and backwards from 0 to 270', async () => {
    const { api, photo } = await open();
    api.answers['photos.rotate'] = () => null;
    const turning = photo.turnBy(-90);
    expect(photo.detail?.turn).toBe(270);
    await turning;
    expect(api.callsOf('photos.rotate')).toEqual([{ ids: [1], by: 270 }]);
  });

  test('goes back to what it was where a change is refused', async () => {
    const { photo } = await open();
    await expect(photo.updateFace(1, { off: true })).rejects.toThrow('faces.update');
    expect(photo.detail?.faces[0]?.off).toBe(false);
  });
});

describe('faces', () => {
  test('are selected one after the other, and none after the last', async () => {
    const { photo } = await open();
    const seen: (number | null)[] = [];
    for (let i = 0; i < 4; i++) {
      photo.selectNextFace(1);
      seen.push(photo.selectedFaceId);
    }
    expect(seen).toEqual([1, 2, null, 1]);
  });

  test('that are added are pending, then selected', async () => {
    const { api, photo } = await open(makePhoto({ faces: [makeFace(1), makeFace(3)] }));
    api.answers['faces.add'] = () => makeFace(3);
    const box = { x: 0.5, y: 0.5, width: 0.1, height: 0.1 };
    const adding = photo.addFace(box);
    expect(photo.pendingBox).toEqual(box);
    await adding;
    expect(photo.pendingBox).toBeNull();
    expect(photo.selectedFace?.id).toBe(3);
  });

  test('that are refused are pending no longer', async () => {
    const { photo } = await open();
    await expect(photo.addFace({ x: 0, y: 0, width: 1, height: 1 })).rejects.toThrow('faces.add');
    expect(photo.pendingBox).toBeNull();
  });

  test('that are removed are selected no longer', async () => {
    const { api, photo } = await open();
    api.answers['faces.remove'] = () => null;
    photo.selectedFaceId = 2;
    await photo.removeFace(2);
    expect(photo.selectedFaceId).toBeNull();
  });
});

describe('what was asked of a photo that is left meanwhile', () => {
  async function later(method: ApiMethod) {
    const opened = await open();
    const { promise, resolve } = Promise.withResolvers<unknown>();
    opened.api.answers[method] = () => promise;
    return { ...opened, resolve };
  }

  test('looks for no faces in the next one', async () => {
    const { photo, resolve } = await later('faces.detect');
    const looking = photo.detectFaces();
    expect(photo.detecting).toBe(true);
    await photo.open(5);
    expect(photo.detecting).toBe(false);
    resolve([]);
    await looking;
  });

  test('draws and selects no face in the next one', async () => {
    const { photo, resolve } = await later('faces.add');
    const adding = photo.addFace({ x: 0.5, y: 0.5, width: 0.1, height: 0.1 });
    await photo.open(5);
    expect(photo.pendingBox).toBeNull();
    resolve(makeFace(2));
    await adding;
    expect(photo.selectedFaceId).toBeNull();
  });

  test('takes a file that was sent for its own original', async () => {
    const { api, photo } = await open();
    const { promise, resolve } = Promise.withResolvers<Response>();
    vi.stubGlobal('fetch', () => promise);
    api.answers['import.original'] = () => null;
    const sending = photo.sendOriginal(new File(['x'], 'a.jpg'));
    await photo.open(5);
    resolve(new Response(null, { status: 204 }));
    await sending;
    vi.unstubAllGlobals();
    expect(api.callsOf('import.original')).toMatchObject([{ id: 1 }]);
  });
});

describe('a job of the photo', () => {
  test('is seen at work, and tells its version once', async () => {
    const { api, photo } = await open(makePhoto({ versions: [makeVersion(4)] }));
    const versions: number[] = [];
    photo.onversion = (id) => versions.push(id);
    api.emit({ kind: 'job', job: makeJob() });
    const box = makeFace(1).box;
    api.emit({ kind: 'preview', jobId: 7, box, picture: PIXEL });
    api.emit({ kind: 'preview', jobId: 8, box: makeFace(2).box, picture: PIXEL });
    expect([...photo.live.values()]).toEqual([{ box, picture: PIXEL }]);

    const done = makeJob({ state: 'done', versionId: 4 });
    api.emit({ kind: 'job', job: done });
    api.emit({ kind: 'job', job: done });
    await vi.waitFor(() => expect(versions).toEqual([4]));
    expect(photo.live.size).toBe(0);
  });

  test('of another photo concerns nobody', async () => {
    const { api, photo } = await open();
    const versions: number[] = [];
    photo.onversion = (id) => versions.push(id);
    api.emit({ kind: 'job', job: makeJob({ photoId: 2 }) });
    api.emit({ kind: 'preview', jobId: 7, box: makeFace(1).box, picture: PIXEL });
    api.emit({ kind: 'job', job: makeJob({ photoId: 2, state: 'done', versionId: 4 }) });
    await Promise.resolve();
    expect(photo.live.size).toBe(0);
    expect(versions).toEqual([]);
    expect(api.callsOf('photos.get')).toHaveLength(1);
  });

  test('that failed is read with its problem', async () => {
    const { api } = await open();
    api.emit({ kind: 'job', job: makeJob() });
    const error = { code: 'engine/died', message: 'gone' };
    api.emit({ kind: 'job', job: makeJob({ state: 'failed', error }) });
    await vi.waitFor(() => expect(api.callsOf('photos.get')).toHaveLength(2));
  });
});
