import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import type { ApiEvent } from '../../contract/api.ts';
import { HeirloomError } from '../../contract/errors.ts';
import type { ImportReport } from '../../contract/library.ts';
import type { Application } from '../../main/application.ts';
import { startBrowserServer, type BrowserServer } from '../../main/browser/server.ts';
import { Uploads } from '../../main/browser/uploads.ts';

/** Browser mode as a web page, another user of the machine or a broken program would treat it: raw bytes over TCP. */

const TOKEN = '0123456789abcdef0123456789abcdef';
const SECRET = 'the secret of this machine';
const UPLOAD = 'f'.repeat(32);

let folder: string;
let server: BrowserServer;
let origin: string;
const listeners = new Set<(event: ApiEvent) => void>();

const application = {
  call: (method: unknown) => Promise.resolve({ ok: true, value: method }),
  onEvent: (listener: (event: ApiEvent) => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  pictureFile: ({ id }: { id: number }) =>
    id === 1
      ? Promise.resolve({ path: join(folder, 'picture.webp'), contentType: 'image/webp' })
      : Promise.reject(new HeirloomError('library/not-found', `No photo ${id}`)),
} as unknown as Application;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heirloom-hostile-'));
  const renderer = join(folder, 'renderer');
  await mkdir(renderer);
  await writeFile(join(renderer, 'index.html'), '<title>Heirloom</title>');
  await writeFile(join(folder, 'secret.html'), SECRET);
  await writeFile(join(folder, 'picture.webp'), 'RIFF');
  const uploads = new Uploads(join(folder, 'uploads'), 1_000_000);
  server = await startBrowserServer({ application, uploads, renderer, port: 0, token: TOKEN });
  origin = `http://127.0.0.1:${server.port}`;
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

/** What the server answers to these bytes until it hangs up, or `quietMs` after its last word. */
function raw(bytes: string | Buffer, quietMs = 300): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(server.port, '127.0.0.1', () => socket.write(bytes));
    const quiet = setTimeout(() => socket.destroy(), quietMs);
    socket.on('data', (data) => {
      answer += data.toString('latin1');
      quiet.refresh();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(quiet);
      resolve(answer);
    });
  });
}

interface Head {
  method?: string;
  host?: string | null;
  headers?: string[];
  body?: string;
  version?: string;
  token?: boolean;
}

