import { beforeEach, describe, expect, test } from 'vitest';
import { LOCALES } from '../../../../contract/library.ts';
import { say, SENTENCES, type SentenceCode } from '../../../../contract/sentences.ts';
import { said } from '../../../../renderer/state/said.ts';
import { settings } from '../../../../renderer/state/settings.svelte.ts';
import { settingsWith } from '../settings-fixture.ts';

const speak = (language: (typeof LOCALES)[number]): void => settings.use(settingsWith({ language }));
beforeEach(() => speak('en'));

describe.each(LOCALES)('%s', (locale) => {
  test('says every sentence, with all of its parameters', () => {
    speak(locale);
    for (const code of Object.keys(SENTENCES) as SentenceCode[]) {
      const names = [...SENTENCES[code].matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
      const params = Object.fromEntries(names.map((name) => [name, `<${name}>`]));
      const { text, lang } = said((say as (code: string, params: unknown) => string)(code, params));
      expect(lang).toBe(locale);
      for (const name of names) expect(text, code).toContain(`<${name}>`);
      expect(text, code).not.toMatch(/[{}]|undefined/);
    }
  });
});

test('notes of jobs, reasons of the engine and errors of providers, one within the other', () => {
  speak('de');
  const failed = say('network_failed', { graph: 'denoiser.onnx', reason: 'out of memory' });
  expect(said(say('faces_failed', { count: 1, total: 1234, reason: failed })).text).toBe(
    'Fehlgeschlagene Gesichter: 1 von 1.234. denoiser.onnx ist fehlgeschlagen: out of memory',
  );
  const slower = say('provider_slower', {
    provider: 'webgpu',
    reason: say('provider_speed', { milliseconds: '41.5' }),
  });
  expect(said(slower).text).toBe('langsamer als webgpu, 41,5 ms je Aufruf');
  const missing = say('provider_unusable', { provider: 'cuda', reason: say('runtime_lacks') });
  expect(said(missing).text).toBe('cuda ist nicht nutzbar: in dieser Fassung nicht enthalten');
});

test('in Arabic a path keeps its own direction', () => {
  speak('ar');
  const { text } = said(say('missing', { path: '/home/anna/a.jpg' }));
  expect(text).toBe('لا وجود لـ \u2068/home/anna/a.jpg\u2069.');
});

test('what is no sentence stays as it was said, in English', () => {
  speak('es');
  expect(said('Something of an earlier Heirloom')).toEqual({
    text: 'Something of an earlier Heirloom',
    lang: 'en',
  });
});
