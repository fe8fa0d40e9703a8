import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Person } from '../../../../contract/library.ts';
import { readingOrder } from '../../../../contract/reading-order.ts';
import { BOX, foundFace, idsOf, openTestLibrary, type TestLibrary } from './open-test-library.ts';

let test: TestLibrary;
let a: number;
let b: number;
beforeEach(async () => {
  test = await openTestLibrary();
  [a = 0, b = 0] = await test.add('a.jpg', 'b.jpg');
});
afterEach(() => test.remove());

const at = (x: number, y: number) => ({ x, y, width: 0.1, height: 0.1 });
const detect = () => test.api['faces.detect']({ photoId: a });

describe('readingOrder', () => {
  it('reads rows from the top, each from the left', () => {
    const boxes = [at(0.8, 0.12), at(0.1, 0.5), at(0.1, 0.1), at(0.5, 0.48), at(0.4, 0.08)];
    expect(readingOrder(boxes.map((box) => ({ box }))).map(({ box }) => box)).toEqual([
      ...[boxes[2], boxes[4], boxes[0], boxes[1], boxes[3]],
    ]);
    expect(readingOrder([])).toEqual([]);
  });
});

describe('faces', () => {
  it('are found once, numbered in reading order', async () => {
    test.engine.faces = [foundFace(at(0.7, 0.1)), foundFace(at(0.1, 0.6), 1), foundFace(at(0.1, 0.1), 2)];
    const known = await test.library.knownFaces(a);
    expect(known.map(({ known }) => known.box.x)).toEqual([0.1, 0.7, 0.1]);
    await test.library.knownFaces(a);
    expect(test.engine.count('inspectPhoto')).toBe(1);
    const { faces, state, faceCount } = await test.api['photos.get']({ id: a });
    expect([state, faceCount, faces.map(({ number }) => number)]).toEqual(['faces', 3, [1, 2, 3]]);
    expect(test.library.faceForDraft(faces[1]!.id)).toMatchObject({
      photoId: a,
      index: 1,
      known: { turn: 0 },
    });
    expect(faces[0]).toMatchObject({
      source: 'fake/1',
      confidence: 0.9,
      sizePx: 120,
      tooSmall: false,
      off: false,
      person: null,
    });
  });

  it('carry the blur where a pack is there to measure it', async () => {
    await test.remove();
    test = await openTestLibrary({ models: () => Promise.resolve({ pack: '/packs/tiny', provider: 'cpu' }) });
    [a = 0] = await test.add('a.jpg');
    test.engine.faces = [{ ...foundFace(), stdHat: 2.5, start: 410 } as never];
    const [face] = await detect();
    expect(face).toMatchObject({ stdHat: 2.5, start: 410 });
    expect(test.engine.last('inspectPhoto').models).toEqual({ pack: '/packs/tiny', provider: 'cpu' });
  });

  it('are found without a pack as well', async () => {
    await test.remove();
    test = await openTestLibrary({ models: () => Promise.reject(new Error('no pack')) });
    [a = 0] = await test.add('a.jpg');
    expect(await detect()).toHaveLength(1);
  });

  it('too small to restore are said to be', async () => {
    test.engine.faces = [{ ...foundFace(), sizePx: 19.5 }];
    expect(await detect()).toMatchObject([{ tooSmall: true }]);
  });

  it('that a person drew, named or switched off stay when faces are looked for again', async () => {
    test.engine.faces = [foundFace(at(0.1, 0.1)), foundFace(at(0.5, 0.1), 1), foundFace(at(0.1, 0.5), 2)];
    const [named, off, plain] = await detect();
    await test.api['faces.name']({ id: named!.id, name: 'Anna' });
    await test.api['faces.update']({ id: off!.id, off: true });
    const drawn = await test.api['faces.add']({ photoId: a, box: at(0.8, 0.8) });
    test.engine.faces = [
      foundFace(at(0.12, 0.11)),
      foundFace(at(0.79, 0.8), 1),
      foundFace(at(0.11, 0.51), 2),
      foundFace(at(0.4, 0.8), 3),
    ];
    const again = await detect();
    const byId = new Map(again.map((face) => [face.id, face]));
    expect(again).toHaveLength(5);
    expect(byId.get(named!.id)).toMatchObject({ box: at(0.1, 0.1), person: { name: 'Anna' } });
    expect(byId.get(off!.id)).toMatchObject({ off: true });
    expect(byId.get(drawn.id)).toMatchObject({ source: 'person', box: at(0.8, 0.8) });
    // Seen again a little elsewhere: the same face.
    expect(byId.get(plain!.id)).toMatchObject({ box: at(0.11, 0.51) });
  });

  it('that are not seen again go', async () => {
    const [face] = await detect();
    test.engine.faces = [foundFace(at(0.05, 0.05))];
    const again = await detect();
    expect(again).toHaveLength(1);
    expect(again[0]!.id).not.toBe(face!.id);
    test.engine.faces = [];
    expect(await detect()).toEqual([]);
    expect((await test.api['photos.get']({ id: a })).state).toBe('no-faces');
  });

  it('are drawn by hand after the others were looked for', async () => {
    const face = await test.api['faces.add']({ photoId: a, box: at(0.05, 0.05) });
    expect(face).toMatchObject({ photoId: a, number: 1, source: 'person', sizePx: 90 });
    expect(face.confidence).toBeUndefined();
    expect((await test.api['photos.get']({ id: a })).faces).toHaveLength(2);
  });

  it('move and keep their name', async () => {
    const [face] = await detect();
    await test.api['faces.name']({ id: face!.id, name: 'Anna' });
    const moved = await test.api['faces.update']({ id: face!.id, box: at(0.3, 0.3) });
    expect(moved).toMatchObject({
      id: face!.id,
      box: at(0.3, 0.3),
      source: 'person',
      person: { name: 'Anna' },
    });
    await expect(test.api['faces.update']({ id: 99, off: true })).rejects.toMatchObject({
      code: 'library/not-found',
    });
  });

  it('cannot be looked for in a missing original', async () => {
    const { rmSync } = await import('node:fs');
    rmSync(await test.library.originalFile(a));
    await expect(detect()).rejects.toMatchObject({ code: 'library/missing-original' });
  });
});