function message(
  path: string,
  {
    method = 'GET',
    host = `127.0.0.1:${server.port}`,
    headers = [],
    body = '',
    version = '1.1',
    token = true,
  }: Head = {},
): string {
  const lines = [
    `${method} ${path} HTTP/${version}`,
    ...(host === null ? [] : [`Host: ${host}`]),
    ...(token ? [`Authorization: Bearer ${TOKEN}`] : []),
    // So that an answer ends by itself; what has a body shows whether the server hangs up.
    ...(body === '' && !headers.some((header) => header.startsWith('Connection'))
      ? ['Connection: close']
      : []),
    ...headers,
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

const ask = (path: string, head: Head = {}): Promise<string> => raw(message(path, head));
const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0);

describe('a page of another site', () => {
  it.each([
    ...[
      'localhost.evil.example:PORT',
      '127.0.0.1.nip.io:PORT',
      'evil.example',
      '127.0.0.1:PORT.evil.example',
    ],
    ...[
      '2130706433:PORT',
      '0x7f.0.0.1:PORT',
      '127.1:PORT',
      '0.0.0.0:PORT',
      '[::1]:PORT',
      '[::ffff:127.0.0.1]:PORT',
    ],
    ...[
      'evil.example@127.0.0.1:PORT',
      '127.0.0.1:PORT@evil.example',
      '127.0.0.1:PORT#',
      'LOCALHOST.:PORT',
      '',
    ],
  ])('whose name was bent to this machine, %j, gets nothing, with the token or without', async (host) => {
    for (const token of [true, false]) {
      const answer = await ask('/', { host: host.replace('PORT', String(server.port)), token });
      expect([400, 403]).toContain(statusOf(answer));
      expect(answer).not.toContain('<title>');
    }
  });

  it('without a host, or with two, gets nothing', async () => {
    expect(statusOf(await ask('/', { host: null, version: '1.0' }))).toBe(403);
    expect(statusOf(await ask('/', { host: null }))).toBe(400);
    expect(statusOf(await ask('/', { headers: ['Host: evil.example'] }))).toBe(403);
  });

  it.each([
    'http://evil.example',
    'null',
    'http://127.0.0.1:PORT.evil.example',
    'http://localhost:PORT',
    'https://127.0.0.1:PORT',
    'file://',
    'http://127.0.0.1:1',
    'http://user@127.0.0.1:PORT',
    '',
  ])(
    'of the origin %j may neither post, nor open the socket, nor read, though the browser sends the cookie',
    async (foreign) => {
      const headers = [
        `Origin: ${foreign.replace('PORT', String(server.port))}`,
        `Cookie: heirloom_${server.port}=${TOKEN}`,
        'Content-Type: text/plain',
      ];
      const post = { method: 'POST', token: false, headers: [...headers, 'Content-Length: 1'], body: 'x' };
      expect(statusOf(await ask(`/upload/${UPLOAD}/a.jpg`, post))).toBe(403);
      expect(statusOf(await ask('/picture/photo/1/small', { token: false, headers }))).toBe(403);
      const upgrade = [
        ...headers,
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
      ];
      expect(statusOf(await ask('/socket', { token: false, headers: upgrade }))).toBe(403);
      expect(await readdir(join(folder, 'uploads')).catch(() => [])).toEqual([]);
    },
  );

  it('cannot post or open the socket by leaving its origin away', async () => {
    const post = { method: 'POST', headers: ['Content-Length: 1'], body: 'x' };
    expect(statusOf(await ask(`/upload/${UPLOAD}/a.jpg`, post))).toBe(403);
    const upgrade = [
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
    ];
    expect(statusOf(await ask('/socket', { headers: upgrade }))).toBe(403);
  });

  it('does not guess the token', async () => {
    const guesses = Array.from({ length: 100 }, (_, i) => i.toString(16).padStart(32, '0'));
    const wrong = ['', TOKEN.slice(1), `${TOKEN}0`, TOKEN.toUpperCase(), '%00', '*', 'undefined', 'null'];
    const answers = await Promise.all(
      [...guesses, ...wrong].map(async (guess) =>
        statusOf(await ask(`/?token=${encodeURIComponent(guess)}`, { token: false })),
      ),
    );
    expect(new Set(answers)).toEqual(new Set([401]));
    const cookies = Array.from({ length: 50 }, (_, i) => `heirloom_${server.port}=${i}`).join('; ');
    expect(statusOf(await ask('/', { token: false, headers: [`Cookie: ${cookies}`] }))).toBe(401);
  });
});

const TRAVERSALS = [
  ...[
    '/../secret.html',
    '/..%2fsecret.html',
    '/%2e%2e/secret.html',
    '/%2e%2e%2fsecret.html',
    '/..%5csecret.html',
  ],
  ...['/%252e%252e%252fsecret.html', '/..%252fsecret.html', '/..\\secret.html', '/%c0%ae%c0%ae/secret.html'],
  ...[
    '/%uff0e%uff0e/secret.html',
    '/....//secret.html',
    '/;/../secret.html',
    '/./../secret.html',
    '//secret.html',
  ],
  ...[
    '/index.html/../../secret.html',
    '/index.html%00.js',
    '/%00',
    '/secret.html%00.html',
    '/..;/secret.html',
  ],
  ...[
    '/picture/../secret.html',
    '/picture/photo/1/..%2f..%2f..%2fsecret.html',
    '/picture/photo/1/small%2f..%2f..',
  ],
  ...['/picture/photo/%31/small', '/picture/photo/1%00/small', '/picture/photo/1/small%00'],
  ...[
    '/picture/photo/-1/small',
    '/picture/photo/1e3/small',
    '/picture/photo/0x1/small',
    '/picture/photo/١/small',
  ],
  ...['/picture/photo/99999999999999999999/small', '/picture/photo/1/tile/99999/99999/99999x'],
  ...[
    '/picture/file:///etc/passwd',
    '/picture//etc/passwd',
    '/file:///etc/passwd',
    '/picture/photo/1/small/../../x',
  ],
];

describe('an address that leads elsewhere', () => {
  it.each(TRAVERSALS)('%s gives nothing of the machine', async (path) => {
    const answer = await ask(path);
    expect([400, 404]).toContain(statusOf(answer));
    expect(answer).not.toContain(SECRET);
    expect(answer).not.toContain(folder);
    expect(answer).not.toContain('root:');
  });

  it.each(TRAVERSALS)('%s is no place for an upload', async (path) => {
    const headers = [`Origin: ${origin}`, 'Content-Length: 1'];
    for (const address of [path, `/upload/${UPLOAD}${path}`]) {
      const status = statusOf(await ask(address, { method: 'POST', headers, body: 'x' }));
      expect([204, 400, 404]).toContain(status);
    }
    const names = await readdir(folder, { recursive: true });
    expect(names.filter((name) => !name.startsWith('uploads')).sort()).toEqual(
      ['picture.webp', 'renderer', 'renderer/index.html', 'secret.html'].sort(),
    );
    await rm(join(folder, 'uploads'), { recursive: true, force: true });
  });
});

describe('what is no proper request', () => {
  it.each(['PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE', 'PROPFIND', 'MERGE'])(
    '%s is refused',
    async (method) => {
      expect(statusOf(await ask('/', { method, headers: [`Origin: ${origin}`] }))).toBe(405);
    },
  );

  it('a method in a header or in the address is none', async () => {
    const headers = ['X-HTTP-Method-Override: POST', 'X-Method: POST', `Origin: ${origin}`];
    expect(statusOf(await ask(`/upload/${UPLOAD}/a.jpg?_method=POST`, { headers }))).toBe(404);
    for (const method of ['CONNECT', 'get', 'HACK', ''])
      expect([0, 400]).toContain(statusOf(await ask('/', { method })));
  });

  it.each([
    ['two lengths', 'Content-Length: 1\r\nContent-Length: 2'],
    ['a length and chunks', 'Content-Length: 1\r\nTransfer-Encoding: chunked'],
    ['an odd encoding', 'Transfer-Encoding: xchunked'],
    ['a length that is none', 'Content-Length: -1'],
    ['a length in hex', 'Content-Length: 0x10'],
    ['a header of two lines', 'X-A: 1\r\n Host: evil.example'],
    ['a header without a name', ': x'],
    ['a NUL', 'X-A: \0'],
  ])('%s ends the connection', async (_, header) => {
    const answer = await ask(`/upload/${UPLOAD}/a.jpg`, {
      method: 'POST',
      headers: [`Origin: ${origin}`, header],
      body: '1\r\nx\r\n0\r\n\r\nGET /',
    });
    expect([0, 400]).toContain(statusOf(answer));
    expect(answer.match(/HTTP\/1\.1/g)?.length ?? 0).toBeLessThan(2);
  });

  it('a head without end is refused', async () => {
    expect(statusOf(await ask('/', { headers: [`X-A: ${'a'.repeat(100_000)}`] }))).toBe(431);
    expect([400, 431]).toContain(statusOf(await ask(`/${'a'.repeat(100_000)}`)));
    const many = Array.from({ length: 5000 }, (_, i) => `X-${i}: 1`);
    expect([400, 431]).toContain(statusOf(await ask('/', { headers: many })));
  });

  it('a stranger with a large body is sent away at once, and the connection with him', async () => {
    const head = {
      method: 'POST',
      token: false,
      headers: [`Origin: ${origin}`, 'Content-Length: 2000000000'],
    };
    const answer = await ask(`/upload/${UPLOAD}/a.jpg`, { ...head, body: 'x'.repeat(10_000) });
    expect(statusOf(answer)).toBe(401);
    expect(answer.toLowerCase()).toContain('connection: close');
  });

  it('rubbish is answered or ended, and the next one is served', async () => {
    for (const rubbish of [
      '\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03',
      'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
      '\0'.repeat(1000),
      'GET / HTTP/9.9\r\n\r\n',
      '\r\n'.repeat(1000),
    ])
      expect([0, 400, 505]).toContain(statusOf(await raw(Buffer.from(rubbish, 'latin1'))));
    expect(statusOf(await ask('/'))).toBe(200);
  });
});

describe('who is slow', () => {
  const ended = (socket: Socket): Promise<number> => {
    const start = performance.now();
    socket.resume();
    socket.on('error', () => undefined);
    return new Promise((resolve) => socket.on('close', () => resolve(performance.now() - start)));
  };

  it('with the head, with the body, or says nothing at all is hung up on', async () => {
    const [silent, head, body] = [
      '',
      'GET / HTTP/1.1\r\nHost: ',
      message(`/upload/${UPLOAD}/slow.jpg`, {
        method: 'POST',
        headers: [`Origin: ${origin}`, 'Content-Length: 1000'],
        body: 'x',
      }),
    ].map((begin) => {
      const socket = connect(server.port, '127.0.0.1', () => socket.write(begin));
      return socket;
    }) as [Socket, Socket, Socket];
    // A byte every second keeps a connection from being silent.
    const drip = setInterval(() => head.writable && head.write('x'), 1000);
    const times = await Promise.all([silent, head, body].map(ended));
    clearInterval(drip);
    for (const time of times) expect(time).toBeLessThan(30_000);
    await expect.poll(() => readdir(join(folder, 'uploads')).catch(() => [])).toEqual([]);
  }, 60_000);

  it('three hundred of them do not keep others out for good', async () => {
    const crowd = Array.from({ length: 300 }, () => {
      const socket = connect(server.port, '127.0.0.1');
      socket.on('error', () => undefined);
      return socket;
    });
    await new Promise((resolve) => setTimeout(resolve, 500));
    const alive = crowd.filter((socket) => !socket.destroyed && socket.readyState === 'open');
    expect(alive.length).toBeLessThanOrEqual(256);
    for (const socket of crowd) socket.destroy();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(statusOf(await ask('/'))).toBe(200);
  });

  it('a refused socket is closed from both sides', async () => {
    const socket = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true }, () =>
      socket.write(
        message('/socket', { token: false, headers: ['Connection: Upgrade', 'Upgrade: websocket'] }),
      ),
    );
    let answer = '';
    socket.on('data', (data) => (answer += data.toString()));
    await new Promise((resolve) => socket.on('end', resolve));
    expect(statusOf(answer)).toBe(403);
    // This side never ends its half: what it sends now is answered by a reset.
    const gone = new Promise<void>((resolve) => socket.on('error', () => resolve()));
    const knock = setInterval(() => socket.write('x'), 20);
    await gone;
    clearInterval(knock);
    socket.destroy();
  });
});

