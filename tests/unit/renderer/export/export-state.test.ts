import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { ExportedVersion } from '../../../../contract/api.ts';
import type { ExportReport } from '../../../../contract/library.ts';
import { app } from '../../../../renderer/state/app.svelte.ts';
import { ExportState, hasQuality } from '../../../../renderer/state/export.svelte.ts';
import { settings } from '../../../../renderer/state/settings.svelte.ts';
import { fakeApi } from '../fake-api.ts';
import { settingsWith } from '../settings-fixture.ts';

vi.mock('../../../../renderer/api/api.ts', async () => ({
  api: (await import('../fake-api.ts')).fakeApi,
  bridge: undefined,
}));

const NOTHING: ExportReport = { written: [], skipped: [], taken: [], failed: [], cancelled: 0 };
const version = { id: 20, number: 3, recipe: { settings: { preset: 'faithful' } } };
const photo = { id: 1, name: 'Oma.JPEG', takenAt: '1953-06-02', currentVersionId: null, versions: [version] };

let exporting: ExportState;
let answer: Partial<ExportReport>;

beforeEach(() => {
  vi.spyOn(app, 'info', 'get').mockReturnValue({ exportFolder: '/home/anna/Exports' } as typeof app.info);
  settings.use(settingsWith({ language: 'en' }));
  answer = {};
  fakeApi.reset({
    'export.run': () => ({ ...NOTHING, ...answer }),
    'settings.set': (patch: object) => settingsWith(patch),
    'photos.get': () => photo,
    'export.originals': () => 1,
  });
  exporting = new ExportState();
  exporting.begin([1, 2]);
});

const sent = (): unknown[] =>
  fakeApi
    .called('export.run')
    .map((params) => (params as { options: { ifExists: string } }).options.ifExists);

describe('begin', () => {
  test('starts with what the contract defaults to, in the application’s folder', () => {
    expect(exporting).toMatchObject({ open: true, ready: true, stage: 'options' });
    expect(exporting.choices).toEqual({
      folder: '/home/anna/Exports',
      format: 'same',
      quality: 92,
      maxSide: null,
      pattern: '{name}-restored',
      keepMetadata: true,
      xmpNote: true,
      sideBySide: false,
    });
  });

  test('remembers the last export', () => {
    settings.use(settingsWith({ exportOptions: { folder: '/mnt/usb', format: 'png' } }));
    exporting.begin([1, 2]);
    expect(exporting.choices).toMatchObject({ folder: '/mnt/usb', format: 'png', quality: 92 });
  });
});

describe('ready', () => {
  test.each([
    ['no folder', { folder: '  ' }],
    ['no name', { pattern: ' ' }],
    ['a side of nothing', { maxSide: Number.NaN }],
    ['a side too small', { maxSide: 15 }],
    ['a side too large', { maxSide: 65_501 }],
    ['half a pixel', { maxSide: 99.5 }],
  ])('not with %s', (_, changed) => {
    Object.assign(exporting.choices, changed);
    expect(exporting.ready).toBe(false);
  });
});

describe('example', () => {
  const example = async (changed: object, versionId?: ExportedVersion): Promise<string | null> => {
    exporting.begin(versionId === undefined ? [1, 2] : [1], versionId);
    Object.assign(exporting.choices, changed);
    await vi.waitFor(() => expect(exporting.sample).not.toBeNull());
    return exporting.example;
  };

  test('names the first photo as the application will', async () => {
    expect(await example({})).toBe('Oma.JPEG');
    expect(await example({}, 20)).toBe('Oma-restored.JPEG');
    expect(await example({ format: 'jpeg' })).toBe('Oma.JPEG');
    expect(await example({ format: 'tiff', pattern: '{date}/{number}' })).toBe('1953-06-02_1.tif');
    expect(await example({ pattern: '{preset} {version}' })).toBe('original original.JPEG');
    expect(await example({ pattern: '{preset} {version}' }, 20)).toBe('faithful 3.JPEG');
  });

  test('a format that is not written becomes PNG', async () => {
    fakeApi.answers['photos.get'] = () => ({ ...photo, name: 'scan.heic' });
    expect(await example({})).toBe('scan.png');
  });

  test('none where the photo cannot be read; the export still works', async () => {
    fakeApi.answers['photos.get'] = () => Promise.reject(new Error('gone'));
    exporting.begin([1, 2]);
    await exporting.run();
    expect(exporting.example).toBeNull();
    expect(exporting.stage).toBe('report');
  });
});

