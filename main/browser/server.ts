import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, type Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Socket, type AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { PICTURE_PATH, SOCKET_PATH } from '../../contract/browser-mode.ts';
import { ERROR_TABLE, HeirloomError, type ErrorCode } from '../../contract/errors.ts';
import { parsePicturePath } from '../../contract/pictures.ts';
import { envelopeOf } from '../api.ts';
import type { Application } from '../application.ts';
import { answerText, CACHE, protect } from './answer.ts';
import { refusal, tokenCookie, type Guard, type Refusal } from './guard.ts';
import { SocketTransport } from './socket.ts';
import { StaticFiles } from './static-files.ts';
import { parseUploadPath, type Uploads } from './uploads.ts';

export interface BrowserServerOptions {
  application: Application;
  uploads: Uploads;
  /** Folder of the built interface. */
  renderer: string;
  /** 0: any free one. */
  port: number;
  /** 32 hex digits; a random one unless given. */
  token?: string;
}

export interface BrowserServer {
  port: number;
  /** Opens the interface; carries the token. */
  address: string;
  close(): Promise<void>;
}

const TOKEN = /^[0-9a-f]{32}$/;
/** On this machine a request's head comes at once. */
const HEADERS_TIMEOUT_MS = 10_000;
/** The largest file over the slowest disk. */
const REQUEST_TIMEOUT_MS = 10 * 60_000;
/** Of a body that has begun and does not go on, and of a connection that asks for nothing. */
const SILENCE_MS = 15_000;
const CHECK_EVERY_MS = 2_000;
/** A browser opens six. Beyond this the library's own files could not be opened any more. */
const MAX_CONNECTIONS = 256;

const LIMITS = {
  headersTimeout: HEADERS_TIMEOUT_MS,
  requestTimeout: REQUEST_TIMEOUT_MS,
  connectionsCheckingInterval: CHECK_EVERY_MS,
};

interface Site {
  guard: Guard;
  application: Application;
  uploads: Uploads;
  files: StaticFiles;
  socket: SocketTransport;
}

/**
 * Browser mode: the interface, its pictures, uploads and the API's socket over HTTP on 127.0.0.1. Nothing is
 * answered without the token. Throws `port/in-use`, and `argument/invalid` where the port cannot be had otherwise.
 */
export async function startBrowserServer(options: BrowserServerOptions): Promise<BrowserServer> {
  const { application, uploads, renderer, token = randomBytes(16).toString('hex') } = options;
  if (!TOKEN.test(token)) throw new HeirloomError('argument/invalid', 'Expected 32 hex digits for the token');
  await uploads.clean();
  const server = createServer(LIMITS);
  server.maxConnections = MAX_CONNECTIONS;
  server.setTimeout(SILENCE_MS, (stream) => stream.destroy());
  const port = await listen(server, options.port);
  const socket = new SocketTransport(application);
  const site = { guard: { token, port }, application, uploads, files: new StaticFiles(renderer), socket };
  server.on('request', (request, response) => void serve(site, request, response));
  server.on('upgrade', (request, stream, head) => upgrade(site, request, stream, head));
  return {
    port,
    address: `http://127.0.0.1:${port}/?token=${token}`,
    close: () => {
      socket.close();
      return shut(server);
    },
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(listenError(port, error)));
    server.listen({ host: '127.0.0.1', port }, () => resolve((server.address() as AddressInfo).port));
  });
}

function listenError(port: number, error: NodeJS.ErrnoException): HeirloomError {
  if (error.code === 'EADDRINUSE')
    return new HeirloomError('port/in-use', `Another program listens on port ${port} of this machine`);
  return new HeirloomError('argument/invalid', `Cannot listen on port ${port}: ${error.message}`);
}

/** Before a library is opened, or made, for nothing. Throws as `startBrowserServer` does. */
export async function expectFreePort(port: number): Promise<void> {
  if (port === 0) return;
  const server = createServer();
  await listen(server, port);
  await shut(server);
}

