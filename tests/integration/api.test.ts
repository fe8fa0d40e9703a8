import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { API_CALLS, apiEventSchema, type ApiMethod } from '../../contract/api.ts';
import { envelopeSchema } from '../../contract/errors.ts';
import type { Application } from '../../main/application.ts';
import { createNoise } from '../../engine/method/noise.ts';
import { callOver, overIpc, overSocket, type Transport } from '../fixtures/api-transports.ts';
import {
  makeAppFolder,
  openTestApplication,
  PACK_KEY,
  removeFolder,
} from '../fixtures/open-test-application.ts';
import { ROOT } from '../fixtures/run-cli.ts';
import { TINY_PACK } from '../fixtures/tiny-pack.ts';

vi.mock('electron', () => import('../unit/main/electron/electron-stand-in.ts'));

const WAIT = { timeout: 60_000, interval: 50 };
const DRAFT = { speed: 'draft' } as const;

let root: string;

beforeAll(async () => {
  root = await makeAppFolder();
});
afterAll(() => removeFolder(root));

describe.each([
  ['WebSocket', overSocket],
  ['Electron IPC', overIpc],
] as const)('over %s', (name, open) => {
  let application: Application;
  let transport: Transport;
  let photoId: number;

  const call: <M extends ApiMethod>(
    ...args: [M, Parameters<typeof callOver<M>>[2]]
  ) => ReturnType<typeof callOver<M>> = (method, params) => callOver(transport, method, params);

  function eventsOf(kind: string) {
    return transport.events.filter((event) => event.kind === kind);
  }

  beforeAll(async () => {
    application = await openTestApplication(root, name);
    transport = await open(application);
  });
  afterAll(async () => {
    await transport.close();
    await application.close();
  });

  it('tells what it is', async () => {
    const info = await call('app.info', {});
    expect(info).toMatchObject({
      apiVersion: 1,
      photoCount: 0,
      welcomePhotoId: null,
      library: join(root, name),
    });
  });

  it('imports a photo, once', async () => {
    const { id } = await call('import.start', { paths: [join(root, 'couple.jpg')], mode: 'copy' });
    await vi.waitFor(async () => expect((await call('import.list', {}))[0]?.state).toBe('done'), WAIT);
    const report = (await call('import.list', {})).find((candidate) => candidate.id === id);
    expect(report).toMatchObject({ imported: 1, failedCount: 0 });
    photoId = report?.photoIds[0] ?? 0;
    expect(await call('timeline.months', { query: {} })).toEqual([{ month: null, count: 1 }]);
    const page = await call('timeline.page', { query: {}, month: null, offset: 0, limit: 10 });
    expect(page[0]).toMatchObject({ id: photoId, name: 'couple.jpg' });
    expect(eventsOf('import').length).toBeGreaterThan(0);
  });

  it('finds faces, names one, and finds the photo by the name', async () => {
    const [face] = await call('faces.detect', { photoId });
    expect((await call('faces.name', { id: face!.id, name: 'Erna' })).person?.name).toBe('Erna');
    expect(await call('timeline.ids', { query: { text: 'ern' } })).toEqual([photoId]);
    expect((await call('undo.undo', {})).label).not.toBeNull();
    expect(await call('people.list', {})).toEqual([]);
  });

  it('drafts a face with pictures on the way, and varies its seed', async () => {
    const [face] = (await call('photos.get', { id: photoId })).faces;
    const draft = await call('draft.make', { key: 'k', faceId: face!.id, settings: DRAFT });
    expect(draft.measures.dataDistance).toBeGreaterThan(0);
    expect(eventsOf('draft').length).toBeGreaterThan(0);
    const params = { key: 'k', faceId: face!.id, settings: DRAFT, seeds: [1, 2] };
    const { drafts, invented } = await call('draft.vary', params);
    expect(drafts.map(({ seed }) => seed)).toEqual([1, 2]);
    expect(invented).toMatch(/^data:image\/png;base64,/);
  });

  it('restores a photo and tells of it', async () => {
    const { batchId, jobs } = await call('restore.enqueue', { photoIds: [photoId], settings: DRAFT });
    expect(jobs).toBe(1);
    await vi.waitFor(() => expect(eventsOf('batch')).toHaveLength(1), WAIT);
    expect(eventsOf('batch')).toEqual([{ kind: 'batch', batchId, done: 1, failed: 0, cancelled: 0 }]);
    expect(eventsOf('preview').length).toBeGreaterThan(0);
    const { versions, currentVersionId } = await call('photos.get', { id: photoId });
    expect(versions).toHaveLength(1);
    expect(currentVersionId).toBe(versions[0]?.id);
    const { path, contentType } = await application.pictureFile({
      kind: 'version',
      id: versions[0]!.id,
      size: 'small',
    });
    expect([existsSync(path), contentType]).toEqual([true, 'image/webp']);
    expect((await call('jobs.list', {})).jobs[0]).toMatchObject({ state: 'done', photoId });
    await call('jobs.clearFinished', {});
    expect((await call('jobs.list', {})).jobs).toEqual([]);
  });

  it('lists, checks, imports and removes packs', async () => {
    expect((await call('packs.list', {})).map(({ key, bundled }) => [key, bundled])).toEqual([
      [PACK_KEY, true],
    ]);
    expect(await call('packs.import', { path: TINY_PACK })).toEqual({ key: 'tiny-32' });
    expect(await call('packs.list', {})).toHaveLength(2);
    expect((await call('packs.card', { key: 'tiny-32' })).markdown).toContain('MIT');
    await call('settings.set', { packId: 'tiny-32' });
    await call('packs.remove', { key: 'tiny-32' });
    expect((await call('settings.get', {})).packId).toBe(PACK_KEY);
    await expect(call('packs.import', { path: join(root, 'couple.jpg') })).rejects.toMatchObject({
      code: 'pack/invalid',
    });
  });

  it('tells which provider runs, and why', async () => {
    const status = await call('engine.status', {});
    expect(status).toMatchObject({ running: true, provider: 'cpu' });
    expect(JSON.stringify(status)).not.toContain(root);
    expect(JSON.stringify(await call('packs.check', { key: PACK_KEY }))).not.toContain(root);
  });

  it('exports', async () => {
    const folder = join(root, `${name} export`);
    // A whole library may be chosen.
    const everything = Array.from({ length: 100_000 }, (_, index) => index + 1);
    expect(await call('export.originals', { photoIds: everything })).toBeGreaterThanOrEqual(0);
    const { written } = await call('export.run', {
      key: 'one',
      photoIds: [photoId],
      versionId: null,
      options: { folder },
    });
    expect(written).toHaveLength(1);
    expect((await readFile(written[0]!.path)).length).toBeGreaterThan(1000);
  });

  it('answers what is not there with its code', async () => {
    await expect(call('photos.get', { id: 999_999 })).rejects.toMatchObject({ code: 'library/not-found' });
    await expect(call('jobs.control', { ids: [99], action: 'cancel' })).rejects.toMatchObject({
      code: 'library/not-found',
    });
    await expect(call('packs.card', { key: '../family-256' })).rejects.toMatchObject({
      code: 'pack/not-found',
    });
    await expect(call('import.uploaded', { upload: 'a'.repeat(32) })).rejects.toMatchObject({
      code: 'input/not-found',
    });
    await expect(call('import.original', { id: 1, upload: 'a'.repeat(32) })).rejects.toMatchObject({
      code: 'input/not-found',
    });
  });

  it('sends only events of the contract', () => {
    expect(transport.events.length).toBeGreaterThan(5);
    for (const event of transport.events) apiEventSchema.parse(event);
  });

  it('answers every invalid payload with an envelope that names no place of this machine', async () => {
    const random = randomFrom(1);
    for (const method of Object.keys(API_CALLS) as ApiMethod[]) {
      for (let i = 0; i < 40; i++) {
        const params = wire(randomValue(random, 3));
        if (API_CALLS[method].params.safeParse(params).success) continue;
        const envelope = envelopeSchema.parse(await transport.ask(method, params));
        expect(envelope).toMatchObject({ ok: false, error: { code: 'api/invalid' } });
        expect(JSON.stringify(envelope)).not.toMatch(new RegExp(`${ROOT}|node_modules|at .*\\.ts:`));
        expect(JSON.stringify(envelope).length).toBeLessThan(1000);
      }
    }
    expect((await call('app.info', {})).photoCount).toBe(1);
  });

  it('survives valid shapes with values of nobody', async () => {
    const random = randomFrom(2);
    for (const [method, params] of almostRight(random)) {
      const envelope = envelopeSchema.parse(await transport.ask(method, params));
      if (!envelope.ok) expect(envelope.error.code).not.toBe('internal');
    }
    expect((await call('app.info', {})).photoCount).toBe(1);
  });
});

