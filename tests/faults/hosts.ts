import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import WebSocket from 'ws';
import {
  API_CALLS,
  apiMessageSchema,
  type ApiMethod,
  type ApiParamsInput,
  type ApiResult,
} from '../../contract/api.ts';
import { envelopeSchema, HeirloomError } from '../../contract/errors.ts';
import { MAIN } from '../fixtures/run-cli.ts';

/** Heirloom as a process of its own. */
export interface Host {
  readonly kind: HostKind;
  readonly pid: number;
  call<M extends ApiMethod>(method: M, params: ApiParamsInput<M>): Promise<ApiResult<M>>;
  /** Ends in order; the exit code. */
  close(): Promise<number | null>;
  /** As the power does. Resolves when the process is gone. */
  kill(): Promise<void>;
  /** What it has written to stderr. */
  readonly errors: string;
}

/** `serve`: browser mode as a person starts it. `application`: what Electron's shell opens, in plain Node. */
export type HostKind = 'serve' | 'application';
export const HOST_KINDS: readonly HostKind[] = ['serve', 'application'];

const APPLICATION = fileURLToPath(new URL('./application-host.ts', import.meta.url));

interface Wire {
  send(message: { id: number; method: string; params: unknown }): void;
}

class HostProcess implements Host {
  readonly kind: HostKind;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<
    number,
    { resolve: (value: unknown) => void; reject: (error: Error) => void }
  >();
  #wire: Wire | undefined;
  #id = 0;
  errors = '';

  constructor(kind: HostKind, child: ChildProcess) {
    this.kind = kind;
    this.#child = child;
    child.stderr
      ?.setEncoding('utf8')
      .on('data', (text: string) => (this.errors = (this.errors + text).slice(-4000)));
    child.once('exit', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('The host is gone'));
      this.#waiting.clear();
    });
  }

  get pid(): number {
    return this.#child.pid!;
  }

  connect(wire: Wire): void {
    this.#wire = wire;
  }

  receive(id: number, envelope: unknown): void {
    this.#waiting.get(id)?.resolve(envelope);
    this.#waiting.delete(id);
  }

  async call<M extends ApiMethod>(method: M, params: ApiParamsInput<M>): Promise<ApiResult<M>> {
    const id = ++this.#id;
    const answer = new Promise<unknown>((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) throw new Error('The host is gone');
    this.#wire!.send({ id, method, params });
    const envelope = envelopeSchema.parse(await answer);
    if (envelope.ok) return API_CALLS[method].result.parse(envelope.value) as ApiResult<M>;
    throw new HeirloomError(envelope.error.code, envelope.error.message, envelope.error.details);
  }

  async close(): Promise<number | null> {
    this.#child.kill('SIGTERM');
    return this.#gone();
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#gone();
  }

  async #gone(): Promise<number | null> {
    const { exitCode, signalCode } = this.#child;
    if (exitCode === null && signalCode === null) await once(this.#child, 'exit');
    return this.#child.exitCode;
  }
}

/** Started, but perhaps not open yet: a kill may come before. */
export interface Starting {
  pid: number;
  kill(): Promise<void>;
  /** Rejects where it ended before it was open. */
  opened: Promise<Host>;
}

export interface StartOptions {
  env?: NodeJS.ProcessEnv;
  args?: string[];
}

export function startHost(
  kind: HostKind,
  library: string,
  { env = {}, args = [] }: StartOptions = {},
): Starting {
  const environment = { ...process.env, HEIRLOOM_TOKEN: '', ...env };
  const child =
    kind === 'serve'
      ? spawn(process.execPath, [MAIN, 'serve', '--library', library, ...args], {
          ...{ env: environment, stdio: ['ignore', 'pipe', 'pipe'] },
        })
      : fork(APPLICATION, [library, ...args], {
          ...{
            env: environment,
            stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
            execArgv: [],
            serialization: 'json',
          },
        });
  const host = new HostProcess(kind, child);
  const opened = Promise.race([
    kind === 'serve' ? openedOverSocket(child, host) : openedOverIpc(child, host),
    once(child, 'exit').then(([code, signal]) => {
      throw new Error(`The host ended with ${String(code ?? signal)}: ${host.errors}`);
    }),
  ]);
  opened.catch(() => undefined);
  return { pid: child.pid!, kill: () => host.kill(), opened };
}

export async function openHost(kind: HostKind, library: string, options: StartOptions = {}): Promise<Host> {
  return startHost(kind, library, options).opened;
}

async function openedOverSocket(child: ChildProcess, host: HostProcess): Promise<Host> {
  const { host: authority, search } = await printedAddress(child);
  const socket = new WebSocket(`ws://${authority}/socket${search}`, {
    headers: { origin: `http://${authority}` },
  });
  socket.on('error', () => undefined);
  socket.on('message', (data: Buffer) => {
    const message = apiMessageSchema.parse(JSON.parse(data.toString()));
    if (message.type !== 'event') host.receive(message.id, message.envelope);
  });
  await once(socket, 'open');
  host.connect({ send: (message) => socket.send(JSON.stringify(message)) });
  return host;
}

function printedAddress(child: ChildProcess): Promise<URL> {
  let output = '';
  return new Promise((resolve) =>
    child.stdout!.on('data', (text: Buffer) => {
      output += text.toString();
      const [address] = /http:\/\/\S+/.exec(output) ?? [];
      if (address) resolve(new URL(address));
    }),
  );
}

async function openedOverIpc(child: ChildProcess, host: HostProcess): Promise<Host> {
  child.on('message', (message: { id: number; envelope: unknown }) =>
    host.receive(message.id, message.envelope),
  );
  await once(child, 'message');
  host.connect({ send: (message) => child.send(message) });
  return host;
}

/** Children that are engine processes (Linux). */
export function enginesOf(pid: number): number[] {
  return childrenOf(pid).filter((id) => /engine.process\.ts/.test(read(`/proc/${id}/cmdline`)));
}

function childrenOf(pid: number): number[] {
  return read(`/proc/${pid}/task/${pid}/children`).trim().split(' ').filter(Boolean).map(Number);
}

export function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** A zombie counts as gone. */
export function isRunning(pid: number): boolean {
  return existsSync(`/proc/${pid}`) && !/\) Z/.test(read(`/proc/${pid}/stat`));
}

/** Whether all are gone by themselves in time. */
export async function endByThemselves(pids: readonly number[], seconds = 30): Promise<boolean> {
  for (let i = 0; i < seconds * 20; i++) {
    if (!pids.some(isRunning)) return true;
    await sleep(50);
  }
  return false;
}
