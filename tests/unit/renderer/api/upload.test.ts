import { afterEach, expect, test, vi } from 'vitest';
import { newUpload, uploadFile } from '../../../../renderer/api/upload.ts';

const fetched = vi.fn<typeof fetch>();
vi.stubGlobal('fetch', fetched);
afterEach(() => fetched.mockReset());
const file = new File(['abc'], 'Größe & 100%.jpg');

test('each upload has 32 hex digits of its own', () => {
  expect(newUpload()).toMatch(/^[0-9a-f]{32}$/);
  expect(newUpload()).not.toBe(newUpload());
});

test('a file is posted under its upload and its name', async () => {
  fetched.mockResolvedValue(new Response(null, { status: 204 }));
  await uploadFile('ab'.repeat(16), file);
  expect(fetched).toHaveBeenCalledWith(`/upload/${'ab'.repeat(16)}/Gr%C3%B6%C3%9Fe%20%26%20100%25.jpg`, {
    method: 'POST',
    body: file,
  });
});

test('a refusal is thrown with its code', async () => {
  const body = { ok: false, error: { code: 'input/too-large', message: 'has more than 2 bytes' } };
  fetched.mockResolvedValue(Response.json(body, { status: 413 }));
  await expect(uploadFile('a', file)).rejects.toMatchObject({ code: 'input/too-large' });
});

test('a refusal without a reason is an unexpected error', async () => {
  fetched.mockResolvedValue(new Response('gateway', { status: 502 }));
  await expect(uploadFile('a', file)).rejects.toMatchObject({ code: 'internal', message: /502/ });
});

test('a lost connection is told with the file', async () => {
  fetched.mockRejectedValue(new TypeError('Failed to fetch'));
  await expect(uploadFile('a', file)).rejects.toMatchObject({ code: 'connection/lost', message: /Größe/ });
});

test('a cancelled upload throws what cancelled it', async () => {
  const cancel = new AbortController();
  fetched.mockImplementation(() => Promise.reject(cancel.signal.reason as Error));
  cancel.abort();
  await expect(uploadFile('a', file, cancel.signal)).rejects.toMatchObject({ name: 'AbortError' });
});
