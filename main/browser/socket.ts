import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import { apiRequestSchema, type ApiEvent, type ApiMessage } from '../../contract/api.ts';
import { MESSAGE_LIMIT_BYTES } from '../../contract/browser-mode.ts';
import type { Application } from '../application.ts';

/** A connection that does not answer for this long is gone, milliseconds. */
const HEARTBEAT_MS = 30_000;
/** Bytes that may wait for a slow client before it gets no more pictures of work in progress. */
const SLOW_BYTES = 1024 ** 2;
/** Bytes that may wait at all; the client connects again and reads anew. */
const STUCK_BYTES = 64 * 1024 ** 2;
const PICTURES = new Set<ApiEvent['kind']>(['preview', 'draft']);

/** Sends one message; false where the client is too slow for it. */
function send(socket: WebSocket, message: ApiMessage): void {
  if (socket.readyState !== socket.OPEN) return;
  if (socket.bufferedAmount > STUCK_BYTES) return socket.terminate();
  socket.send(JSON.stringify(message));
}

function sendEvent(socket: WebSocket, event: ApiEvent): void {
  if (PICTURES.has(event.kind) && socket.bufferedAmount > SLOW_BYTES) return;
  send(socket, { type: 'event', event });
}

function parse(data: RawData, isBinary: boolean): unknown {
  if (isBinary || !Buffer.isBuffer(data)) return null;
  try {
    return JSON.parse(data.toString('utf8'));
  } catch {
    return null;
  }
}

/** The id of a message that is no request otherwise, so that its sender does not wait; 0 where it has none. */
function idOf(message: unknown): number {
  const parsed = apiRequestSchema.shape.id.safeParse((message as { id?: unknown } | null)?.id);
  return parsed.success ? parsed.data : 0;
}

async function answer(socket: WebSocket, application: Application, message: unknown): Promise<void> {
  const request = apiRequestSchema.safeParse(message);
  if (request.success) {
    const { id, method, params } = request.data;
    return send(socket, { type: 'response', id, envelope: await application.call(method, params) });
  }
  const error = { code: 'api/invalid', message: 'Expected {id, method, params} as JSON' } as const;
  send(socket, { type: 'response', id: idOf(message), envelope: { ok: false, error } });
}

function keepAlive(sockets: Set<WebSocket>): NodeJS.Timeout {
  const silent = new WeakSet<WebSocket>();
  const beat = () => {
    for (const socket of sockets) {
      if (silent.has(socket)) {
        socket.terminate();
        continue;
      }
      silent.add(socket);
      socket.once('pong', () => silent.delete(socket));
      socket.ping();
    }
  };
  return setInterval(beat, HEARTBEAT_MS).unref();
}

/** The API over WebSockets: requests, their answers, every event to every window. */
export class SocketTransport {
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: MESSAGE_LIMIT_BYTES });
  readonly #application: Application;
  readonly #heartbeat = keepAlive(this.#server.clients);
  readonly #stopEvents: () => void;

  constructor(application: Application) {
    this.#application = application;
    this.#stopEvents = application.onEvent((event) => {
      for (const socket of this.#server.clients) sendEvent(socket, event);
    });
  }

  /** A request to upgrade that the guard has let through. */
  accept(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    this.#server.handleUpgrade(request, stream, head, (socket) => {
      // A message that is too long closes the socket, which the client opens again.
      socket.on('error', () => socket.terminate());
      socket.on('message', (data, isBinary) => {
        answer(socket, this.#application, parse(data, isBinary)).catch(console.error);
      });
    });
  }

  close(): void {
    clearInterval(this.#heartbeat);
    this.#stopEvents();
    for (const socket of this.#server.clients) socket.terminate();
    this.#server.close();
  }
}
