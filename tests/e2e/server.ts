import { spawn, type ChildProcess } from 'node:child_process';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import WebSocket from 'ws';
import { SOCKET_PATH } from '../../contract/browser-mode.ts';
import type { ApiEnvelope, ApiMethod, ApiParamsInput, ApiResult } from '../../contract/api.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** A running `heirloom serve`. */
export interface Server {
  address: string;
  library: string;
  call<M extends ApiMethod>(method: M, params: ApiParamsInput<M>): Promise<ApiResult<M>>;
  /** Like a person's Ctrl-C, or a power cut with `SIGKILL`. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

export async function startServer(library: string, port: string): Promise<Server> {
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

/** Waits until nothing of the queue is left to do. */
export async function queueDone(server: Server): Promise<ApiResult<'jobs.list'>> {
  for (;;) {
    const queue = await server.call('jobs.list', {});
    const left = queue.jobs.filter(({ state }) => state === 'waiting' || state === 'running');
    if (left.length === 0) return queue;
    await new Promise((done) => setTimeout(done, 500));
  }
}
