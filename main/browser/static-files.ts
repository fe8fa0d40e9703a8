import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { extname, join, relative, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { answerText, CACHE } from './answer.ts';

const CONTENT_TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
};

/**
 * The built interface. What can be asked for is a list made from the folder, never a path made from the request; it
 * is made anew with each visit of the page, since a build may have come between.
 */
export class StaticFiles {
  readonly #folder: string;
  #files = new Map<string, string>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  async answer(pathname: string, response: ServerResponse, body: boolean): Promise<void> {
    if (pathname === '/') await this.#list();
    const file = this.#files.get(pathname === '/' ? '/index.html' : pathname);
    if (file !== undefined) return send(file, pathname, response, body);
    if (pathname === '/')
      return answerText(response, 503, 'The interface is not built yet. `npm start` builds it.');
    answerText(response, 404, 'Heirloom has nothing under this address.');
  }

  async #list(): Promise<void> {
    const entries = await readdir(this.#folder, { recursive: true, withFileTypes: true }).catch(() => []);
    const files = entries.filter((entry) => entry.isFile() && extname(entry.name) in CONTENT_TYPES);
    const paths = files.map((entry) => join(entry.parentPath, entry.name));
    this.#files = new Map(
      paths.map((path) => [`/${relative(this.#folder, path).split(sep).join('/')}`, path]),
    );
  }
}

async function send(file: string, pathname: string, response: ServerResponse, body: boolean): Promise<void> {
  // Vite puts a hash of the content into the names of these.
  const cache = pathname.startsWith('/assets/') ? CACHE.forever : CACHE.never;
  const type = CONTENT_TYPES[extname(file)] ?? 'application/octet-stream';
  response.writeHead(200, { 'Content-Type': type, 'Cache-Control': cache });
  if (body) await pipeline(createReadStream(file), response);
  else response.end();
}
