import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { ImportReport } from '../../../../contract/library.ts';
import { ApiError } from '../../../../renderer/api/api-error.ts';
import { uploadFile } from '../../../../renderer/api/upload.ts';
import { Imports } from '../../../../renderer/state/library-imports.svelte.ts';
import { settings } from '../../../../renderer/state/settings.svelte.ts';
import { toasts } from '../../../../renderer/state/toasts.svelte.ts';
import { fakeApi } from '../fake-api.ts';
import { settingsWith } from '../settings-fixture.ts';

vi.mock('../../../../renderer/api/api.ts', async () => ({
  api: (await import('../fake-api.ts')).fakeApi,
  bridge: undefined,
}));
vi.mock('../../../../renderer/api/upload.ts', () => ({
  newUpload: () => 'a'.repeat(32),
  uploadFile: vi.fn(() => Promise.resolve()),
}));
const sent = vi.mocked(uploadFile);

const report = (id: number, changed: Partial<ImportReport> = {}): ImportReport => ({
  id,
  state: 'running',
  done: 0,
  total: 0,
  counted: false,
  imported: 0,
  alreadyThere: 0,
  duplicates: [],
  ownExports: 0,
  exports: [],
  found: 0,
  failed: [],
  failedCount: 0,
  photoIds: [],
  ...changed,
});
const files = (...names: string[]): File[] => names.map((name) => new File(['x'], name));

let imports: Imports;
beforeEach(() => {
  settings.use(settingsWith({ importMode: 'in-place' }));
  sent.mockReset().mockResolvedValue();
  fakeApi.reset({
    'import.start': () => report(1),
    'import.uploaded': () => report(2),
    'import.discard': () => null,
    'import.list': () => [],
    'import.control': () => null,
  });
  imports = new Imports();
});

test('paths are imported as the settings say', async () => {
  await imports.fromPaths(['/photos']);
  expect(fakeApi.called('import.start')).toEqual([{ paths: ['/photos'], mode: 'in-place' }]);
  expect(imports.reports.map(({ id }) => id)).toEqual([1]);
});

test('looking for faces is known while it lasts, and forgotten without a connection', () => {
  const stop = imports.start();
  fakeApi.send({ kind: 'detection', done: 12, total: 40 });
  expect(imports.detection).toEqual({ done: 12, total: 40 });
  fakeApi.send({ kind: 'detection', done: 0, total: 0 });
  expect(imports.detection).toBeNull();
  fakeApi.send({ kind: 'detection', done: 0, total: 1 });
  fakeApi.connect(false);
  expect(imports.detection).toBeNull();
  stop();
});

test('nothing is no import', async () => {
  await imports.fromPaths([]);
  await imports.fromFiles([]);
  expect(fakeApi.calls).toEqual([]);
  expect(toasts.list.at(-1)?.text).toBe('There are no pictures in it.');
});

describe('files of a browser', () => {
  test('are sent one by one, then taken in together', async () => {
    await imports.fromFiles(files('a.jpg', 'b.jpg', 'c.jpg', 'd.jpg'));
    expect(sent.mock.calls.map(([, { name }]) => name)).toEqual(['a.jpg', 'b.jpg', 'c.jpg', 'd.jpg']);
    expect(fakeApi.called('import.uploaded')).toEqual([{ upload: 'a'.repeat(32), ofFolder: false }]);
    expect(imports.sending).toEqual([]);
    await imports.fromFiles(files('e.jpg'), { ofFolder: true });
    expect(fakeApi.called('import.uploaded').at(-1)).toMatchObject({ ofFolder: true });
  });

  test('one that cannot be sent stops no other, and is told with the report', async () => {
    sent.mockImplementation((_, { name }) =>
      name === 'b.jpg'
        ? Promise.reject(new ApiError('input/too-large', 'b.jpg has 9 bytes'))
        : Promise.resolve(),
    );
    await imports.fromFiles(files('a.jpg', 'b.jpg', 'c.jpg'));
    expect(fakeApi.called('import.uploaded')).toHaveLength(1);
    expect(imports.unsent.get(2)).toEqual([
      { name: 'b.jpg', code: 'input/too-large', message: 'b.jpg has 9 bytes' },
    ]);
  });

  test('what could not be read is told with the report of the rest, or by itself', async () => {
    const unread = [{ name: 'locked', code: 'input/unreadable', message: 'locked cannot be read (no)' }];
    await imports.fromFiles(files('a.jpg'), { unread });
    expect(imports.unsent.get(2)).toEqual(unread);
    await expect(imports.fromFiles([], { unread })).rejects.toMatchObject({ code: 'input/unreadable' });
  });

  test('none of which can be sent are an error', async () => {
    sent.mockRejectedValue(new ApiError('connection/lost', 'gone'));
    await expect(imports.fromFiles(files('a.jpg'))).rejects.toMatchObject({ code: 'connection/lost' });
    expect(fakeApi.called('import.uploaded')).toEqual([]);
    expect(imports.sending).toEqual([]);
  });

  test('that were sent are not kept when it is cancelled', async () => {
    sent.mockImplementation(() => {
      imports.cancelSending('a'.repeat(32));
      return Promise.resolve();
    });
    await imports.fromFiles(files('a.jpg', 'b.jpg'));
    expect(fakeApi.called('import.uploaded')).toEqual([]);
    expect(fakeApi.called('import.discard')).toEqual([{ upload: 'a'.repeat(32) }]);
    expect(imports.sending).toEqual([]);
  });

  test('are no longer sent when it is cancelled', async () => {
    let release: () => void = () => {};
    sent.mockImplementation(() => new Promise((resolve) => (release = resolve)));
    const sending = imports.fromFiles(files('a.jpg', 'b.jpg', 'c.jpg', 'd.jpg', 'e.jpg'));
    expect(imports.sending).toMatchObject([{ done: 0, total: 5 }]);
    imports.cancelSending('a'.repeat(32));
    sent.mockResolvedValue();
    release();
    const lost = sent.mock.calls.length;
    release();
    await Promise.race([sending, new Promise((resolve) => setTimeout(resolve, 10))]);
    expect(sent.mock.calls.length).toBe(lost);
    expect(fakeApi.called('import.uploaded')).toEqual([]);
  });
});

describe('reports', () => {
  test('follow the events, each in its place', () => {
    const stop = imports.start();
    fakeApi.send({ kind: 'import', report: report(1, { done: 1 }) });
    fakeApi.send({ kind: 'import', report: report(2) });
    fakeApi.send({ kind: 'import', report: report(1, { done: 5, state: 'done' }) });
    expect(imports.reports.map(({ id, done }) => [id, done])).toEqual([
      [1, 5],
      [2, 0],
    ]);
    stop();
    fakeApi.send({ kind: 'import', report: report(3) });
    expect(imports.reports).toHaveLength(2);
  });

  test('are dismissed', async () => {
    await imports.fromPaths(['/photos']);
    await imports.control(1, 'dismiss');
    expect(fakeApi.called('import.control')).toEqual([{ id: 1, action: 'dismiss' }]);
    expect(imports.reports).toEqual([]);
  });
});