describe('what goes out', () => {
  const current = { ...photo, currentVersionId: 20 };
  const sent = async (): Promise<unknown> => {
    await exporting.run();
    return fakeApi.called('export.run').at(-1);
  };

  test('of one photo: the version that stands for it, another, or the original', async () => {
    fakeApi.answers['photos.get'] = () => current;
    exporting.begin([1]);
    expect(exporting.versions).toBeUndefined();
    await vi.waitFor(() => expect(exporting.versions).toEqual([version]));
    expect([exporting.picture, exporting.example]).toEqual([20, 'Oma-restored.JPEG']);
    exporting.versionId = 'original';
    expect([exporting.picture, exporting.example]).toEqual(['original', 'Oma.JPEG']);
    expect(await sent()).toMatchObject({ photoIds: [1], versionId: 'original' });
    exporting.begin([1], 20);
    expect(await sent()).toMatchObject({ photoIds: [1], versionId: 20 });
  });

  test('of several: how many have no version, and the originals of all', async () => {
    await vi.waitFor(() => expect(exporting.originals).toBe(1));
    expect(exporting.versions).toBeUndefined();
    expect(fakeApi.called('export.originals')).toEqual([{ photoIds: [1, 2] }]);
    exporting.versionId = 'original';
    expect(await sent()).toMatchObject({ photoIds: [1, 2], versionId: 'original' });
  });
});

describe('run', () => {
  test('asks before anything is written over, and keeps the choices for the next time', async () => {
    exporting.choices.folder = ' /tmp/out ';
    answer = { written: [{ photoId: 1, path: '/tmp/out/a.jpg' }] };
    await exporting.run();
    expect(fakeApi.called('export.run')).toMatchObject([
      { photoIds: [1, 2], options: { folder: '/tmp/out', ifExists: 'ask' } },
    ]);
    expect(exporting).toMatchObject({ stage: 'report', report: answer });
    expect(fakeApi.called('settings.set')).toMatchObject([{ exportOptions: { folder: '/tmp/out' } }]);
  });

  test.each(['rename', 'overwrite', 'skip'] as const)(
    'taken names are a question; %s repeats all',
    async (to) => {
      answer = { taken: [{ photoId: 2, path: '/tmp/b.jpg' }] };
      await exporting.run();
      expect(exporting.stage).toBe('taken');
      answer = { written: [{ photoId: 1, path: '/tmp/a.jpg' }] };
      await exporting.resolve(to);
      expect(exporting).toMatchObject({ stage: 'report', report: answer });
      expect(fakeApi.called('export.run')).toMatchObject([{ photoIds: [1, 2] }, { photoIds: [1, 2] }]);
      expect(sent()).toEqual(['ask', to]);
    },
  );

  test('closed at the question, nothing more is written', async () => {
    answer = { taken: [{ photoId: 2, path: '/tmp/b.jpg' }] };
    await exporting.run();
    exporting.close();
    expect(exporting.open).toBe(false);
    expect(sent()).toEqual(['ask']);
  });

  test('follows its own progress, and closing cancels: the report says what was written', async () => {
    const { promise, resolve } = Promise.withResolvers<ExportReport>();
    fakeApi.answers['export.run'] = () => promise;
    fakeApi.answers['export.cancel'] = () => null;
    const running = exporting.run();
    const [{ key }] = fakeApi.called('export.run') as [{ key: string }];
    fakeApi.send({ kind: 'export', key: 'of another window', done: 2, total: 9 });
    expect(exporting.done).toBe(0);
    fakeApi.send({ kind: 'export', key, done: 1, total: 2 });
    expect(exporting.done).toBe(1);
    exporting.close();
    expect(exporting).toMatchObject({ open: true, stopping: true, stage: 'writing' });
    expect(fakeApi.called('export.cancel')).toEqual([{ key }]);
    resolve({ ...NOTHING, written: [{ photoId: 1, path: '/tmp/a.jpg' }], cancelled: 1 });
    await running;
    expect(exporting.stage).toBe('report');
    exporting.close();
    expect(exporting.open).toBe(false);
  });

  test('a folder that cannot be written leads back to the choices, with the reason', async () => {
    fakeApi.answers['export.run'] = () => Promise.reject(new Error('read-only'));
    await exporting.run();
    expect(exporting).toMatchObject({ stage: 'options', error: new Error('read-only') });
    expect(fakeApi.called('settings.set')).toEqual([]);
  });
});

test('quality belongs to JPEG and WebP, and to what may be one of them', () => {
  expect((['same', 'jpeg', 'webp', 'png', 'tiff'] as const).map(hasQuality)).toEqual([
    true,
    true,
    true,
    false,
    false,
  ]);
});