type Random = () => number;

function randomFrom(seed: number): Random {
  const values = createNoise(seed, 0).normal(200_000);
  let next = 0;
  return () => Math.abs(values[next++ % values.length]! * 1000) % 1;
}

function pick<T>(random: Random, values: readonly T[]): T {
  return values[Math.floor(random() * values.length)]!;
}

const STRINGS = [
  '',
  '..',
  '../../etc/passwd',
  '/etc/passwd',
  'C:\\Windows',
  '\0',
  '💥'.repeat(50),
  'x'.repeat(20_000),
];
const NUMBERS = [0, -1, 1, 0.5, 1e308, 2 ** 53, -(2 ** 31), NaN, Infinity];
const KEYS = [
  '__proto__',
  'constructor',
  'id',
  'ids',
  'query',
  'key',
  'path',
  'photoIds',
  'settings',
  'length',
];

/** Anything that JSON can carry, and a little that it cannot. */
function randomValue(random: Random, depth: number): unknown {
  const kind = Math.floor(random() * (depth > 0 ? 7 : 5));
  if (kind === 0) return null;
  if (kind === 1) return random() < 0.5;
  if (kind === 2) return pick(random, NUMBERS);
  if (kind <= 4) return pick(random, STRINGS);
  const length = Math.floor(random() * 4);
  if (kind === 5) return Array.from({ length }, () => randomValue(random, depth - 1));
  const object: Record<string, unknown> = {};
  for (let i = 0; i < length; i++)
    Object.defineProperty(object, pick(random, KEYS), {
      value: randomValue(random, depth - 1),
      enumerable: true,
      configurable: true,
    });
  return object;
}

