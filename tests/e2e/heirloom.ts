import { spawn, type ChildProcess } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test as base, type Page } from '@playwright/test';
import WebSocket from 'ws';
import { SOCKET_PATH } from '../../contract/browser-mode.ts';
import type { ApiEnvelope, ApiMethod, ApiParamsInput, ApiResult } from '../../contract/api.ts';

export { expect } from '@playwright/test';

const ROOT = resolve(import.meta.dirname, '../..');
export const SAMPLES = join(ROOT, 'samples');

/** A running `heirloom serve`. */
export interface Server {
  address: string;
  library: string;
  call<M extends ApiMethod>(method: M, params: ApiParamsInput<M>): Promise<ApiResult<M>>;
  /** Like a person's Ctrl-C, or a power cut with `SIGKILL`. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

async function startServer(library: string, port: string): Promise<Server> {
  const child = spawn(process.execPath, ['cli/main.ts', 'serve', '--library', library, '--port', port], {
    cwd: ROOT,
    env: { ...process.env, HEIRLOOM_TOKEN: '' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const address = await readAddress(child);
  return {
    address,
    library,
    call: (method, params) => callApi(address, method, params) as never,
    stop: (signal = 'SIGINT') => end(child, signal),
  };
}

async function readAddress(child: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: child.stdout! })) {
    const [address] = /http:\/\/127\.0\.0\.1:\d+\/\?token=\w+/.exec(line) ?? [];
    if (address) {
      child.stdout!.resume();
      return address;
    }
  }
  throw new Error(`heirloom serve ended with ${child.exitCode} and printed no address`);
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((done) => child.once('exit', done));
  child.kill(signal);
  await gone;
}

/** One call over a socket of its own, to prepare and to check what a test is about. */
async function callApi(address: string, method: string, params: unknown): Promise<unknown> {
  const { host, origin, searchParams } = new URL(address);
  const socket = new WebSocket(`ws://${host}${SOCKET_PATH}?token=${searchParams.get('token')}`, { origin });
  try {
    await new Promise((done, fail) => socket.once('open', done).once('error', fail));
    const answer = new Promise<ApiEnvelope>((done) =>
      socket.on('message', (data) => {
        const message = JSON.parse((data as Buffer).toString('utf8')) as {
          type: string;
          envelope: ApiEnvelope;
        };
        if (message.type === 'response') done(message.envelope);
      }),
    );
    socket.send(JSON.stringify({ id: 1, method, params }));
    const envelope = await answer;
    if (envelope.ok) return envelope.value;
    throw new Error(`${method}: ${envelope.error.code} ${envelope.error.message}`);
  } finally {
    socket.close();
  }
}

interface Fixtures {
  /** An empty folder that is removed afterwards. */
  folder: string;
  /** Starts servers that end with the test, on any free port unless one is named. */
  start: (library: string, port?: string) => Promise<Server>;
  /** A library that holds the samples, toured already. */
  server: Server;
  /** The page of `server`, at the library. */
  heirloom: Page;
}

export const test = base.extend<Fixtures>({
  folder: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'heirloom-e2e-'));
    await use(folder);
    await rm(folder, { recursive: true, force: true });
  },
  start: async ({ folder: _folder }, use) => {
    const servers: Server[] = [];
    await use(async (library, port = '0') => {
      const server = await startServer(library, port);
      servers.push(server);
      return server;
    });
    await Promise.all(servers.map((server) => server.stop()));
  },
  server: async ({ folder, start }, use) => {
    const server = await start(join(folder, 'library'));
    await settle(server);
    await use(server);
  },
  heirloom: async ({ server, page }, use) => {
    await page.goto(server.address);
    await use(page);
  },
});

/** Past the welcome: samples imported, nothing waiting, no tour. */
async function settle(server: Server): Promise<void> {
  await server.call('settings.set', { tourDone: true, language: 'en', speed: 'draft' });
  await server.call('app.info', {});
  const { jobs } = await server.call('jobs.list', {});
  const ids = jobs.filter(({ state }) => state === 'waiting' || state === 'running').map(({ id }) => id);
  if (ids.length > 0) await server.call('jobs.control', { ids, action: 'cancel' });
  await queueDone(server);
  await server.call('jobs.clearFinished', {});
}

/** Copies of samples under new names, in a folder of their own. */
export async function copySamples(folder: string, names: Record<string, string>): Promise<string> {
  const target = join(folder, 'photos');
  await mkdir(target, { recursive: true });
  for (const [name, sample] of Object.entries(names)) await cp(join(SAMPLES, sample), join(target, name));
  return target;
}

export function readBytes(path: string): Promise<Buffer> {
  return readFile(path);
}

/** Opens a photo of the library by its name. */
export async function openPhoto(page: Page, name: string): Promise<void> {
  const cell = page.getByRole('gridcell', { name });
  // The timeline may still take its shape, and the second click meet another photo: back, and again.
  await expect(async () => {
    if (!(await cell.isVisible())) await page.keyboard.press('Escape');
    await cell.dblclick({ timeout: 5000 });
    await page.getByRole('group', { name: new RegExp(`^${name}`) }).waitFor({ timeout: 5000 });
  }).toPass({ timeout: 60_000 });
}

/** Chooses one of a group of radio buttons, whose inputs are hidden under their labels. */
export async function choose(page: Page, group: string, option: string): Promise<void> {
  await page.getByRole('group', { name: group, exact: true }).locator('label', { hasText: option }).click();
}

/** Waits until nothing of the queue is left to do. */
export async function queueDone(server: Server): Promise<ApiResult<'jobs.list'>> {
  for (;;) {
    const queue = await server.call('jobs.list', {});
    const left = queue.jobs.filter(({ state }) => state === 'waiting' || state === 'running');
    if (left.length === 0) return queue;
    await new Promise((done) => setTimeout(done, 500));
  }
}

/** The id of a photo by its file name. */
export async function photoId(server: Server, name: string): Promise<number> {
  const ids = await server.call('timeline.ids', { query: {} });
  for (const id of ids) {
    const photo = await server.call('photos.get', { id });
    if (photo.name === name) return id;
  }
  throw new Error(`Expected a photo ${name} in the library`);
}
