import { mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { API_CALLS, type ApiMethod } from '../../contract/api.ts';
import { envelopeSchema } from '../../contract/errors.ts';
import type { Application } from '../../main/application.ts';
import { callOver, overIpc, overSocket, type Transport } from '../fixtures/api-transports.ts';
import { makeAppFolder, openTestApplication, removeFolder } from '../fixtures/open-test-application.ts';
import { Random } from '../fixtures/random.ts';

vi.mock('electron', () => import('../unit/main/electron/electron-stand-in.ts'));

const WAIT = { timeout: 60_000, interval: 50 };
const LEAK = /node_modules|at .*\.ts:|SQLITE|sqlite3/;

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

  async function ask(method: string, params: unknown) {
    const envelope = envelopeSchema.parse(await transport.ask(method, params));
    expect(JSON.stringify(envelope)).not.toMatch(LEAK);
    return envelope;
  }

  beforeAll(async () => {
    application = await openTestApplication(root, name);
    transport = await open(application);
    await callOver(transport, 'settings.set', { detectOnImport: false });
    await callOver(transport, 'import.start', { paths: [join(root, 'couple.jpg')], mode: 'copy' });
    await vi.waitFor(async () => {
      [photoId = 0] = await callOver(transport, 'timeline.ids', { query: {} });
      expect(photoId).toBeGreaterThan(0);
    }, WAIT);
  });
  afterAll(async () => {
    await transport.close();
    await application.close();
  });

  it('a thousand calls at once are all answered', async () => {
    const random = Random.of(1, name);
    const calls: (() => Promise<unknown>)[] = [
      () => ask('timeline.months', { query: {} }),
      () => ask('timeline.page', { query: { text: 'couple' }, month: null, offset: 0, limit: 500 }),
      () => ask('photos.get', { id: photoId }),
      () => ask('photos.get', { id: 1 + random.below(1e9) }),
      () => ask('photos.setCaption', { id: photoId, caption: `caption ${random.below(1000)}` }),
      () => ask('photos.rotate', { ids: [photoId], by: 90 }),
      () => ask('albums.create', { name: `album ${random.below(5)}`, photoIds: [photoId] }),
      () => ask('nonsense', {}),
    ];
    const answers = await Promise.all(Array.from({ length: 1000 }, () => random.pick(calls)()));
    expect(answers).toHaveLength(1000);
    for (const answer of answers as { ok: boolean; error?: { code: string } }[])
      if (!answer.ok) expect(answer.error?.code).not.toBe('internal');
    expect((await callOver(transport, 'app.info', {})).photoCount).toBe(1);
  });

  it.each([
    ['photos.setCaption', (text: string) => ({ id: photoId, caption: text })],
    ['faces.name', (text: string) => ({ id: 1, name: text })],
    ['albums.create', (text: string) => ({ name: text, photoIds: [] })],
    ['timeline.ids', (text: string) => ({ query: { text } })],
    ['draft.cancel', (text: string) => ({ key: text })],
    ['packs.card', (text: string) => ({ key: text })],
    ['settings.set', (text: string) => ({ preset: text })],
    ['settings.set', (text: string) => ({ packId: text })],
    ['import.start', (text: string) => ({ paths: [text], mode: 'copy' })],
    ['import.uploaded', (text: string) => ({ upload: text })],
    ['import.discard', (text: string) => ({ upload: text })],
    [`${'x'.repeat(60)}`, () => ({})],
  ])('%s with a text of a megabyte is refused in few words', async (method, params) => {
    for (const text of ['x'.repeat(1_000_000), '\u202e'.repeat(300_000), '\0'.repeat(100_000)]) {
      const envelope = await ask(method, params(text));
      expect(envelope.ok).toBe(false);
      expect(JSON.stringify(envelope).length).toBeLessThan(1000);
    }
  });

  it('lists of a size that nobody has are refused, and those that fit are answered', async () => {
    const many = Array.from({ length: 200_001 }, (_, i) => i + 1);
    expect(await ask('photos.bin', { ids: many })).toMatchObject({ error: { code: 'api/invalid' } });
    expect(await ask('albums.create', { name: 'a', photoIds: many })).toMatchObject({ ok: false });
    expect(await ask('photos.bin', { ids: many.slice(1000, 101_000) })).toMatchObject({
      error: { code: 'library/not-found' },
    });
    expect(await ask('import.start', { paths: Array(100_001).fill('/x'), mode: 'copy' })).toMatchObject({
      ok: false,
    });
  });

  it('what is nested deep, cyclic of name or a prototype changes nothing', async () => {
    const deep = JSON.parse('['.repeat(500) + ']'.repeat(500)) as unknown;
    const prototype = JSON.parse('{"__proto__":{"bin":true},"query":{"__proto__":{"bin":true}}}') as unknown;
    for (const method of Object.keys(API_CALLS))
      for (const params of [deep, prototype, { query: deep }, { ids: deep }])
        if (!API_CALLS[method as ApiMethod].params.safeParse(params).success)
          expect(await ask(method, params)).toMatchObject({ ok: false, error: { code: 'api/invalid' } });
    expect(({} as { bin?: boolean }).bin).toBeUndefined();
    for (const method of [
      '__proto__',
      'constructor',
      'toString',
      'hasOwnProperty',
      'photos.get\0',
      ' photos.get',
    ])
      expect(await ask(method, {})).toMatchObject({ ok: false, error: { code: 'api/invalid' } });
  });

  it.each([
    '../../etc/passwd',
    '/etc/passwd',
    '/proc/self/environ',
    '/dev/zero',
    '/proc/self/mem',
    '/dev/stdin',
    '\0',
    'nul',
    'file:///etc/passwd',
    'http://127.0.0.1/',
  ])('the path %j is imported by nobody', async (path) => {
    const envelope = await ask('import.start', { paths: [path], mode: 'in-place' });
    if (envelope.ok) {
      const { id } = envelope.value as { id: number };
      const report = await vi.waitFor(async () => {
        const found = (await callOver(transport, 'import.list', {})).find((one) => one.id === id);
        expect(found?.state).toBe('done');
        return found;
      }, WAIT);
      expect(report).toMatchObject({ imported: 0, failedCount: 1 });
      expect(JSON.stringify(report)).not.toContain('root:');
    }
    for (const [method, params] of [
      ['packs.import', { path }],
      ['photos.locate', { id: photoId, path }],
      ['folders.watch', { path, mode: 'copy' }],
      ['photos.findMissing', { key: 'k', folder: `${path}x` }],
    ] as const)
      expect(await ask(method, params)).toMatchObject({ ok: false });
  });

  it('links that lead around are followed once, and out of a folder only to pictures', async () => {
    const folder = join(root, `links of ${name}`);
    await mkdir(folder);
    await symlink(folder, join(folder, 'itself'));
    await symlink('/etc/passwd', join(folder, 'passwd.jpg'));
    await symlink(join(root, name), join(folder, 'library'));
    await symlink('/proc/self', join(folder, 'proc'));
    await symlink('/', join(folder, 'the whole disk'));
    await symlink(root, join(folder, 'above'));
    await writeFile(join(folder, 'letter.jpg'), 'Dear Anna');
    const { id } = await callOver(transport, 'import.start', { paths: [folder], mode: 'copy' });
    const report = await vi.waitFor(async () => {
      const found = (await callOver(transport, 'import.list', {})).find((one) => one.id === id);
      expect(found?.state).toBe('done');
      return found!;
    }, WAIT);
    expect(report.imported).toBe(0);
    expect(report.failed.map(({ name: file, code }) => [file, code])).toEqual(
      expect.arrayContaining([
        ['letter.jpg', 'input/not-an-image'],
        ['passwd.jpg', 'input/not-an-image'],
      ]),
    );
    await rm(folder, { recursive: true });
  });

  it('an export never leaves its folder, whatever a name and a pattern hold', async () => {
    const folder = join(root, `export of ${name}`);
    const patterns = [
      '../{name}',
      '../../../../tmp/{name}',
      '/etc/{name}',
      '{name}\0',
      '..',
      'CON',
      'a/b',
      '\u202e{name}',
      '{__proto__}',
      '{constructor}',
    ];
    for (const pattern of patterns) {
      const { written, failed } = await callOver(transport, 'export.run', {
        key: 'export',
        photoIds: [photoId],
        versionId: null,
        options: { folder, pattern, ifExists: 'rename' },
      });
      expect(failed).toEqual([]);
      for (const { path } of written) expect(path.startsWith(join(folder, '/'))).toBe(true);
    }
    const names = await readdir(folder);
    expect(names).toHaveLength(patterns.length);
    expect(names.join()).not.toMatch(/[\0\u202e/\\]/);
    for (const bad of ['relative', '../..', '', join(root, name), join(root, name, 'originals')])
      expect(
        await ask('export.run', {
          key: 'export',
          photoIds: [photoId],
          versionId: null,
          options: { folder: bad },
        }),
      ).toMatchObject({ ok: false });
  });
});
