import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { basename, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import WebSocket from 'ws';
import type { ApiEvent, ApiMessage } from '../../../../contract/api.ts';
import { apiMessageSchema } from '../../../../contract/api.ts';
import { HeirloomError } from '../../../../contract/errors.ts';
import { picturePath, type PictureAddress } from '../../../../contract/pictures.ts';
import type { Application } from '../../../../main/application.ts';
import { startBrowserServer, type BrowserServer } from '../../../../main/browser/server.ts';
import { Uploads } from '../../../../main/browser/uploads.ts';
import { temporaryFolder } from '../../../fixtures/make-pictures.ts';

const TOKEN = '0123456789abcdef0123456789abcdef';
const UPLOAD = 'f'.repeat(32);
const LIMIT = 100_000;

let folder: string;
let server: BrowserServer;
let origin: string;
const listeners = new Set<(event: ApiEvent) => void>();

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

interface Asked {
  method?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
  /** With the token, unless this is false. */
  token?: boolean;
}

/** Paths go out as they are: `fetch` would tidy them up. */
function ask(
  path: string,
  { method = 'GET', headers = {}, body, token = true }: Asked = {},
): Promise<Answer> {
  const given = { ...(token && { authorization: `Bearer ${TOKEN}` }), ...headers };
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      { host: '127.0.0.1', port: server.port, path, method, headers: given, agent: false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
        });
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

function post(path: string, body: string | Buffer, headers: Record<string, string> = {}): Promise<Answer> {
  return ask(path, { method: 'POST', body, headers: { origin, ...headers } });
}

/** Of photo 1, in the library that is served. */
let pictureName = 'picture.webp';

async function pictureFile(address: PictureAddress): Promise<{ path: string; contentType: string }> {
  if (address.id !== 1) throw new HeirloomError('library/not-found', `No photo ${address.id}`);
  return Promise.resolve({ path: join(folder, pictureName), contentType: 'image/webp' });
}

const application = {
  call: (method: unknown, params: unknown) => Promise.resolve({ ok: true, value: { method, params } }),
  onEvent: (listener: (event: ApiEvent) => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  pictureFile,
} as unknown as Application;

beforeAll(async () => {
  folder = await temporaryFolder();
  const renderer = join(folder, 'renderer');
  await mkdir(join(renderer, 'assets'), { recursive: true });
  await mkdir(join(folder, 'uploads', 'left-over'), { recursive: true });
  await writeFile(join(renderer, 'index.html'), '<title>Heirloom</title>');
  await writeFile(join(renderer, 'assets', 'main-1a2b.js'), 'export {}');
  await writeFile(join(renderer, 'secret.key'), 'not for the web');
  await writeFile(join(folder, 'outside.js'), 'outside');
  await writeFile(join(folder, 'picture.webp'), 'RIFF');
  const uploads = new Uploads(join(folder, 'uploads'), LIMIT);
  server = await startBrowserServer({ application, uploads, renderer, port: 0, token: TOKEN });
  origin = `http://127.0.0.1:${server.port}`;
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

describe('the token', () => {
  it.each(['/', '/assets/main-1a2b.js', '/picture/photo/1/small', '/nothing', '/upload/x'])(
    'is needed for %s',
    async (path) => {
      for (const method of ['GET', 'HEAD', 'POST', 'PUT']) {
        const answer = await ask(path, { method, token: false, headers: { origin } });
        expect(answer.status).toBe(401);
        expect(answer.body).toBe(
          method === 'HEAD'
            ? ''
            : 'The token is missing or old. Open the address that Heirloom printed when it started.\n',
        );
      }
    },
  );

  it('in the address becomes a cookie that other sites and scripts never see', async () => {
    expect(server.address).toBe(`${origin}/?token=${TOKEN}`);
    const { status, headers } = await ask(`/?token=${TOKEN}`, { token: false });
    const cookie = `heirloom_${server.port}=${TOKEN}`;
    expect([status, headers.location]).toEqual([303, '/']);
    expect(headers['set-cookie']).toEqual([`${cookie}; Path=/; HttpOnly; SameSite=Strict`]);
    const page = await ask('/', { token: false, headers: { cookie: `other=1; ${cookie}` } });
    expect([page.status, page.body]).toEqual([200, '<title>Heirloom</title>']);
  });

  it.each([
    { authorization: `Bearer ${TOKEN}x` },
    { authorization: `Bearer ${TOKEN.slice(1)}` },
    { authorization: TOKEN },
    { authorization: 'Bearer ' },
    { cookie: `heirloom_1=${TOKEN}` },
    { cookie: `token=${TOKEN}` },
  ])('is not %j', async (headers) => {
    expect((await ask('/', { token: false, headers })).status).toBe(401);
    expect((await ask(`/?token=${TOKEN.toUpperCase()}`, { token: false, headers })).status).toBe(401);
  });

  it('is another one at each start unless it is given, and has 32 hex digits', async () => {
    const options = { application, uploads: new Uploads(join(folder, 'none')), renderer: folder, port: 0 };
    const other = await startBrowserServer(options);
    expect(other.address).toMatch(/\?token=[0-9a-f]{32}$/);
    expect(other.address).not.toContain(TOKEN);
    await other.close();
    expect(listeners.size).toBe(1);
    for (const token of ['', 'abc', 'z'.repeat(32)])
      await expect(startBrowserServer({ ...options, token })).rejects.toMatchObject({
        code: 'argument/invalid',
      });
    await expect(startBrowserServer({ ...options, port: server.port })).rejects.toMatchObject({
      code: 'port/in-use',
    });
  });
});

describe('where a request comes from', () => {
  it.each(['evil.example', 'evil.example:80', '127.0.0.1', 'localhost', '127.0.0.1:1', '[::1]:1'])(
    'the host %s is refused',
    async (host) => {
      expect((await ask('/', { headers: { host } })).status).toBe(403);
    },
  );

  it('localhost is this machine too', async () => {
    const host = `localhost:${server.port}`;
    expect((await ask('/', { headers: { host, origin: `http://${host}` } })).status).toBe(200);
  });

  it.each(['http://evil.example', 'null', 'https://127.0.0.1', 'http://127.0.0.1:1', ''])(
    'the origin %j is refused',
    async (foreign) => {
      for (const path of ['/', '/picture/photo/1/small'])
        expect((await ask(path, { headers: { origin: foreign } })).status).toBe(403);
      expect((await post(`/upload/${UPLOAD}/a.jpg`, 'x', { origin: foreign })).status).toBe(403);
    },
  );

  it('a POST must name its origin', async () => {
    expect((await ask(`/upload/${UPLOAD}/a.jpg`, { method: 'POST', body: 'x' })).status).toBe(403);
  });

  it('nothing listens beyond 127.0.0.1', async () => {
    const refused = new Promise((resolve, reject) => {
      const socket = connect({ host: '::1', port: server.port }, () => reject(new Error('it listens')));
      socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code));
    });
    expect(['ECONNREFUSED', 'EADDRNOTAVAIL', 'ENETUNREACH']).toContain(await refused);
  });
});

describe('headers', () => {
  it.each(['/', '/nothing', '/picture/photo/1/small'])('of %s are strict', async (path) => {
    const { headers } = await ask(path);
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'; script-src 'self';");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe-eval|script-src[^;]*unsafe-inline|\*|https?:/);
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    });
    expect(headers['access-control-allow-origin']).toBeUndefined();
  });

  it('let only what carries its hash be kept without asking', async () => {
    const cacheOf = async (path: string) => (await ask(path)).headers['cache-control'];
    expect(await cacheOf('/')).toBe('no-cache');
    expect(await cacheOf('/assets/main-1a2b.js')).toBe('private, max-age=31536000, immutable');
    expect(await cacheOf('/picture/photo/1/small')).toBe('no-cache');
    expect(await cacheOf('/picture/photo/1/small?r=3')).toBe('no-cache');
  });
});

