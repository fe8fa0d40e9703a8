import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { announceBatches } from '../../../../renderer/components/jobs/announce-batches.ts';
import { batchText } from '../../../../renderer/components/jobs/batch-text.ts';
import { m } from '../../../../renderer/paraglide/messages.js';
import { jobs } from '../../../../renderer/state/jobs.svelte.ts';
import { navigation } from '../../../../renderer/state/navigation.svelte.ts';
import { settings } from '../../../../renderer/state/settings.svelte.ts';
import { toasts } from '../../../../renderer/state/toasts.svelte.ts';
import { fakeApi } from '../fake-api.ts';
import { settingsWith } from '../settings-fixture.ts';
import { makeJob } from './make-job.ts';

vi.mock('../../../../renderer/api/api.ts', async () => ({
  api: (await import('../fake-api.ts')).fakeApi,
  bridge: undefined,
}));

const shown: { title: string; body: string | undefined; onclick: (() => void) | null }[] = [];
class FakeNotification {
  static permission: NotificationPermission = 'granted';
  readonly title: string;
  readonly body: string | undefined;
  onclick: (() => void) | null = null;
  constructor(title: string, options?: NotificationOptions) {
    this.title = title;
    this.body = options?.body;
    shown.push(this);
  }
}

const BATCH = { kind: 'batch' as const, batchId: 1, done: 9, failed: 1, cancelled: 2 };
let stop: () => void;

beforeEach(() => {
  settings.use(settingsWith({ language: 'en' }));
  shown.length = 0;
  toasts.list = [];
  FakeNotification.permission = 'granted';
  vi.stubGlobal('Notification', FakeNotification);
  stop = announceBatches();
});
afterEach(() => {
  stop();
  vi.unstubAllGlobals();
});

describe('batchText', () => {
  test('counts what was done, failed and cancelled, and their sum', () => {
    expect(batchText(BATCH)).toBe('9 photos restored, 1 failed, 2 cancelled - 12 photos in all');
    expect(batchText({ done: 1, failed: 0, cancelled: 0 })).toBe('1 photo restored');
    expect(batchText({ done: 0, failed: 3, cancelled: 0 })).toBe(
      '0 photos restored, 3 failed - 3 photos in all',
    );
  });

  test('speaks the plurals of Arabic', () => {
    settings.use(settingsWith({ language: 'ar' }));
    expect(batchText({ done: 2, failed: 0, cancelled: 0 })).toBe('رُمّمت صورتان');
    expect(batchText({ done: 3, failed: 0, cancelled: 0 })).toContain('صور');
  });
});

describe('announceBatches', () => {
  test('a notification of the system where it is allowed; a press leads to the queue', () => {
    fakeApi.send(BATCH);
    expect(shown).toMatchObject([{ title: 'Restoring is finished', body: batchText(BATCH) }]);
    expect(toasts.list).toEqual([]);
    shown[0]?.onclick?.();
    expect(navigation.view).toEqual({ name: 'queue' });
  });

  test.each([
    ['not allowed', 'denied' as const, true],
    ['switched off', 'granted' as const, false],
  ])('a toast where notifications are %s', (_, permission, notifications) => {
    FakeNotification.permission = permission;
    settings.use(settingsWith({ language: 'en', notifications }));
    fakeApi.send(BATCH);
    expect(shown).toEqual([]);
    expect(toasts.list).toMatchObject([{ kind: 'error', detail: batchText(BATCH) }]);
  });

  test('a batch that was cancelled is no success, and the queue needs no way to itself', () => {
    settings.use(settingsWith({ language: 'en', notifications: false }));
    navigation.replace({ name: 'library' });
    fakeApi.send({ ...BATCH, done: 0, failed: 0 });
    navigation.replace({ name: 'queue' });
    fakeApi.send(BATCH);
    expect(toasts.list).toMatchObject([
      { kind: 'info', action: { label: m.jobs_batch_show() } },
      { kind: 'error' },
    ]);
    expect(toasts.list[1]?.action).toBeUndefined();
  });

  test('a toast where the browser has no notifications, or refuses to build one', () => {
    vi.stubGlobal('Notification', undefined);
    delete (window as { Notification?: unknown }).Notification;
    fakeApi.send({ ...BATCH, failed: 0, cancelled: 0 });
    expect(toasts.list).toMatchObject([{ kind: 'success', detail: '9 photos restored' }]);
    const refusing = Object.assign(
      function () {
        throw new TypeError('Illegal constructor');
      },
      { permission: 'granted' },
    );
    vi.stubGlobal('Notification', refusing);
    fakeApi.send(BATCH);
    expect(toasts.list).toHaveLength(2);
  });

  test('of one photo that is on the screen nothing needs to be said, of its failure it does', () => {
    settings.use(settingsWith({ language: 'en', notifications: false }));
    jobs.jobs = [makeJob(3, { batchId: 1, photoId: 7, state: 'done' })];
    navigation.replace({ name: 'photo', id: 7 });
    const one = { ...BATCH, done: 1, failed: 0, cancelled: 0 };
    fakeApi.send(one);
    expect(toasts.list).toEqual([]);
    fakeApi.send({ ...one, done: 0, failed: 1 });
    navigation.replace({ name: 'photo', id: 8 });
    fakeApi.send(one);
    expect(toasts.list.map(({ kind }) => kind)).toEqual(['error', 'success']);
    jobs.jobs = [];
  });

  test('stopped, it says nothing', () => {
    stop();
    fakeApi.send(BATCH);
    expect([shown, toasts.list]).toEqual([[], []]);
  });
});