describe('the socket', () => {
  async function opened(): Promise<WebSocket> {
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}/socket`, {
      origin,
      headers: { authorization: `Bearer ${TOKEN}` },
    });
    socket.on('error', () => undefined);
    await new Promise((resolve) => socket.once('open', resolve));
    return socket;
  }
  const closed = (socket: WebSocket) => new Promise((resolve) => socket.once('close', resolve));

  it('does not unpack what a client has compressed', async () => {
    const socket = await opened();
    expect(socket.extensions).toBe('');
    socket.terminate();
  });

  it('a client that never reads is dropped before it fills the memory, and the others hear on', async () => {
    const [deaf, other] = [await opened(), await opened()];
    let heard = 0;
    other.on('message', () => heard++);
    deaf.pause();
    const ended = closed(deaf);
    const before = process.memoryUsage().rss;
    const report: ImportReport = {
      id: 1,
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
      photoIds: Array.from({ length: 20_000 }, (_, i) => i + 1),
    };
    const event: ApiEvent = { kind: 'import', report };
    let sent = 0;
    for (; sent < 2000 && deaf.readyState === deaf.OPEN; sent++) {
      for (const listener of listeners) listener(event);
      await new Promise((resolve) => setTimeout(resolve, 1));
      if (sent > 800) deaf.resume();
    }
    await ended;
    expect(process.memoryUsage().rss - before).toBeLessThan(600e6);
    await expect.poll(() => heard, { timeout: 20_000 }).toBe(sent);
    other.terminate();
  }, 60_000);

  it('answers what is nested a million deep', async () => {
    const socket = await opened();
    const answers: unknown[] = [];
    socket.on('message', (data: Buffer) => answers.push(JSON.parse(data.toString()) as unknown));
    const deep = '['.repeat(1_000_000) + ']'.repeat(1_000_000);
    for (const text of [deep, deep.slice(0, 1_000_000), `{"id":7,"method":"people.list","params":${deep}}`])
      socket.send(text);
    await expect.poll(() => answers.length, { timeout: 20_000 }).toBe(3);
    expect(answers).toMatchObject([{ id: 0 }, { id: 0 }, { id: 7 }]);
    socket.terminate();
  }, 30_000);

  it('a flood of pings and of fragments ends with nothing worse than itself', async () => {
    const socket = await opened();
    for (let i = 0; i < 5000; i++) socket.ping();
    for (let i = 0; i < 5000; i++) socket.send('', { fin: false });
    for (let i = 0; i < 5000; i++) socket.send('x'.repeat(1000), { fin: false });
    socket.send('', { fin: true });
    await Promise.race([closed(socket), new Promise((resolve) => setTimeout(resolve, 2000))]);
    socket.terminate();
    expect(statusOf(await ask('/'))).toBe(200);
  });
});