describe('files and pictures', () => {
  it('are sent with their types; HEAD without a body', async () => {
    const script = await ask('/assets/main-1a2b.js');
    expect([script.status, script.headers['content-type']]).toEqual([200, 'text/javascript; charset=utf-8']);
    const path = `/picture/${picturePath({ kind: 'photo', id: 1, size: 'view' })}?r=1`;
    const picture = await ask(path);
    expect([picture.body, picture.headers['content-type']]).toEqual(['RIFF', 'image/webp']);
    const head = await ask(path, { method: 'HEAD' });
    expect([head.status, head.body, head.headers['content-length']]).toEqual([200, '', '4']);
  });

  describe('that a browser has kept', () => {
    const path = '/picture/photo/1/small?r=1';
    const askWith = (tag: string, method = 'GET') => ask(path, { method, headers: { 'if-none-match': tag } });
    const tagNow = async () => String((await ask(path)).headers.etag);
    const written = new Date(2026, 0, 2);
    const write = async (name: string, text: string) => {
      await writeFile(join(folder, name), text);
      await utimes(join(folder, name), written, written);
    };
    beforeEach(async () => {
      await write('picture.webp', 'RIFF');
      await write('other.webp', 'WEBP');
    });
    afterEach(() => void (pictureName = 'picture.webp'));

    it('are not sent again', async () => {
      const tag = await tagNow();
      expect(tag).toMatch(/^"[0-9a-f]{64}"$/);
      for (const method of ['GET', 'HEAD']) {
        const { status, body, headers } = await askWith(tag, method);
        expect([status, body, headers.etag, headers['cache-control']]).toEqual([304, '', tag, 'no-cache']);
      }
    });

    it('are sent where another library has another one under the same address', async () => {
      const tag = await tagNow();
      pictureName = 'other.webp';
      expect(await askWith(tag)).toMatchObject({ status: 200, body: 'WEBP' });
    });

    it('are sent where the file was written anew', async () => {
      const tag = await tagNow();
      await writeFile(join(folder, 'picture.webp'), 'WEBP');
      expect(await askWith(tag)).toMatchObject({ status: 200, body: 'WEBP' });
    });
  });

  it.each([
    '/secret.key',
    '/outside.js',
    '/../outside.js',
    '/assets/../../outside.js',
    '/assets/..%2f..%2foutside.js',
    '/%2e%2e/outside.js',
    '//outside.js',
    '/assets/main-1a2b.js%00',
    '/picture/',
    '/picture/photo/2/small',
    '/picture/photo/0/small',
    '/picture/photo/1/huge',
    '/picture/photo/1/../../../picture.webp',
    '/picture/..%2fpicture.webp',
    '/picture/photo/1e0/small',
    '/picture/photo/1/small/',
    '/picture/face/99999999999999999999',
    '/socket',
  ])('%s is not there', async (path) => {
    const answer = await ask(path);
    expect(answer.status).toBe(404);
    expect(answer.body).not.toContain(folder);
  });

  it.each(['PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE'])('%s is no method', async (method) => {
    expect((await ask('/', { method, headers: { origin } })).status).toBe(405);
  });

  it('an absolute address as a proxy would get it is refused', async () => {
    expect((await ask('http://evil.example/')).status).toBe(400);
  });
});

