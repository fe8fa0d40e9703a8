import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ROOT } from '../fixtures/run-cli.ts';

/** What Electron's security checklist says never to do, looked for in every source of the shell and the interface. */

function sources(...folders: string[]): { file: string; text: string }[] {
  return folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(ts|svelte|html)$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .map((file) => ({ file, text: readFileSync(file, 'utf8') })),
  );
}

const versionsSchema = z.object({ devDependencies: z.object({ electron: z.string() }) });
const installedSchema = z.object({ version: z.string() });

describe('the shell', () => {
  const shell = sources('main/electron', 'preload');

  it('has sources to look at', () => {
    expect(shell.length).toBeGreaterThan(10);
  });

  it.each([
    ...[
      'allowRunningInsecureContent',
      'experimentalFeatures',
      'enableBlinkFeatures',
      'webviewTag',
      'allowpopups',
    ],
    ...[
      'openExternal',
      'openPath',
      'setCertificateVerifyProc',
      'certificate-error',
      'ignore-certificate-errors',
    ],
    ...[
      'nodeIntegration: true',
      'nodeIntegrationInWorker',
      'nodeIntegrationInSubFrames',
      'enableRemoteModule',
    ],
    ...[
      'contextIsolation: false',
      'sandbox: false',
      'webSecurity: false',
      'no-sandbox',
      'bypassCSP',
      'file://',
    ],
    ...['loadFile(', 'executeJavaScript', 'remote-debugging'],
  ])('never says %s', (word) => {
    expect(shell.filter(({ text }) => text.includes(word)).map(({ file }) => file)).toEqual([]);
  });

  it('loads one address, its own', () => {
    const loads = shell.flatMap(({ text }) =>
      [...text.matchAll(/loadURL\(([^)]*)\)/g)].map(([, url]) => url),
    );
    expect(loads).toEqual(['INTERFACE_URL']);
  });

  it('is of the major version of Electron that package.json names', () => {
    const read = (file: string): unknown => JSON.parse(readFileSync(join(ROOT, file), 'utf8'));
    const wanted = versionsSchema.parse(read('package.json')).devDependencies.electron;
    const { version } = installedSchema.parse(read('node_modules/electron/package.json'));
    const major = Number(/^\^(\d+)\./.exec(wanted)?.[1]);
    expect(major).toBeGreaterThanOrEqual(45);
    expect(Number(version.split('.')[0])).toBe(major);
  });
});

describe('the interface', () => {
  const own = sources('renderer').filter(({ file }) => !file.includes('paraglide'));

  it.each([
    '{@html',
    'innerHTML',
    'outerHTML',
    'insertAdjacentHTML',
    'document.write',
    'eval(',
    'new Function',
    '<iframe',
    '<webview',
  ])('never says %s', (word) => {
    expect(own.length).toBeGreaterThan(100);
    expect(own.filter(({ text }) => text.includes(word)).map(({ file }) => file)).toEqual([]);
  });

  it('names no address of the network', () => {
    const addresses = own.flatMap(({ file, text }) =>
      [...text.matchAll(/\b(?:https?|wss?):\/\/[^\s'"`$]+/g)].map(([address]) => `${file}: ${address}`),
    );
    expect(addresses.filter((address) => !/www\.w3\.org|127\.0\.0\.1|localhost/.test(address))).toEqual([]);
  });
});