describe('people', () => {
  async function face(photoId: number, name: string) {
    const { id } = await test.api['faces.add']({ photoId, box: BOX });
    return test.api['faces.name']({ id, name });
  }

  it('come with a name and go with their last face', async () => {
    const one = await face(a, 'Anna');
    const other = await face(b, 'ANNA');
    expect(other.person).toEqual(one.person);
    expect(test.api['people.list']({})).toEqual([
      { id: one.person!.id, name: 'Anna', photoCount: 2, coverFaceId: one.id, coverRevision: 1 },
    ]);
    expect(idsOf(test, { personId: one.person!.id })).toEqual([b, a]);
    await test.api['faces.name']({ id: one.id, name: '' });
    expect(test.api['people.list']({})).toMatchObject([{ photoCount: 1, coverFaceId: other.id }]);
    await test.api['faces.remove']({ id: other.id });
    expect(test.api['people.list']({})).toEqual([]);
  });

  it('show the face where it is now: its picture has another address after each move', async () => {
    const { id, person } = await face(a, 'Anna');
    const revision = () => (test.api['people.list']({}) as Person[])[0]!.coverRevision;
    const before = revision();
    test.events.length = 0;
    await test.api['faces.update']({ id, box: { ...BOX, x: 0.1 } });
    const moved = revision();
    expect(moved).toBeGreaterThan(before);
    expect(test.events).toContainEqual({ kind: 'people' });
    await test.api['undo.undo']({});
    expect(revision()).toBeGreaterThan(moved);
    const undone = revision();
    await test.api['faces.update']({ id, off: true });
    await test.api['people.rename']({ id: person!.id, name: 'Johanna' });
    expect(revision()).toBe(undone);
  });

  it('become one when renamed to a name that exists', async () => {
    const anna = (await face(a, 'Anna')).person!;
    const johanna = (await face(b, 'Johanna')).person!;
    expect(await test.api['people.rename']({ id: johanna.id, name: 'anna' })).toMatchObject({
      ...{ id: anna.id, name: 'Anna', photoCount: 2 },
    });
    expect(test.api['people.list']({})).toHaveLength(1);
    await test.api['undo.undo']({});
    expect(test.api['people.list']({})).toMatchObject([{ name: 'Anna' }, { name: 'Johanna' }]);
  });

  it('can change the case of their name', async () => {
    const { person } = await face(a, 'anna');
    expect(await test.api['people.rename']({ id: person!.id, name: 'Anna' })).toMatchObject({ name: 'Anna' });
  });

  it('leave their faces when removed', async () => {
    const { person, id } = await face(a, 'Anna');
    await test.api['people.remove']({ id: person!.id });
    const { faces } = await test.api['photos.get']({ id: a });
    expect(faces.find((one) => one.id === id)?.person).toBeNull();
  });
});

