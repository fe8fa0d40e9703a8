import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import WebSocket from 'ws';
import {
  API_CALLS,
  apiMessageSchema,
  type ApiEnvelope,
  type ApiMethod,
  type ApiParamsInput,
  type ApiResult,
} from '../../contract/api.ts';
import { HeirloomError } from '../../contract/errors.ts';
import type { ImportReport } from '../../contract/library.ts';

const ENTRY = fileURLToPath(new URL('./app-process.ts', import.meta.url));

/** The application in its own process, reached as its interface reaches it. */
export class Application {
  readonly #child: ChildProcess;
  readonly #socket: WebSocket;
  readonly #address: URL;
  readonly #waiting = new Map<number, (envelope: ApiEnvelope) => void>();
  /** Reports of imports; one may have ended before its start was answered. */
  readonly #imports = new Map<number, PromiseWithResolvers<ImportReport>>();
  readonly #gone: Promise<never>;
  #id = 0;

  private constructor(child: ChildProcess, socket: WebSocket, address: URL) {
    this.#child = child;
    this.#socket = socket;
    this.#address = address;
    this.#gone = new Promise((_, reject) =>
      child.once('exit', (code, signal) => reject(new Error(`The application ended: ${signal ?? code}`))),
    );
    this.#gone.catch(() => undefined);
    socket.on('message', (data: Buffer) => this.#receive(data));
  }

  static async start(root: string): Promise<Application> {
    const child = fork(ENTRY, [root], {
      env: { ...process.env, HOME: root, XDG_CACHE_HOME: root },
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    });
    const address = await new Promise<URL>((resolve, reject) => {
      child.stdout?.on('data', (text: Buffer) => resolve(new URL(text.toString().trim())));
      child.once('exit', (code) => reject(new Error(`The application ended with ${code}`)));
    });
    const socket = new WebSocket(`ws://${address.host}/socket${address.search}`, { origin: address.origin });
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    return new Application(child, socket, address);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  async call<M extends ApiMethod>(method: M, params: ApiParamsInput<M>): Promise<ApiResult<M>> {
    const id = ++this.#id;
    const answer = new Promise<ApiEnvelope>((resolve) => this.#waiting.set(id, resolve));
    this.#socket.send(JSON.stringify({ id, method, params }));
    const envelope = await Promise.race([answer, this.#gone]);
    if (!envelope.ok) throw new HeirloomError(envelope.error.code, envelope.error.message);
    return API_CALLS[method].result.parse(envelope.value) as ApiResult<M>;
  }

  /** Imports paths and waits for the report; cancelled after `limitMs`. */
  async import(paths: string[], limitMs: number): Promise<ImportReport> {
    const { id } = await this.call('import.start', { paths, mode: 'copy' });
    const cancel = setTimeout(() => void this.call('import.control', { id, action: 'cancel' }), limitMs);
    try {
      return await Promise.race([this.#importOf(id).promise, this.#gone]);
    } finally {
      clearTimeout(cancel);
      this.#imports.delete(id);
      if (this.running) await this.call('import.control', { id, action: 'dismiss' });
    }
  }

  /** Status and size of a picture of the library. */
  async picture(path: string): Promise<{ status: number; bytes: number }> {
    const token = this.#address.searchParams.get('token') ?? '';
    const response = await fetch(new URL(`/picture/${path}`, this.#address), {
      headers: { authorization: `Bearer ${token}` },
    });
    return { status: response.status, bytes: (await response.arrayBuffer()).byteLength };
  }

  async stop(): Promise<void> {
    this.#socket.terminate();
    if (!this.running) return;
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.disconnect();
    await ended;
  }

  #importOf(id: number): PromiseWithResolvers<ImportReport> {
    const known = this.#imports.get(id) ?? Promise.withResolvers<ImportReport>();
    this.#imports.set(id, known);
    return known;
  }

  #receive(data: Buffer): void {
    const message = apiMessageSchema.parse(JSON.parse(data.toString()));
    if (message.type === 'response') {
      this.#waiting.get(message.id)?.(message.envelope);
      this.#waiting.delete(message.id);
    } else if (message.event.kind === 'import') {
      const { report } = message.event;
      if (report.state === 'done' || report.state === 'cancelled') this.#importOf(report.id).resolve(report);
    }
  }
}
