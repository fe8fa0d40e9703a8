import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HeirloomError } from '../../contract/errors.ts';
import { openApplication } from '../application.ts';
import { openBrowser } from './open-browser.ts';
import { expectFreePort, startBrowserServer } from './server.ts';

export interface ServeOptions {
  library: string;
  /** 0: any free one. */
  port: number;
  /** Open the default browser. */
  open: boolean;
  /** Where the library's database is damaged: its newest good backup takes its place. */
  fromBackup?: boolean;
  /** Hears each line for the person. */
  print: (line: string) => void;
}

/** Where the interface is built to. */
export const RENDERER = fileURLToPath(new URL('../../out/renderer', import.meta.url));

/** The port that a person gave. Throws `argument/invalid`. */
export function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new HeirloomError(
    'argument/invalid',
    `Expected integer between 0 and 65535 for --port but received ${text}`,
  );
}

/**
 * Serves a library in browser mode until the signal aborts; jobs in work wait for the next start then. Throws
 * `port/in-use`, and `argument/invalid` for a library without a name, before anything is made.
 */
export async function serveLibrary(options: ServeOptions, signal: AbortSignal): Promise<void> {
  const { fromBackup = false } = options;
  // An unset variable is no way to ask for a library in the folder that Heirloom was started in.
  if (options.library === '')
    throw new HeirloomError('argument/invalid', 'Expected a folder for --library but received nothing');
  const libraryFolder = resolve(options.library);
  await expectFreePort(options.port);
  const application = await openApplication({ libraryFolder, host: 'browser', fromBackup });
  try {
    const token = process.env['HEIRLOOM_TOKEN'];
    const server = await startBrowserServer({
      application,
      uploads: application.uploads,
      renderer: RENDERER,
      port: options.port,
      ...(token && { token }),
    });
    options.print(`Heirloom serves ${libraryFolder} at`);
    options.print(`  ${server.address}`);
    options.print('Ctrl-C ends it.');
    if (options.open) openBrowser(server.address);
    await aborted(signal);
    await server.close();
  } finally {
    await application.close();
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((done) => signal.addEventListener('abort', () => done(), { once: true }));
}
