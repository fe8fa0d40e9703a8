import { expect, test, vi } from 'vitest';
import type { ApiEvent } from '../../../../contract/api.ts';
import type { HeirloomBridge } from '../../../../contract/bridge.ts';
import { bridgeTransport } from '../../../../renderer/api/bridge-transport.ts';
import { ApiClient } from '../../../../renderer/api/client.ts';

const listeners = new Set<(event: ApiEvent) => void>();
const call = vi.fn<HeirloomBridge['call']>();
const bridge: HeirloomBridge = {
  platform: 'linux',
  call,
  onEvent(listener) {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  pathForFile: () => '',
  pickFiles: () => Promise.resolve([]),
  pickFolder: () => Promise.resolve(null),
};
const client = new ApiClient(bridgeTransport(bridge));

test('calls go over the bridge, and errors are thrown', async () => {
  call.mockResolvedValueOnce({ ok: true, value: [] });
  expect(await client.call('people.list', {})).toEqual([]);
  expect(call).toHaveBeenCalledWith('people.list', {});
  call.mockResolvedValueOnce({ ok: false, error: { code: 'library/locked', message: 'In use' } });
  await expect(client.call('people.list', {})).rejects.toMatchObject({ code: 'library/locked' });
});

test('what is sent can be cloned, also where it holds proxies', async () => {
  call.mockImplementationOnce((_, params) => {
    structuredClone(params);
    return Promise.resolve({ ok: true, value: null });
  });
  const ids = new Proxy([3, 4], {});
  expect(() => structuredClone(ids)).toThrow();
  await client.call('photos.bin', { ids });
  expect(call).toHaveBeenLastCalledWith('photos.bin', { ids: [3, 4] });
});

test('events come over the bridge, until it is stopped', () => {
  const heard = vi.fn();
  const stop = client.on('albums', heard);
  for (const listener of listeners) listener({ kind: 'albums' });
  stop();
  expect(heard).toHaveBeenCalledOnce();
  expect(listeners.size).toBe(0);
});

test('the window is connected as long as it is there', () => {
  const heard = vi.fn();
  client.onConnection(heard);
  expect(heard.mock.calls).toEqual([[true]]);
});