describe('uploads', () => {
  const uploads = () => new Uploads(join(folder, 'uploads'), LIMIT);

  it('what an earlier run left is removed at the start', () => {
    expect(existsSync(join(folder, 'uploads', 'left-over'))).toBe(false);
  });

  it('are kept under their names, two of one name apart', async () => {
    for (const body of ['first', 'second'])
      expect((await post(`/upload/${UPLOAD}/${encodeURIComponent('Oma & Opa.jpg')}`, body)).status).toBe(204);
    const files = await uploads().files(UPLOAD);
    const contents = await Promise.all(files.map((file) => readFile(file, 'utf8')));
    expect(contents.sort()).toEqual(['first', 'second']);
    expect(files.every((file) => file.endsWith('Oma & Opa.jpg'))).toBe(true);
    await uploads().remove(UPLOAD);
    await expect(uploads().files(UPLOAD)).rejects.toMatchObject({ code: 'input/not-found' });
  });

  it('several files are one pack, a single one is its zip', async () => {
    await post(`/upload/${UPLOAD}/a.zip`, 'a');
    expect(await uploads().asOne(UPLOAD)).toMatch(/a\.zip$/);
    await post(`/upload/${UPLOAD}/b.onnx`, 'b');
    expect((await readdir(await uploads().asOne(UPLOAD))).sort()).toEqual(['a.zip', 'b.onnx']);
    await uploads().remove(UPLOAD);
  });

  it('come in the order of their names, as those of a folder that the application reads itself', async () => {
    const names = ['scan 10.jpg', 'scan 2.jpg', 'scan 1.jpg', 'scan 9.jpg', 'scan 3.jpg', 'scan 20.jpg'];
    for (const name of names) await post(`/upload/${UPLOAD}/${encodeURIComponent(name)}`, name);
    const files = await uploads().files(UPLOAD);
    expect(files.map((file) => basename(file, '.jpg'))).toEqual(
      [1, 2, 3, 9, 10, 20].map((number) => `scan ${number}`),
    );
    await uploads().remove(UPLOAD);
  });

  it.each(['manifest.json', 'Manifest.JSON'])(
    'two files of one name are no pack: %s would be written over the other',
    async (name) => {
      await post(`/upload/${UPLOAD}/manifest.json`, 'first');
      await post(`/upload/${UPLOAD}/${name}`, 'second');
      await expect(uploads().asOne(UPLOAD)).rejects.toMatchObject({
        code: 'argument/invalid',
        message: expect.stringMatching(/two files named manifest\.json/i) as string,
      });
      const kept = await Promise.all((await uploads().files(UPLOAD)).map((file) => readFile(file, 'utf8')));
      expect(kept.sort()).toEqual(['first', 'second']);
      await uploads().remove(UPLOAD);
    },
  );

  it('too large a file is refused and leaves nothing', async () => {
    const answer = await post(`/upload/${UPLOAD}/a.jpg`, Buffer.alloc(LIMIT + 1)).catch(() => null);
    // The server may hang up before the whole file was sent.
    expect([null, 413]).toContain(answer && answer.status);
    const chunked = await post(`/upload/${UPLOAD}/a.jpg`, Buffer.alloc(LIMIT + 1), {
      'transfer-encoding': 'chunked',
    }).catch(() => null);
    expect([null, 413]).toContain(chunked && chunked.status);
    expect(await readdir(join(folder, 'uploads'))).toEqual([]);
  });

  it('says why a file is refused, in words that the interface reads', async () => {
    const large = await post(`/upload/${UPLOAD}/a.jpg`, Buffer.alloc(LIMIT + 1), {
      'transfer-encoding': 'chunked',
    }).catch(() => null);
    if (large)
      expect(JSON.parse(large.body)).toMatchObject({
        ok: false,
        error: { code: 'input/too-large', message: expect.stringContaining('a.jpg') as string },
      });
    await rm(join(folder, 'uploads'), { recursive: true, force: true });
    await writeFile(join(folder, 'uploads'), 'in the way');
    const blocked = await post(`/upload/${UPLOAD}/b.jpg`, 'x');
    await rm(join(folder, 'uploads'));
    expect(blocked.status).toBe(500);
    expect(JSON.parse(blocked.body)).toMatchObject({
      ok: false,
      error: { code: 'output/unwritable', message: expect.stringContaining('b.jpg') as string },
    });
  });

  it('a file that breaks off leaves nothing', async () => {
    await new Promise<void>((resolve) => {
      const socket = connect(server.port, '127.0.0.1', () => {
        const head = [
          `POST /upload/${UPLOAD}/a.jpg HTTP/1.1`,
          `Host: 127.0.0.1:${server.port}`,
          `Origin: ${origin}`,
          `Authorization: Bearer ${TOKEN}`,
          'Content-Length: 1000',
        ];
        socket.write(`${head.join('\r\n')}\r\n\r\nthe beginning`, () =>
          setTimeout(() => socket.destroy(), 50),
        );
      });
      socket.on('close', () => setTimeout(resolve, 100));
    });
    expect(await readdir(join(folder, 'uploads'))).toEqual([]);
  });

  it.each([
    '/upload/short/a.jpg',
    `/upload/${'G'.repeat(32)}/a.jpg`,
    `/upload/${UPLOAD}/`,
    `/upload/${UPLOAD}/..`,
    `/upload/${UPLOAD}/%2e%2e`,
    `/upload/${UPLOAD}/%ff`,
    `/upload/${UPLOAD}/a.jpg/b`,
    '/socket',
  ])('%s is no place for one', async (path) => {
    expect((await post(path, 'x')).status).toBe(404);
  });

  const sign = 'the name holds a sign that no file may have here';
  it.each([
    ['../a.jpg', sign],
    ['a/b.jpg', sign],
    ['a\\b.jpg', sign],
    ['a\0.jpg', sign],
    [`${'ä'.repeat(130)}.jpg`, 'the name is too long'],
  ])('says of %j why no file can be kept under it', async (name, reason) => {
    const answer = await post(`/upload/${UPLOAD}/${encodeURIComponent(name)}`, 'x');
    expect(answer.status).toBe(400);
    const error = { code: 'input/unreadable', message: `${name} cannot be read (${reason})` };
    expect(JSON.parse(answer.body)).toMatchObject({ ok: false, error });
    expect(existsSync(join(folder, 'uploads', UPLOAD))).toBe(false);
  });
});

