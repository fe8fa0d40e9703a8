import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import WebSocket from 'ws';
import { apiMessageSchema, type ApiEvent, type ApiMessage } from '../../contract/api.ts';
import type { ImportReport, PhotoDetail } from '../../contract/library.ts';
import { removeFolder } from '../fixtures/open-test-application.ts';
import { LAUNCHER, MAIN, ROOT, runCli } from '../fixtures/run-cli.ts';

const WAIT = { timeout: 60_000, interval: 50 };

let root: string;
let server: ChildProcess | undefined;
let output = '';

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'heirloom-serve-'));
});
afterAll(() => removeFolder(root));
afterEach(() => server?.kill('SIGKILL'));

/** Starts browser mode as a person would, and answers with the printed address. */
async function serve(command: string[]): Promise<URL> {
  output = '';
  const child = spawn(process.execPath, command, {
    env: { ...process.env, HOME: root, XDG_CACHE_HOME: root, HEIRLOOM_TOKEN: '' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  server = child;
  return new Promise((resolve, reject) => {
    child.on('exit', (code) => reject(new Error(`Ended with ${code}: ${output}`)));
    child.stdout.on('data', (text: Buffer) => {
      output += text.toString();
      const [address] = /http:\/\/\S+/.exec(output) ?? [];
      if (address) resolve(new URL(address));
    });
  });
}

async function interrupt(): Promise<number | null> {
  const ended = once(server!, 'exit');
  server?.kill('SIGINT');
  const [code] = (await ended) as [number | null];
  return code;
}

class Client {
  readonly events: ApiEvent[] = [];
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (value: unknown) => void>();
  #listener: () => void = () => undefined;
  #id = 0;

  constructor({ host, search }: URL) {
    this.#socket = new WebSocket(`ws://${host}/socket${search}`, { headers: { origin: `http://${host}` } });
    this.#socket.on('message', (data: Buffer) => {
      const message: ApiMessage = apiMessageSchema.parse(JSON.parse(data.toString()));
      if (message.type === 'event') this.events.push(message.event);
      else this.#waiting.get(message.id)?.(message.envelope.ok ? message.envelope.value : message.envelope);
      this.#listener();
    });
  }

  get opened(): Promise<unknown> {
    return once(this.#socket, 'open');
  }

  call<T>(method: string, params: unknown): Promise<T> {
    const id = ++this.#id;
    const answer = new Promise<unknown>((resolve) => this.#waiting.set(id, resolve));
    this.#socket.send(JSON.stringify({ id, method, params }));
    return answer as Promise<T>;
  }

  /** Until an event of this kind has come. */
  heard(kind: ApiEvent['kind']): Promise<void> {
    return new Promise((resolve) => {
      this.#listener = () => this.events.some((event) => event.kind === kind) && resolve();
      this.#listener();
    });
  }
}

async function connect(address: URL): Promise<Client> {
  const client = new Client(address);
  await client.opened;
  return client;
}

describe('heirloom serve', () => {
  it('shows a newcomer a sample, restored by the real pack, over a close in the middle of it', async () => {
    const library = join(root, 'library');
    const first = await serve([LAUNCHER, 'serve', '--library', library]);
    expect(output).toContain(`Heirloom serves ${library} at`);
    expect(first.href).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?token=[0-9a-f]{32}$/);
    const client = await connect(first);
    const info = await client.call<{ welcomePhotoId: number; photoCount: number }>('app.info', {});
    expect(info.photoCount).toBe(5);
    expect(await client.call('undo.state', {})).toEqual({ undo: null, redo: null });
    const { name } = await client.call<PhotoDetail>('photos.get', { id: info.welcomePhotoId });
    expect(name).toBe('portrait-1938.jpg');
    await client.heard('preview');
    expect(await interrupt()).toBe(0);
    expect(existsSync(join(library, 'library.lock'))).toBe(false);

    const second = await serve([MAIN, 'serve', '--library', library]);
    expect(second.search).not.toBe(first.search);
    const again = await connect(second);
    await again.heard('batch');
    const photo = await again.call<PhotoDetail>('photos.get', { id: info.welcomePhotoId });
    expect(photo.versions.map(({ recipe }) => recipe.settings.preset)).toEqual(['balanced']);
    const picture = await fetch(
      `http://${second.host}/picture/version/${photo.versions[0]!.id}/view${second.search}`,
    );
    expect(picture.headers.get('content-type')).toMatch(/^image\/(webp|jpeg)$/);
    expect((await picture.arrayBuffer()).byteLength).toBeGreaterThan(5_000);
    expect(await again.call('app.info', {})).toMatchObject({ welcomePhotoId: info.welcomePhotoId });
    await again.call('settings.set', { tourDone: true });
    expect(await again.call('app.info', {})).toMatchObject({ welcomePhotoId: null });
    expect(await interrupt()).toBe(0);
  }, 400_000);

  it('takes in files that were posted', async () => {
    const address = await serve([MAIN, 'serve', '--library', join(root, 'posted')]);
    const client = await connect(address);
    await client.call('app.info', {});
    const upload = 'c0ffee'.padEnd(32, '0');
    const post = async () => {
      const posted = await fetch(`http://${address.host}/upload/${upload}/Not%20a%20picture.jpg`, {
        method: 'POST',
        body: 'no picture',
        headers: { origin: address.origin, authorization: `Bearer ${address.searchParams.get('token')}` },
      });
      expect(posted.status).toBe(204);
    };
    const kept = () => existsSync(join(root, 'posted', 'tmp', 'uploads', upload));
    await post();
    expect(kept()).toBe(true);
    await client.call('import.discard', { upload });
    expect(kept()).toBe(false);
    await post();
    const { id } = await client.call<{ id: number }>('import.uploaded', { upload });
    const report = await vi.waitFor(async () => {
      const reports = await client.call<ImportReport[]>('import.list', {});
      const found = reports.find((candidate) => candidate.id === id);
      expect(found?.state).toBe('done');
      return found;
    }, WAIT);
    expect(report?.failed).toMatchObject([{ name: 'Not a picture.jpg', code: 'input/not-an-image' }]);
    await interrupt();
    expect(kept()).toBe(false);
  }, 120_000);

  it('refuses a library that is open already, and goes on serving it', async () => {
    const library = join(root, 'posted');
    const address = await serve([MAIN, 'serve', '--library', library]);
    const { code, stderr } = await runCli(['serve', '--library', library]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^Library in use\. /);
    expect((await fetch(address)).status).not.toBe(500);
    await interrupt();
  });

  it('refuses a port in use in one line, and makes nothing', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const { code, stdout, stderr } = await runCli([
      ...['serve', '--library', join(root, 'none'), '--port', String(port)],
    ]);
    other.close();
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toBe(
      `Port in use. Another program listens on port ${port} of this machine. ` +
        'Choose another one with --port; --port 0 takes any that is free.\n',
    );
    expect(existsSync(join(root, 'none'))).toBe(false);
  });

  it.each(['x', '-1', '65536', '1.5', ''])('refuses the port %j', async (port) => {
    const { code, stderr } = await runCli(['serve', '--library', join(root, 'none'), `--port=${port}`]);
    expect(code).toBe(2);
    expect(stderr).toContain('integer between 0 and 65535 for --port');
    expect(existsSync(join(root, 'none'))).toBe(false);
  });
});

describe('npm start', () => {
  it('serves browser mode where it is asked to', async () => {
    const start = [
      join(ROOT, 'scripts/start.ts'),
      '--browser',
      '--no-open',
      '--library',
      join(root, 'posted'),
    ];
    const address = await serve(start);
    expect(await (await fetch(address.origin + '/' + address.search, { redirect: 'manual' })).text()).toBe(
      '',
    );
    const page = await fetch(address.origin, {
      headers: { authorization: `Bearer ${address.searchParams.get('token')}` },
    });
    expect(await page.text()).toContain('<title>Heirloom</title>');
    expect(await interrupt()).toBe(0);
  }, 180_000);
});
