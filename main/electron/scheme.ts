import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { extname, join, relative, isAbsolute } from 'node:path';
import { Readable } from 'node:stream';
import { protocol } from 'electron';
import { INTERFACE_ORIGIN } from '../../contract/bridge.ts';
import { HeirloomError } from '../../contract/errors.ts';
import { parsePicturePath, type PictureAddress } from '../../contract/pictures.ts';

const SCHEME = 'heirloom';
export const INTERFACE_URL = `${INTERFACE_ORIGIN}/index.html`;

/** Nothing but the interface's own files and the library's pictures; Svelte sets positions as style attributes. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "style-src-attr 'unsafe-inline'",
  "img-src 'self' heirloom://picture data: blob:",
  "font-src 'self'",
  "connect-src 'self' heirloom://picture",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
};
/** A revision in the address makes a picture's bytes final. */
const FOREVER = 'private, max-age=31536000, immutable';

export interface SchemeSources {
  /** Folder of the built interface. */
  rendererFolder: string;
  pictureFile: (address: PictureAddress) => Promise<{ path: string; contentType: string }>;
}

/** To be called before the app is ready. */
export function registerScheme(): void {
  const privileges = {
    standard: true,
    secure: true,
    supportFetchAPI: true,
    corsEnabled: true,
    codeCache: true,
  };
  protocol.registerSchemesAsPrivileged([{ scheme: SCHEME, privileges }]);
}

/** Serves `heirloom://app/` from the interface's folder and `heirloom://picture/` by ids, to the interface only. */
export function serveScheme(sources: SchemeSources): void {
  protocol.handle(SCHEME, (request) => answer(request, sources).catch(toResponse));
}

async function answer(request: Request, sources: SchemeSources): Promise<Response> {
  // Electron adds who asked; a page cannot forge it. Absent where the browser itself asked.
  const { initiatorOrigin = INTERFACE_ORIGIN } = request as Request & { initiatorOrigin?: string };
  if (initiatorOrigin !== INTERFACE_ORIGIN) return refuse(403);
  if (request.method !== 'GET') return refuse(405);
  const { hostname, pathname, searchParams } = new URL(request.url);
  if (hostname === 'app') return serveInterfaceFile(sources.rendererFolder, pathname);
  if (hostname === 'picture') return servePicture(sources, pathname.slice(1), searchParams.has('r'));
  return refuse(404);
}

async function serveInterfaceFile(folder: string, pathname: string): Promise<Response> {
  const file = fileInside(folder, pathname === '/' ? '/index.html' : pathname);
  const contentType = file && CONTENT_TYPES[extname(file)];
  if (!contentType) return refuse(404);
  const body = await readFile(file).catch(() => null);
  if (!body) return refuse(404);
  return new Response(body, {
    headers: {
      'Content-Type': contentType,
      'Content-Security-Policy': CONTENT_SECURITY_POLICY,
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
    },
  });
}

async function servePicture(
  { pictureFile }: SchemeSources,
  picturePath: string,
  revised: boolean,
): Promise<Response> {
  const address = parsePicturePath(picturePath);
  if (!address) return refuse(404);
  const { path, contentType } = await pictureFile(address);
  const { size } = await stat(path);
  return new Response(Readable.toWeb(createReadStream(path)), {
    headers: {
      'Content-Type': contentType,
      'Content-Length': String(size),
      'Cache-Control': revised ? FOREVER : 'no-store',
      // The comparison reads pixels, and the pictures' host is another origin.
      'Access-Control-Allow-Origin': INTERFACE_ORIGIN,
      'X-Content-Type-Options': 'nosniff',
    },
  });
}

/** Null for what is not below the folder, encoded or not. */
function fileInside(folder: string, pathname: string): string | null {
  const decoded = decode(pathname);
  if (decoded === null || decoded.includes('\0')) return null;
  const file = join(folder, decoded);
  const way = relative(folder, file);
  return way === '' || way.startsWith('..') || isAbsolute(way) ? null : file;
}

function decode(pathname: string): string | null {
  try {
    return decodeURIComponent(pathname);
  } catch {
    return null;
  }
}

function refuse(status: number): Response {
  return new Response(null, { status });
}

function toResponse(error: unknown): Response {
  const missing = error instanceof HeirloomError && error.code.startsWith('library/');
  return refuse(missing ? 404 : 500);
}
