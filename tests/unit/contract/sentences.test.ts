import { describe, expect, it } from 'vitest';
import { readSentence, say, SENTENCES, type SentenceCode } from '../../../contract/sentences.ts';

const CODES = Object.keys(SENTENCES) as SentenceCode[];
const namesOf = (code: SentenceCode) => [...SENTENCES[code].matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);

describe('sentences', () => {
  it.each(CODES)('%s is read back with its parameters', (code) => {
    const params = Object.fromEntries(namesOf(code).map((name, i) => [name, `/x (${name}) [${i}].jpg`]));
    const text = (say as (code: string, params: unknown) => string)(code, params);
    expect(text).not.toContain('{');
    expect(readSentence(text)).toEqual({ code, params });
  });

  it('says them in plain English', () => {
    expect(say('first_frame', { pages: 12 })).toBe('first frame of 12 used');
    expect(say('no_face_found')).toBe('No face was found, so nothing was restored.');
  });

  it('keeps a sentence within a sentence', () => {
    const inner = say('unwritable', { path: '/a: b/c.jpg', reason: say('disk_full') });
    const read = readSentence(say('faces_failed', { count: 1, total: 3, reason: inner }));
    expect(read).toEqual({ code: 'faces_failed', params: { count: '1', total: '3', reason: inner } });
    expect(readSentence(inner)).toEqual({
      code: 'unwritable',
      params: { path: '/a: b/c.jpg', reason: 'the disk is full' },
    });
  });

  it('reads more than a line, and nothing into what it does not know', () => {
    const text = say('probe_ended_saying', { how: 'SIGSEGV', reason: 'one\ntwo' });
    expect(readSentence(text)).toEqual({
      code: 'probe_ended_saying',
      params: { how: 'SIGSEGV', reason: 'one\ntwo' },
    });
    expect(readSentence('Something else happened')).toBeNull();
    expect(readSentence('')).toBeNull();
    expect(readSentence(' does not exist')).toBeNull();
  });
});
