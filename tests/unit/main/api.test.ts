import { describe, expect, it } from 'vitest';
import { API_CALLS, type ApiHandlers } from '../../../contract/api.ts';
import { envelopeSchema, HeirloomError } from '../../../contract/errors.ts';
import { createApi } from '../../../main/api.ts';

const unforeseen: unknown[] = [];

/** An API whose every handler does the same. */
function apiThat(handle: (params: unknown) => unknown) {
  const handlers = Object.fromEntries(Object.keys(API_CALLS).map((method) => [method, handle]));
  return createApi(handlers as ApiHandlers, (error) => unforeseen.push(error));
}

describe('createApi', () => {
  it('answers with the value, and hands the handler validated parameters with their defaults', async () => {
    const call = apiThat((params) => params);
    expect(await call('timeline.ids', { query: {} })).toEqual({ ok: true, value: { query: { bin: false } } });
  });

  it.each([
    ['photos.get', { id: 'x' }, 'id'],
    ['photos.get', { id: 1, more: 2 }, 'params'],
    ['photos.get', null, 'params'],
    ['restore.enqueue', { photoIds: [1, 0], settings: {} }, 'photoIds.1'],
    ['restore.enqueue', { photoIds: [1], settings: { grain: 1.05 } }, 'settings.grain'],
    ['restore.enqueue', { photoIds: [1], settings: { crispness: -0.05 } }, 'settings.crispness'],
    ['draft.make', { key: 'k', faceId: 1, settings: { grain: '1' } }, 'settings.grain'],
    ['timeline.page', { query: { text: 'x'.repeat(501) }, month: null, offset: 0, limit: 1 }, 'query.text'],
  ])('refuses %s of %j with the path of the field', async (method, params, path) => {
    const envelope = await apiThat(() => null)(method, params);
    expect(envelope).toMatchObject({ ok: false, error: { code: 'api/invalid', details: { path } } });
    expect(envelope.ok || envelope.error.message).toContain(`${method}: ${path}: `);
  });

  it.each([
    'photos.steal',
    '__proto__',
    'constructor',
    'toString',
    '',
    7,
    null,
    undefined,
    {},
    'x'.repeat(1e6),
  ])('refuses the method %s', async (method) => {
    const envelope = envelopeSchema.parse(await apiThat(() => null)(method, {}));
    expect(envelope).toMatchObject({ ok: false, error: { code: 'api/invalid' } });
    expect(JSON.stringify(envelope).length).toBeLessThan(600);
  });

  it('passes on the code and the message of an error, without what a dying process wrote', async () => {
    const error = new HeirloomError('engine/died', 'out of memory', { exitCode: 7, stderr: '/home/anna' });
    const envelope = await apiThat(() => Promise.reject(error))('people.list', {});
    expect(envelope).toEqual({
      ok: false,
      error: { code: 'engine/died', message: 'out of memory', details: { exitCode: 7 } },
    });
  });

  it('answers what nobody foresaw as internal, without stack and folders, and reports it', async () => {
    const call = apiThat(() => {
      throw new Error("ENOENT: no such file, open '/home/anna/secret/x.db'");
    });
    expect(await call('people.list', {})).toEqual({
      ok: false,
      error: { code: 'internal', message: "ENOENT: no such file, open 'x.db'" },
    });
    expect(unforeseen.at(-1)).toBeInstanceOf(Error);
  });
});
