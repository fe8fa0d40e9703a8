import { existsSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { restoreSettingsSchema } from '../../../../contract/restore.ts';
import { addTestVersion, BOX, idsOf, openTestLibrary, type TestLibrary } from './open-test-library.ts';

const SETTINGS = restoreSettingsSchema.parse({});

let test: TestLibrary;
let a: number;
let b: number;
beforeEach(async () => {
  test = await openTestLibrary();
  [a = 0, b = 0] = await test.add('a.jpg', 'b.jpg');
});
afterEach(() => test.remove());

/** Everything that a person can see of the library. */
async function snapshot() {
  const { api } = test;
  return {
    timeline: idsOf(test),
    bin: idsOf(test, { bin: true }),
    photos: await Promise.all(
      [...idsOf(test), ...idsOf(test, { bin: true })].map(async (id) => {
        const { revision: _, ...photo } = await api['photos.get']({ id });
        return photo;
      }),
    ),
    months: api['timeline.months']({ query: { bin: false } }),
    people: api['people.list']({}),
    albums: api['albums.list']({}),
    folders: (await api['folders.list']({})).map(({ path, mode }) => ({ path, mode })),
    settings: api['settings.get']({}),
    words: ['anna', 'attic', 'lake', '1953'].map((text) => idsOf(test, { text })),
  };
}

const drawn = (photoId: number) => test.api['faces.add']({ photoId, box: BOX });
const named = async (name: string) => {
  const face = await drawn(a);
  const { person } = await test.api['faces.name']({ id: face.id, name });
  return { faceId: face.id, personId: person!.id };
};

/** Each kind of change: what comes before it, and the change itself. */
const CHANGES: Record<string, () => (() => unknown) | Promise<() => unknown>> = {
  'photos.rotate': () => () => test.api['photos.rotate']({ ids: [a, b], by: 90 }),
  'photos.setDate': () => () => test.api['photos.setDate']({ ids: [a], takenAt: '1953-06-02' }),
  'photos.setCaption': () => () => test.api['photos.setCaption']({ id: a, caption: "the lake's edge" }),
  'photos.setCurrentVersion': async () => {
    await addTestVersion(test, a, 'first');
    return () => test.api['photos.setCurrentVersion']({ id: a, versionId: null });
  },
  'photos.bin': () => () => test.api['photos.bin']({ ids: [a, b] }),
  'photos.restoreFromBin': async () => {
    await test.api['photos.bin']({ ids: [a] });
    return () => test.api['photos.restoreFromBin']({ ids: [a] });
  },
  'versions.remove': async () => {
    const { id } = await addTestVersion(test, a, 'first');
    return () => test.api['versions.remove']({ id });
  },
  'faces.detect': () => () => test.api['faces.detect']({ photoId: a }),
  'faces.add': async () => {
    await test.library.knownFaces(a);
    return () => drawn(a);
  },
  'faces.update': async () => {
    const { id } = await drawn(a);
    return () =>
      test.api['faces.update']({ id, box: { x: 0.1, y: 0.1, width: 0.3, height: 0.3 }, off: true });
  },
  'faces.remove': async () => {
    const { faceId } = await named('Anna');
    return () => test.api['faces.remove']({ id: faceId });
  },
  'faces.name': async () => {
    const { id } = await drawn(a);
    return () => test.api['faces.name']({ id, name: 'Anna' });
  },
  'people.rename': async () => {
    const { personId } = await named('Karl');
    return () => test.api['people.rename']({ id: personId, name: 'Anna' });
  },
  'people.remove': async () => {
    const { personId } = await named('Anna');
    return () => test.api['people.remove']({ id: personId });
  },
  'albums.create': () => () => test.api['albums.create']({ name: 'Attic', photoIds: [a, b] }),
  'albums.rename': async () => {
    const { id } = await test.api['albums.create']({ name: 'x', photoIds: [a] });
    return () => test.api['albums.rename']({ id, name: 'Attic' });
  },
  'albums.remove': async () => {
    const { id } = await test.api['albums.create']({ name: 'Attic', photoIds: [a, b] });
    return () => test.api['albums.remove']({ id });
  },
  'albums.addPhotos': async () => {
    const { id } = await test.api['albums.create']({ name: 'Attic', photoIds: [a] });
    return () => test.api['albums.addPhotos']({ id, photoIds: [a, b] });
  },
  'albums.removePhotos': async () => {
    const { id } = await test.api['albums.create']({ name: 'Attic', photoIds: [a, b] });
    return () => test.api['albums.removePhotos']({ id, photoIds: [b] });
  },
  'folders.watch': () => () => test.api['folders.watch']({ path: test.folder, mode: 'copy' }),
  'folders.unwatch': async () => {
    const { id } = await test.api['folders.watch']({ path: `${test.folder}/photos`, mode: 'in-place' });
    return () => test.api['folders.unwatch']({ id });
  },
  'settings.set': () => () => test.api['settings.set']({ theme: 'dark', language: 'de' }),
};

describe('undo and redo', () => {
  it.each(Object.keys(CHANGES))('of %s', async (label) => {
    const change = await CHANGES[label]!();
    const before = await snapshot();
    await change();
    const after = await snapshot();
    expect(after).not.toEqual(before);
    expect(test.api['undo.state']({})).toEqual({ undo: label, redo: null });
    for (let round = 0; round < 2; round++) {
      expect(test.api['undo.undo']({})).toEqual({ label });
      expect(await snapshot()).toEqual(before);
      expect(test.api['undo.state']({})).toMatchObject({ redo: label });
      expect(test.api['undo.redo']({})).toEqual({ label });
      expect(await snapshot()).toEqual(after);
    }
  });

  it('goes back through many steps and forward again', async () => {
    const states = [await snapshot()];
    for (const step of ['1951', '1952', '1953']) {
      await test.api['photos.setDate']({ ids: [a, b], takenAt: `${step}-01-01` });
      states.push(await snapshot());
    }
    for (const state of states.slice(0, -1).reverse()) {
      await test.api['undo.undo']({});
      expect(await snapshot()).toEqual(state);
    }
    for (const state of states.slice(1)) {
      await test.api['undo.redo']({});
      expect(await snapshot()).toEqual(state);
    }
  });

  it('takes a turn of many photos back in one step, each to where it stood', async () => {
    const turns = () => Promise.all([a, b].map(async (id) => (await test.api['photos.get']({ id })).turn));
    await test.api['photos.rotate']({ ids: [b], by: 270 });
    await test.api['photos.rotate']({ ids: [a, b], by: 180 });
    expect(await turns()).toEqual([180, 90]);
    await test.api['undo.undo']({});
    expect(await turns()).toEqual([0, 270]);
    await test.api['undo.redo']({});
    expect(await turns()).toEqual([180, 90]);
  });

  it('forgets what could be redone when something new is done', async () => {
    await test.api['photos.rotate']({ ids: [a], by: 90 });
    await test.api['undo.undo']({});
    await test.api['photos.setCaption']({ id: b, caption: 'new' });
    expect(test.api['undo.state']({})).toEqual({ undo: 'photos.setCaption', redo: null });
    expect(test.api['undo.redo']({})).toEqual({ label: null });
  });

  it('keeps what the background wrote in between', async () => {
    await test.api['photos.rotate']({ ids: [a], by: 90 });
    await addTestVersion(test, a, 'made by the queue');
    test.library.markProblem(b, { code: 'engine/died', message: 'gone' });
    await test.api['undo.undo']({});
    expect(await test.api['photos.get']({ id: a })).toMatchObject({ turn: 0, state: 'restored' });
    expect((await test.api['photos.get']({ id: b })).state).toBe('failed');
  });

  it('does not count what changed nothing, nor what failed', async () => {
    const { undo } = test.api['undo.state']({}) as { undo: string | null };
    await test.api['photos.rotate']({ ids: [a], by: 0 });
    expect(() => test.api['photos.rotate']({ ids: [a, 999], by: 90 })).toThrow('There is no photo 999');
    expect(test.api['undo.state']({})).toMatchObject({ undo });
    expect((await test.api['photos.get']({ id: a })).turn).toBe(0);
  });

  it.each<[string, () => Promise<() => unknown>]>([
    [
      'a name that the face has already, as a field sends it at Enter and again when it is left',
      async () => {
        const { faceId } = await named('Anna');
        return () => test.api['faces.name']({ id: faceId, name: 'Anna' });
      },
    ],
    [
      'a face switched off twice',
      async () => {
        const { id } = await drawn(a);
        await test.api['faces.update']({ id, off: true });
        return () => test.api['faces.update']({ id, off: true });
      },
    ],
    [
      'an album renamed to its own name',
      async () => {
        const { id } = await test.api['albums.create']({ name: 'Attic', photoIds: [a] });
        return () => test.api['albums.rename']({ id, name: 'Attic' });
      },
    ],
    [
      'a setting that is set already',
      async () => {
        await test.api['settings.set']({ theme: 'dark' });
        return () => test.api['settings.set']({ theme: 'dark' });
      },
    ],
  ])('does not count %s, and what was undone can still be redone', async (_, prepare) => {
    const again = await prepare();
    const { undo } = test.api['undo.state']({}) as { undo: string };
    await again();
    await test.api['undo.undo']({});
    const undone = test.api['undo.state']({}) as { undo: string | null };
    expect(undone).toMatchObject({ redo: undo });
    await test.api['undo.redo']({});
    await test.api['photos.setCaption']({ id: b, caption: 'x' });
    await test.api['undo.undo']({});
    await again();
    expect(test.api['undo.state']({})).toEqual({ undo, redo: 'photos.setCaption' });
  });

  it('says nothing where there is nothing', async () => {
    await test.reopen();
    expect(test.api['undo.undo']({})).toEqual({ label: null });
    expect(test.api['undo.state']({})).toEqual({ undo: null, redo: null });
  });

  it('brings a removed version back with its file', async () => {
    const { id } = await addTestVersion(test, a, 'first');
    await test.api['versions.remove']({ id });
    await test.api['undo.undo']({});
    const { path } = await test.library.pictureFile({ kind: 'version', id, size: 'full' });
    expect(existsSync(path)).toBe(true);
    await test.reopen();
    expect(existsSync(path)).toBe(true);
    await test.api['versions.remove']({ id });
    await test.reopen();
    expect(existsSync(path)).toBe(false);
  });

  it('of an import takes along what was found and made since, and brings all of it back', async () => {
    const { id } = test.library.importPaths([test.picture('c.jpg'), test.picture('d.jpg')], 'copy');
    const [c = 0, d = 0] = (await test.library.importDone(id)).photoIds;
    await test.library.knownFaces(c);
    await addTestVersion(test, c, 'made by the queue');
    test.library.jobs.add([d], SETTINGS);
    const before = await snapshot();
    expect(await test.api['undo.undo']({})).toEqual({ label: 'import.start' });
    expect(idsOf(test)).toEqual([b, a]);
    expect(test.library.jobs.list()).toEqual([]);
    await test.api['undo.redo']({});
    const after = await snapshot();
    // The job does not come back: nobody asked for it again.
    for (const photo of before.photos) photo.busy = false;
    expect(after).toEqual(before);
  });

  it('does not touch jobs', async () => {
    await test.api['photos.rotate']({ ids: [a], by: 90 });
    const { ids } = test.library.jobs.add([a], SETTINGS);
    await test.api['undo.undo']({});
    expect(test.library.jobs.list().map(({ id }) => id)).toEqual(ids);
  });

  it('does not remember what the interface keeps for itself', async () => {
    const { undo } = test.api['undo.state']({}) as { undo: string | null };
    await test.api['settings.set']({ tourDone: true });
    expect(test.api['undo.state']({})).toMatchObject({ undo });
  });

  it('is forgotten when the bin is emptied', async () => {
    await test.api['photos.rotate']({ ids: [b], by: 90 });
    await test.api['photos.bin']({ ids: [a] });
    expect(await test.api['bin.empty']({})).toEqual({ removed: 1 });
    expect(test.api['undo.state']({})).toEqual({ undo: null, redo: null });
    expect(idsOf(test)).toEqual([b]);
  });

  it('survives text with quotes and line breaks', async () => {
    const caption = `it's "1953"\n; DROP TABLE photos; -- \u2028 ☕ ''`;
    await test.api['photos.setCaption']({ id: a, caption });
    await test.api['photos.setCaption']({ id: a, caption: 'x' });
    await test.api['undo.undo']({});
    expect((await test.api['photos.get']({ id: a })).caption).toBe(caption);
  });

  it('tells what changed, as the change itself did', async () => {
    await test.api['albums.create']({ name: 'Attic', photoIds: [a] });
    test.library['context'].db.onChange = (changes) => seen.push(changes);
    const seen: unknown[] = [];
    await test.api['undo.undo']({});
    expect(seen).toEqual([expect.objectContaining({ albums: true, photoIds: [a] })]);
    expect(test.events.at(-1)).toMatchObject({ kind: 'undo', redo: 'albums.create' });
  });
});
