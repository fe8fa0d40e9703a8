import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { HeirloomError } from '../../../../contract/errors.ts';
import type { PictureAddress } from '../../../../contract/pictures.ts';
import { registerScheme, serveScheme } from '../../../../main/electron/scheme.ts';
import { protocol, resetElectron } from './electron-stand-in.ts';

vi.mock('electron', () => import('./electron-stand-in.ts'));

const PICTURE = Buffer.from('RIFF....WEBP');

describe('the heirloom scheme', () => {
  let folder: string;
  let asked: PictureAddress[];
  beforeEach(async () => {
    resetElectron();
    asked = [];
    folder = await mkdtemp(join(tmpdir(), 'heirloom-scheme-'));
    await mkdir(join(folder, 'renderer', 'assets'), { recursive: true });
    await writeFile(join(folder, 'renderer', 'index.html'), '<!doctype html>');
    await writeFile(join(folder, 'renderer', 'assets', 'app ü.js'), 'export {}');
    await writeFile(join(folder, 'renderer', 'notes'), 'no type');
    await writeFile(join(folder, 'secret.json'), '{}');
    await writeFile(join(folder, 'large.webp'), PICTURE);
    serveScheme({ rendererFolder: join(folder, 'renderer'), pictureFile });
  });
  afterEach(() => rm(folder, { recursive: true }));

  function pictureFile(address: PictureAddress) {
    asked.push(address);
    if ('id' in address && address.id === 404)
      return Promise.reject(new HeirloomError('library/not-found', 'Photo 404 is not in the library'));
    if ('id' in address && address.id === 500) return Promise.reject(new Error('disk on fire at /home/anna'));
    return Promise.resolve({ path: join(folder, 'large.webp'), contentType: 'image/webp' });
  }

  function get(url: string, init: RequestInit & { initiatorOrigin?: string } = {}): Promise<Response> {
    const { initiatorOrigin, ...rest } = init;
    const request = Object.assign(new Request(url, rest), initiatorOrigin && { initiatorOrigin });
    return protocol.handlers.get('heirloom')!(request);
  }

  it('is registered as a secure origin, without a way around the content security policy', () => {
    registerScheme();
    expect(protocol.privileged).toEqual([
      {
        scheme: 'heirloom',
        privileges: {
          standard: true,
          secure: true,
          supportFetchAPI: true,
          corsEnabled: true,
          codeCache: true,
        },
      },
    ]);
  });

  it('serves the interface under a policy that allows nothing else', async () => {
    for (const url of ['heirloom://app/', 'heirloom://app/index.html']) {
      const response = await get(url);
      expect(response.status).toBe(200);
      expect(await response.text()).toBe('<!doctype html>');
      expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
      const policy = response.headers.get('content-security-policy') ?? '';
      expect(policy).toMatch(/^default-src 'none'; script-src 'self'; /);
      expect(policy).not.toMatch(/https?:|\*|unsafe-eval|script-src[^;]*unsafe/);
    }
  });

  it('serves files with spaces and other letters', async () => {
    const response = await get('heirloom://app/assets/app%20%C3%BC.js?v=1');
    expect(await response.text()).toBe('export {}');
    expect(response.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
  });

  it.each([
    'heirloom://app/../secret.json',
    'heirloom://app/..%2fsecret.json',
    'heirloom://app/%2e%2e%2fsecret.json',
    'heirloom://app/assets/..%2f..%2fsecret.json',
    'heirloom://app//etc/hostname.json',
    'heirloom://app/%2fetc%2fhostname.json',
    'heirloom://app/..%5csecret.json',
    'heirloom://app/index.html%00.json',
    'heirloom://app/%ff.json',
    'heirloom://app/notes',
    'heirloom://app/assets',
    'heirloom://app/missing.js',
    'heirloom://elsewhere/index.html',
    'heirloom://picture/',
    'heirloom://picture/photo/0/large',
    'heirloom://picture/photo/1/huge',
    'heirloom://picture/..%2fsecret.json',
    'heirloom://picture/photo/1/large/../../../secret.json',
  ])('answers 404 to %s', async (url) => {
    const response = await get(url);
    expect(response.status).toBe(404);
    expect(await response.text()).toBe('');
  });

  it('serves pictures by ids', async () => {
    const response = await get('heirloom://picture/photo/12/large?r=3');
    expect(asked).toEqual([{ kind: 'photo', id: 12, size: 'large' }]);
    expect(Buffer.from(await response.arrayBuffer())).toEqual(PICTURE);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'image/webp',
      'content-length': String(PICTURE.length),
      'cache-control': 'private, max-age=31536000, immutable',
      'access-control-allow-origin': 'heirloom://app',
    });
  });

  it('keeps a picture without a revision out of caches', async () => {
    const response = await get('heirloom://picture/face/7');
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  it('answers 404 to a picture that is not in the library, 500 to what went wrong, and names no path', async () => {
    expect((await get('heirloom://picture/photo/404/large')).status).toBe(404);
    const broken = await get('heirloom://picture/photo/500/large');
    expect(broken.status).toBe(500);
    expect(await broken.text()).toBe('');
  });

  it('answers the interface and the browser itself, nobody else', async () => {
    const url = 'heirloom://picture/photo/12/large';
    expect((await get(url, { initiatorOrigin: 'heirloom://app' })).status).toBe(200);
    expect((await get(url, { initiatorOrigin: 'https://example.com' })).status).toBe(403);
    expect((await get(url, { initiatorOrigin: 'null' })).status).toBe(403);
  });

  it('takes nothing', async () => {
    expect((await get('heirloom://app/index.html', { method: 'POST', body: 'x' })).status).toBe(405);
    expect((await get('heirloom://picture/photo/1/large', { method: 'DELETE' })).status).toBe(405);
  });
});