function shut(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** Null for an address that is none. */
function urlOf({ url = '' }: IncomingMessage): URL | null {
  return url.startsWith('/') ? URL.parse(`http://127.0.0.1${url}`) : null;
}

async function serve(site: Site, request: IncomingMessage, response: ServerResponse): Promise<void> {
  protect(response);
  try {
    const url = urlOf(request);
    if (!url) return answerText(response, 400, 'No such address.');
    const refused = refusal(request, url, site.guard, request.method === 'POST');
    if (refused) return turnAway(request, response, refused);
    await route(site, request, url, response);
  } catch (error) {
    answerError(response, error);
  } finally {
    // The rest of a body that nobody wants.
    if (!request.complete) request.resume();
  }
}

/** Whoever may not ask does not get to send a long body either. */
function turnAway(request: IncomingMessage, response: ServerResponse, { status, message }: Refusal): void {
  if (!request.complete) response.setHeader('Connection', 'close');
  answerText(response, status, message);
}

async function route(
  site: Site,
  request: IncomingMessage,
  url: URL,
  response: ServerResponse,
): Promise<void> {
  const { method } = request;
  if (method === 'POST') return receive(site, request, url, response);
  if (method !== 'GET' && method !== 'HEAD') {
    response.setHeader('Allow', 'GET, HEAD, POST');
    return answerText(response, 405, 'Heirloom knows GET, HEAD and POST.');
  }
  // The answer may take its time: a large picture is made when it is first asked for.
  request.socket.setTimeout(0);
  if (url.pathname === '/' && url.searchParams.has('token')) return welcome(site, response);
  if (url.pathname.startsWith(PICTURE_PATH)) return sendPicture(site, url.pathname, request, response);
  return site.files.answer(url.pathname, response, method === 'GET');
}

/** From here on a cookie carries the token, so that it stays out of the address bar and the history. */
function welcome({ guard }: Site, response: ServerResponse): void {
  response.writeHead(303, {
    'Set-Cookie': tokenCookie(guard),
    Location: '/',
    'Cache-Control': 'no-store',
  });
  response.end();
}

async function sendPicture(
  { application }: Site,
  pathname: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const address = parsePicturePath(pathname.slice(PICTURE_PATH.length));
  if (!address) return answerText(response, 404, 'Heirloom has no such picture.');
  const { path, contentType } = await application.pictureFile(address);
  const info = await stat(path);
  const tag = tagOf(path, info);
  response.setHeader('Cache-Control', CACHE.never).setHeader('ETag', tag);
  if (request.headers['if-none-match'] === tag) return void response.writeHead(304).end();
  response.writeHead(200, { 'Content-Type': contentType, 'Content-Length': info.size });
  if (request.method === 'GET') await pipeline(createReadStream(path), response);
  else response.end();
}

/** Tells a file from every other one. The address does not: each library, on this port in its turn, has a photo 1. */
function tagOf(path: string, { size, mtimeMs }: Stats): string {
  const hash = createHash('sha256').update(JSON.stringify([path, size, mtimeMs]));
  return `"${hash.digest('hex')}"`;
}

async function receive(
  { uploads }: Site,
  request: IncomingMessage,
  { pathname }: URL,
  response: ServerResponse,
): Promise<void> {
  try {
    const upload = parseUploadPath(pathname);
    if (!upload) return answerText(response, 404, 'Files are posted to /upload/<32 hex digits>/<name>.');
    await uploads.receive(upload, request);
  } catch (error) {
    return answerRefusal(response, error);
  }
  response.writeHead(204, { 'Cache-Control': 'no-store' });
  response.end();
}

const UPLOAD_STATUS: Partial<Record<ErrorCode, number>> = { 'input/too-large': 413, 'input/unreadable': 400 };

/** The interface says of each file why it was not taken. */
function answerRefusal(response: ServerResponse, error: unknown): void {
  if (!(error instanceof HeirloomError)) return answerError(response, error);
  if (response.headersSent || response.destroyed) return void response.destroy();
  const status = UPLOAD_STATUS[error.code] ?? 500;
  response.writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
  response.end(JSON.stringify(envelopeOf(error)));
}

function answerError(response: ServerResponse, error: unknown): void {
  // Who asked went away in the middle.
  if (response.headersSent || response.destroyed) return void response.destroy();
  if (!(error instanceof HeirloomError)) {
    console.error(error);
    return answerText(response, 500, ERROR_TABLE.internal.title);
  }
  const status = error.code === 'input/too-large' ? 413 : 404;
  answerText(response, status, `${ERROR_TABLE[error.code].title}. ${ERROR_TABLE[error.code].advice}`);
}

function upgrade(site: Site, request: IncomingMessage, stream: Duplex, head: Buffer): void {
  stream.on('error', () => stream.destroy());
  const url = urlOf(request);
  const refused = url && refusal(request, url, site.guard, true);
  if (url?.pathname === SOCKET_PATH && !refused) {
    if (stream instanceof Socket) stream.setTimeout(0);
    return site.socket.accept(request, stream, head);
  }
  const { status, message } = refused ?? { status: 404, message: `The socket is ${SOCKET_PATH}.` };
  stream.end(
    `HTTP/1.1 ${status} Refused\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n${message}\n`,
    // The other side may keep its half open for ever.
    () => stream.destroy(),
  );
}
