import { beforeEach, describe, expect, test, vi } from 'vitest';
import { m } from '../../../../renderer/paraglide/messages.js';
import { settings, systemLocale } from '../../../../renderer/state/settings.svelte.ts';
import { fakeApi } from '../fake-api.ts';
import { settingsWith } from '../settings-fixture.ts';

vi.mock('../../../../renderer/api/api.ts', async () => ({
  api: (await import('../fake-api.ts')).fakeApi,
  bridge: undefined,
}));

beforeEach(() => {
  settings.use(settingsWith({ language: 'en' }));
  fakeApi.reset({
    'settings.get': () => settingsWith({ theme: 'dark' }),
    'settings.set': (patch: object) => settingsWith({ language: 'en', ...patch }),
  });
});

test('the machine’s first language that Heirloom speaks, else English', () => {
  expect(systemLocale(['fr-FR', 'de-AT', 'en'])).toBe('de');
  expect(systemLocale(['ar'])).toBe('ar');
  expect(systemLocale(['fr', 'it'])).toBe('en');
  expect(systemLocale([])).toBe('en');
});

describe('language', () => {
  test('changes every message at once, and the direction of text', () => {
    expect([m.common_library(), settings.direction]).toEqual(['Library', 'ltr']);
    settings.use(settingsWith({ language: 'de' }));
    expect(m.common_library()).toBe('Bibliothek');
    settings.use(settingsWith({ language: 'ar' }));
    expect(settings.direction).toBe('rtl');
  });

  test('of a number decides its digits and its plural', () => {
    expect([m.common_photos({ count: 1 }), m.common_photos({ count: 1234 })]).toEqual([
      '1 photo',
      '1,234 photos',
    ]);
    settings.use(settingsWith({ language: 'de' }));
    expect(m.common_photos({ count: 1234 })).toBe('1.234 Fotos');
    settings.use(settingsWith({ language: 'ar' }));
    const forms = [0, 1, 2, 3, 11, 100].map((count) => m.common_photos({ count }));
    expect(new Set(forms).size).toBe(6);
  });
});

describe('a change', () => {
  test('is seen at once and saved', async () => {
    const saved = settings.set({ theme: 'dark' });
    expect(settings.value.theme).toBe('dark');
    await saved;
    expect(fakeApi.called('settings.set')).toEqual([{ theme: 'dark' }]);
  });

  test('that cannot be saved is taken back', async () => {
    fakeApi.answers['settings.set'] = () => Promise.reject(new Error('disk full'));
    await expect(settings.set({ theme: 'dark' })).rejects.toThrow('disk full');
    expect(settings.value.theme).toBe('system');
  });

  test('made elsewhere arrives', async () => {
    const stop = await settings.load();
    expect(settings.value.theme).toBe('dark');
    fakeApi.send({ kind: 'settings', settings: settingsWith({ theme: 'light' }) });
    expect(settings.value.theme).toBe('light');
    stop();
    fakeApi.send({ kind: 'settings', settings: settingsWith() });
    expect(settings.value.theme).toBe('light');
  });
});
