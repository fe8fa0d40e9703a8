import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ApiClient } from '../../../../renderer/api/client.ts';
import { SocketTransport } from '../../../../renderer/api/socket-transport.ts';

/** A socket whose other end is the test. */
class FakeSocket extends EventTarget {
  readonly sent: { id: number; method: string; params: unknown }[] = [];
  send(text: string): void {
    this.sent.push(JSON.parse(text) as FakeSocket['sent'][number]);
  }
  open(): void {
    this.dispatchEvent(new Event('open'));
  }
  close(): void {
    this.dispatchEvent(new Event('close'));
  }
  receive(message: unknown): void {
    this.dispatchEvent(new MessageEvent('message', { data: JSON.stringify(message) }));
  }
  answer(value: unknown, id = this.sent.at(-1)?.id): void {
    this.receive({ type: 'response', id, envelope: { ok: true, value } });
  }
}

let sockets: FakeSocket[];
/** What the server says to a page; undefined while it is down. */
let status: number | undefined;
let client: ApiClient;
const last = (): FakeSocket => {
  const socket = sockets.at(-1);
  if (!socket) throw new Error('Expected a socket');
  return socket;
};

beforeEach(() => {
  vi.useFakeTimers();
  sockets = [];
  status = undefined;
  const open = (): WebSocket => {
    const socket = new FakeSocket();
    sockets.push(socket);
    return socket as unknown as WebSocket;
  };
  const ask = (): Promise<number> =>
    status === undefined ? Promise.reject(new Error('down')) : Promise.resolve(status);
  client = new ApiClient(new SocketTransport('ws://x/socket', open, ask));
});
afterEach(() => vi.useRealTimers());

describe('calls', () => {
  test('wait for the connection, and find their answers in any order', async () => {
    const first = client.call('people.list', {});
    const second = client.call('albums.list', {});
    expect(last().sent).toEqual([]);
    last().open();
    expect(last().sent).toEqual([
      { id: 1, method: 'people.list', params: {} },
      { id: 2, method: 'albums.list', params: {} },
    ]);
    last().answer(['b'], 2);
    last().answer(['a'], 1);
    expect(await first).toEqual(['a']);
    expect(await second).toEqual(['b']);
  });

  test('throw what the application answers', async () => {
    last().open();
    const call = client.call('photos.get', { id: 7 });
    last().receive({
      type: 'response',
      id: 1,
      envelope: {
        ok: false,
        error: { code: 'library/not-found', message: 'No photo 7', details: { id: 7 } },
      },
    });
    await expect(call).rejects.toMatchObject({
      name: 'ApiError',
      code: 'library/not-found',
      message: 'No photo 7',
      details: { id: 7 },
    });
  });

  test('whose answer can no longer come are told so', async () => {
    last().open();
    const call = client.call('people.list', {});
    last().close();
    await expect(call).rejects.toMatchObject({ code: 'connection/lost' });
  });

  test('an answer to nobody is left alone', () => {
    last().open();
    expect(() => last().answer(1, 99)).not.toThrow();
  });
});

describe('the connection', () => {
  test('is told at once and with every change', () => {
    const heard: boolean[] = [];
    client.onConnection((connected) => heard.push(connected));
    last().open();
    last().close();
    expect(heard).toEqual([false, true, false]);
  });

  test('comes back by itself, later each time, and soon again after it held', async () => {
    last().open();
    last().close();
    await vi.advanceTimersByTimeAsync(249);
    expect(sockets).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(sockets).toHaveLength(2);
    last().close();
    await vi.advanceTimersByTimeAsync(499);
    expect(sockets).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(1);
    expect(sockets).toHaveLength(3);
    last().open();
    last().close();
    await vi.advanceTimersByTimeAsync(250);
    expect(sockets).toHaveLength(4);
  });

  test('never waits longer than five seconds', async () => {
    for (let attempt = 0; attempt < 10; attempt++) {
      last().close();
      await vi.advanceTimersByTimeAsync(5000);
    }
    expect(sockets).toHaveLength(11);
  });

  test('that is back carries calls again', async () => {
    last().open();
    last().close();
    vi.advanceTimersByTime(250);
    const call = client.call('people.list', {});
    last().open();
    last().answer([]);
    expect(await call).toEqual([]);
  });
});

describe('a server with another token', () => {
  test('is told once, and ends the attempts', async () => {
    const refused = vi.fn();
    client.onRefused(refused);
    last().open();
    last().close();
    await vi.advanceTimersByTimeAsync(250);
    // Down at first, then up with a new token.
    last().close();
    await vi.advanceTimersByTimeAsync(500);
    expect(refused).not.toHaveBeenCalled();
    expect(sockets).toHaveLength(3);
    status = 401;
    last().close();
    const waiting = client.call('people.list', {}).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(refused).toHaveBeenCalledTimes(1);
    expect(sockets).toHaveLength(3);
    expect(await waiting).toMatchObject({ code: 'connection/lost' });
    await expect(client.call('people.list', {})).rejects.toMatchObject({ code: 'connection/lost' });
    const late = vi.fn();
    client.onRefused(late);
    expect(late).toHaveBeenCalledTimes(1);
  });

  test('is not one that knows this page', async () => {
    const refused = vi.fn();
    client.onRefused(refused);
    status = 200;
    last().close();
    await vi.advanceTimersByTimeAsync(250);
    expect(refused).not.toHaveBeenCalled();
    expect(sockets).toHaveLength(2);
  });
});

describe('events', () => {
  const event = { type: 'event', event: { kind: 'photos', ids: [1] } };

  test('reach those who listen to their kind, until they stop', () => {
    const photos = vi.fn();
    const albums = vi.fn();
    const stop = client.on('photos', photos);
    client.on('albums', albums);
    last().open();
    last().receive(event);
    stop();
    last().receive(event);
    expect(photos.mock.calls).toEqual([[{ kind: 'photos', ids: [1] }]]);
    expect(albums).not.toHaveBeenCalled();
  });

  test('come through a later connection too', async () => {
    const photos = vi.fn();
    client.on('photos', photos);
    last().close();
    await vi.advanceTimersByTimeAsync(250);
    last().open();
    last().receive(event);
    expect(photos).toHaveBeenCalledOnce();
  });
});
