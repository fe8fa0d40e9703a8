import type { ApiEnvelope, ApiEvent, ApiMessage, ApiMethod } from '../../contract/api.ts';
import { ApiError } from './api-error.ts';
import type { Transport } from './transport.ts';

/** First and longest wait before another attempt, milliseconds. */
const FIRST_WAIT = 250;
const LONGEST_WAIT = 5000;
const UNAUTHORIZED = 401;

interface Pending {
  resolve: (envelope: ApiEnvelope) => void;
  reject: (error: ApiError) => void;
}

/** Status of a page of the server; rejects where no server answers. A refused socket tells no reason, this does. */
export type AskStatus = () => Promise<number>;

const askStatus: AskStatus = async () => (await fetch('/', { method: 'HEAD', cache: 'no-store' })).status;

/** Browser mode: one WebSocket that connects again by itself. Calls wait for the first connection; a lost one fails them. */
export class SocketTransport implements Transport {
  readonly #address: string;
  readonly #open: (address: string) => WebSocket;
  readonly #askStatus: AskStatus;
  readonly #pending = new Map<number, Pending>();
  readonly #events = new Set<(event: ApiEvent) => void>();
  readonly #connections = new Set<(connected: boolean) => void>();
  readonly #refusals = new Set<() => void>();
  #unsent: string[] = [];
  #socket: WebSocket | null = null;
  #connected = false;
  #refused = false;
  #nextId = 1;
  #wait = FIRST_WAIT;

  constructor(
    address: string,
    open = (to: string): WebSocket => new WebSocket(to),
    status: AskStatus = askStatus,
  ) {
    this.#address = address;
    this.#open = open;
    this.#askStatus = status;
    this.#connect();
  }

  call(method: ApiMethod, params: unknown): Promise<ApiEnvelope> {
    if (this.#refused) return Promise.reject(lost());
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#send(JSON.stringify({ id, method, params }));
    });
  }

  onEvent(listener: (event: ApiEvent) => void): () => void {
    this.#events.add(listener);
    return () => this.#events.delete(listener);
  }

  onConnection(listener: (connected: boolean) => void): () => void {
    this.#connections.add(listener);
    listener(this.#connected);
    return () => this.#connections.delete(listener);
  }

  onRefused(listener: () => void): () => void {
    this.#refusals.add(listener);
    if (this.#refused) listener();
    return () => this.#refusals.delete(listener);
  }

  #send(text: string): void {
    if (this.#connected) this.#socket?.send(text);
    else this.#unsent.push(text);
  }

  #connect(): void {
    const socket = this.#open(this.#address);
    this.#socket = socket;
    socket.addEventListener('open', () => this.#opened());
    socket.addEventListener('message', (event: MessageEvent<string>) => this.#received(event.data));
    socket.addEventListener('close', () => this.#closed());
  }

  #opened(): void {
    this.#wait = FIRST_WAIT;
    this.#tellConnection(true);
    const unsent = this.#unsent;
    this.#unsent = [];
    for (const text of unsent) this.#send(text);
  }

  #received(text: string): void {
    const message = JSON.parse(text) as ApiMessage;
    if (message.type === 'event') {
      for (const listener of this.#events) listener(message.event);
      return;
    }
    const pending = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    pending?.resolve(message.envelope);
  }

  /** An answer that was on its way never comes: whoever waits is told, and may call again. */
  #closed(): void {
    const failed = !this.#connected;
    this.#tellConnection(false);
    this.#loseCalls();
    setTimeout(() => void this.#tryAgain(failed), this.#wait);
    this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT);
  }

  #loseCalls(): void {
    const waiting = [...this.#pending.values()];
    this.#pending.clear();
    this.#unsent = [];
    for (const { reject } of waiting) reject(lost());
  }

  /** An attempt that failed may have been turned away by a server with a newer token: that one will never be let in. */
  async #tryAgain(failed: boolean): Promise<void> {
    const status = failed ? await this.#askStatus().catch(() => null) : null;
    if (status !== UNAUTHORIZED) return this.#connect();
    this.#refused = true;
    this.#loseCalls();
    for (const listener of this.#refusals) listener();
  }

  #tellConnection(connected: boolean): void {
    if (connected === this.#connected) return;
    this.#connected = connected;
    for (const listener of this.#connections) listener(connected);
  }
}

function lost(): ApiError {
  return new ApiError('connection/lost', 'The connection to Heirloom was lost');
}