/** As it arrives: both transports are JSON. */
function wire(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

/** Calls that pass the contract and mean nothing here. Those that would read this machine's disk are left out. */
function* almostRight(random: Random): Generator<[ApiMethod, unknown]> {
  for (let i = 0; i < 20; i++) {
    const id = pick(random, [900_000, 2 ** 31, Number.MAX_SAFE_INTEGER]);
    const text = pick(random, [
      '"',
      "'; DROP TABLE photos; --",
      '%_\\',
      'a* OR b',
      '(',
      '\0',
      '-',
      'NEAR(',
      '💥',
    ]);
    yield ['timeline.ids', { query: { text, personId: id } }];
    yield ['timeline.page', { query: { text }, month: '9999-99', offset: id, limit: 500 }];
    yield ['photos.rotate', { ids: [id], by: 90 }];
    yield ['photos.setCaption', { id, caption: text }];
    yield ['photos.setCurrentVersion', { id, versionId: id }];
    yield ['photos.bin', { ids: [id, id] }];
    yield ['photos.locate', { id, path: '/etc/passwd' }];
    yield ['versions.remove', { id }];
    yield ['faces.add', { photoId: id, box: { x: 2, y: 2, width: 2, height: 2 } }];
    yield ['faces.update', { id }];
    yield ['faces.name', { id, name: text }];
    yield ['people.rename', { id, name: text }];
    yield ['albums.create', { name: text, photoIds: [id] }];
    yield ['albums.addPhotos', { id, photoIds: [id] }];
    yield ['import.control', { id, action: 'cancel' }];
    yield ['folders.unwatch', { id }];
    yield ['restore.enqueue', { photoIds: [id], settings: { preset: text } }];
    yield ['draft.make', { key: text, faceId: id, settings: {} }];
    yield ['draft.cancel', { key: text }];
    yield ['jobs.move', { id, before: id }];
    yield ['packs.card', { key: text }];
    yield ['packs.remove', { key: '../../library.sqlite' }];
    yield ['packs.check', { key: text.repeat(1000) }];
  }
}