describe('detection in the background', () => {
  it('follows an import where the settings say so, one at a time, and marks what cannot be read', async () => {
    await test.remove();
    test = await openTestLibrary({ detectOnImport: true });
    let atOnce = 0;
    let most = 0;
    const answer = { format: 'jpeg', width: 1, height: 1, depth: 8 as const, notes: [], detector: 'fake/1' };
    test.engine.on('inspectPhoto', async ({ input }) => {
      most = Math.max(most, ++atOnce);
      await new Promise((resolve) => setTimeout(resolve, 5));
      atOnce--;
      const { readFileSync } = await import('node:fs');
      const { HeirloomError } = await import('../../../../contract/errors.ts');
      if (readFileSync(input, 'utf8').includes('bad'))
        throw new HeirloomError('input/damaged', 'it is damaged');
      return { ...answer, input, faces: [foundFace()] };
    });
    const ids = await test.add('a.jpg', 'bad.jpg', 'c.jpg');
    await test.library.settled();
    const states = await Promise.all(ids.map(async (id) => (await test.api['photos.get']({ id })).state));
    expect(states).toEqual(['faces', 'failed', 'faces']);
    expect(most).toBe(1);
    expect(test.api['undo.state']({})).toMatchObject({ undo: 'import.start' });
  });

  it('tells how far it is, and when it is over, also where the engine fails', async () => {
    const told = () =>
      test.events.flatMap((event) => (event.kind === 'detection' ? [`${event.done} of ${event.total}`] : []));
    await test.api['settings.set']({ detectOnImport: true });
    await test.library.settled();
    expect(told()).toEqual(['0 of 2', '1 of 2', '0 of 0']);
    test.events.length = 0;
    test.engine.on('inspectPhoto', () => Promise.reject(new Error('no engine')));
    await test.add('c.jpg');
    await test.library.settled();
    expect(told()).toEqual(['0 of 1', '0 of 0']);
    test.events.length = 0;
    await test.api['settings.set']({ detectOnImport: false });
    await test.library.settled();
    expect(told()).toEqual([]);
  });

  it('stands still while a person waits, and goes on', async () => {
    await test.remove();
    test = await openTestLibrary({ detectOnImport: true });
    const release = test.library.holdDetection();
    const ids = await test.add('a.jpg', 'b.jpg');
    await test.library.settled();
    expect(test.engine.count('inspectPhoto')).toBe(0);
    release();
    release();
    await vi.waitFor(() => expect(test.engine.count('inspectPhoto')).toBe(2), { timeout: 30_000 });
    await test.library.settled();
    expect(idsOf(test, { state: 'faces' }).sort()).toEqual(ids.sort());
  });

  it('gives up for now when the engine fails, and marks no photo', async () => {
    await test.remove();
    test = await openTestLibrary({ detectOnImport: true });
    test.engine.on('inspectPhoto', () => Promise.reject(new Error('no engine')));
    await test.add('a.jpg', 'b.jpg', 'c.jpg', 'd.jpg', 'e.jpg');
    await test.library.settled();
    expect(idsOf(test, { state: 'failed' })).toEqual([]);
  });

  it('starts when a person asks for it in the settings', async () => {
    await test.api['settings.set']({ detectOnImport: true });
    await test.library.settled();
    expect(idsOf(test, { state: 'faces' })).toEqual([b, a]);
  });
});