describe('the socket', () => {
  function open(headers: Record<string, string> = {}, path = '/socket'): Promise<WebSocket | number> {
    const given = { origin, authorization: `Bearer ${TOKEN}`, ...headers };
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}${path}`, { headers: given });
    return new Promise((resolve, reject) => {
      socket.on('open', () => resolve(socket));
      socket.on('unexpected-response', (_, response) => resolve(response.statusCode ?? 0));
      socket.on('error', reject);
    });
  }

  async function opened(): Promise<WebSocket> {
    const socket = await open();
    if (typeof socket === 'number') throw new Error(`Refused with ${socket}`);
    return socket;
  }

  function nextMessage(socket: WebSocket): Promise<ApiMessage> {
    return new Promise((resolve) =>
      socket.once('message', (data: Buffer) =>
        resolve(apiMessageSchema.parse(JSON.parse(data.toString('utf8')))),
      ),
    );
  }

  it.each([
    [{ authorization: 'Bearer x' }, '/socket', 401],
    [{ origin: 'http://evil.example' }, '/socket', 403],
    [{ origin: '' }, '/socket', 403],
    [{ host: 'evil.example' }, '/socket', 403],
    [{}, '/other', 404],
  ])('with %j at %s is refused with %i', async (headers, path, status) => {
    expect(await open(headers, path)).toBe(status);
  });

  it('answers requests and sends events', async () => {
    const socket = await opened();
    socket.send(JSON.stringify({ id: 3, method: 'people.list', params: {} }));
    expect(await nextMessage(socket)).toEqual({
      type: 'response',
      id: 3,
      envelope: { ok: true, value: { method: 'people.list', params: {} } },
    });
    const event = nextMessage(socket);
    for (const listener of listeners) listener({ kind: 'queue' });
    expect(await event).toEqual({ type: 'event', event: { kind: 'queue' } });
    socket.terminate();
  });

  it.each([
    ['no JSON', 0],
    ['', 0],
    ['null', 0],
    ['[]', 0],
    ['{"id":7}', 7],
    ['{"id":8,"method":4,"params":{}}', 8],
    ['{"id":-1,"method":"people.list","params":{}}', 0],
    ['{"id":9,"method":"people.list","params":{},"__proto__":{}}', 9],
    [Buffer.from('{"id":1,"method":"people.list","params":{}}'), 0],
  ])('answers %s with api/invalid', async (message, id) => {
    const socket = await opened();
    socket.send(message);
    expect(await nextMessage(socket)).toMatchObject({
      type: 'response',
      id,
      envelope: { ok: false, error: { code: 'api/invalid' } },
    });
    socket.terminate();
  });

  it('a message that is too long closes it, and only it', async () => {
    const [socket, other] = [await opened(), await opened()];
    const closed = new Promise((resolve) => socket.on('close', resolve));
    socket.on('error', () => undefined);
    socket.send('x'.repeat(4 * 1024 ** 2 + 1));
    await closed;
    other.send(JSON.stringify({ id: 1, method: 'people.list', params: {} }));
    expect(await nextMessage(other)).toMatchObject({ id: 1 });
    other.terminate();
  });

  it('a slow client misses pictures of work in progress, and nothing else', async () => {
    const socket = await opened();
    const heard: ApiEvent['kind'][] = [];
    socket.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString('utf8')) as ApiMessage;
      if (message.type === 'event') heard.push(message.event.kind);
    });
    socket.pause();
    const picture = `data:image/jpeg;base64,${'A'.repeat(500_000)}`;
    const box = { x: 0, y: 0, width: 1, height: 1 };
    for (const listener of listeners)
      for (let i = 0; i < 200; i++) {
        listener({ kind: 'preview', jobId: 1, box, picture });
        if (i % 50 === 49) listener({ kind: 'queue' });
      }
    socket.resume();
    await vi.waitFor(() => expect(heard.filter((kind) => kind === 'queue')).toHaveLength(4), {
      timeout: 20_000,
    });
    expect(heard.filter((kind) => kind === 'preview').length).toBeLessThan(100);
    socket.terminate();
  });
});
