/**
 * `npm start`: builds what is older than its sources and opens Heirloom in Electron; where Electron's program is not
 * installed, in browser mode.
 *
 *     npm start -- --browser --library ~/Pictures/Heirloom --port 0 --no-open
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ERROR_TABLE, HeirloomError, toErrorEnvelope } from '../contract/errors.ts';
import { parsePort, serveLibrary } from '../main/browser/serve-library.ts';
import { defaultLibraryFolder } from '../main/default-folders.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** Written by the build itself. */
const GENERATED = new Set(['paraglide', 'node_modules', 'out']);

const USAGE = `Usage: npm start -- [options]

Builds what is older than its sources and opens Heirloom: in Electron where its program is installed, otherwise in the
browser.

  --browser      in the browser in any case
  --library DIR  the library to open (default: Heirloom in your pictures); made where there is none
  --port N       port of the browser mode (default: any that is free)
  --no-open      prints the address of the browser mode and leaves the browser closed
  --from-backup  browser mode: takes the newest good backup where the library's database is damaged
  --help         shows this`;

export interface StartOptions {
  help: boolean;
  browser: boolean;
  library: string | undefined;
  port: number;
  open: boolean;
  fromBackup: boolean;
}

/** Throws `argument/invalid`. */
export function parseStartOptions(args: string[]): StartOptions {
  try {
    const { values } = parseArgs({
      args,
      allowNegative: true,
      options: {
        help: { type: 'boolean', short: 'h', default: false },
        browser: { type: 'boolean', default: false },
        library: { type: 'string' },
        port: { type: 'string', default: '0' },
        open: { type: 'boolean', default: true },
        'from-backup': { type: 'boolean', default: false },
      },
    });
    const { help, browser, library, open, 'from-backup': fromBackup } = values;
    return { help, browser, library, open, fromBackup, port: parsePort(values.port) };
  } catch (error) {
    if (error instanceof HeirloomError) throw error;
    throw new HeirloomError('argument/invalid', error instanceof Error ? error.message : String(error));
  }
}

/** Milliseconds since 1970 of the newest change below a file or folder; 0 where there is none. */
export function newestChange(path: string): number {
  const info = statSync(path, { throwIfNoEntry: false });
  if (!info?.isDirectory()) return info?.mtimeMs ?? 0;
  const names = readdirSync(path).filter((name) => !GENERATED.has(name));
  return Math.max(info.mtimeMs, ...names.map((name) => newestChange(join(path, name))));
}

/** Whether a source is newer than what was built of it. */
export function isStale(built: string, sources: string[]): boolean {
  return !existsSync(built) || Math.max(...sources.map(newestChange)) > statSync(built).mtimeMs;
}

/** Electron's program; null where npm has not fetched it. */
export function findElectron(root: string): string | null {
  const folder = join(root, 'node_modules', 'electron');
  const name = join(folder, 'path.txt');
  if (!existsSync(name)) return null;
  const program = join(folder, 'dist', readFileSync(name, 'utf8').trim());
  return existsSync(program) ? program : null;
}

function sourcesIn(names: string[]): string[] {
  return names.map((name) => join(ROOT, name));
}

/** Runs a build tool quietly; what it says is shown where it fails. */
function build(what: string, script: string, args: string[]): void {
  console.log(`Building ${what}...`);
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(ROOT, 'node_modules', script), ...args],
    {
      cwd: ROOT,
      encoding: 'utf8',
    },
  );
  if (status === 0) return;
  console.error(`${stdout}${stderr}`);
  throw new HeirloomError('internal', `Building ${what} failed`);
}

function buildInterface(): void {
  const sources = sourcesIn(['renderer', 'contract', 'package-lock.json']);
  if (isStale(join(ROOT, 'out', 'renderer', 'index.html'), sources))
    build('the interface', 'vite/bin/vite.js', ['build', '--config', 'renderer/vite.config.ts']);
}

function buildShell(): void {
  const names = [
    'main',
    'engine',
    'preload',
    'renderer',
    'contract',
    'electron.vite.config.ts',
    'package-lock.json',
  ];
  if (isStale(join(ROOT, 'out', 'app', 'main', 'electron', 'start.js'), sourcesIn(names)))
    build('Heirloom', 'electron-vite/bin/electron-vite.js', ['build']);
}

async function openElectron(program: string, { library }: StartOptions): Promise<void> {
  buildShell();
  const args = library === undefined ? [] : [`--library=${library}`];
  const child = spawn(program, [ROOT, ...args], { stdio: 'inherit' });
  process.exitCode = await new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

async function openBrowserMode({ library, port, open, fromBackup }: StartOptions): Promise<void> {
  buildInterface();
  const folder = library ?? (await defaultLibraryFolder());
  const print = (line: string) => console.log(line);
  await serveLibrary({ library: folder, port, open, fromBackup, print }, interrupted());
}

/** The first interrupt ends Heirloom in order; another one, a second or more later, at once. */
function interrupted(): AbortSignal {
  const controller = new AbortController();
  let first = 0;
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.on(name, () => {
      if (first > 0 && performance.now() - first > 1000) process.exit(130);
      first ||= performance.now();
      controller.abort();
    });
  return controller.signal;
}

async function main(): Promise<void> {
  const options = parseStartOptions(process.argv.slice(2));
  if (options.help) return console.log(USAGE);
  const electron = options.browser ? null : findElectron(ROOT);
  if (electron !== null) return openElectron(electron, options);
  if (!options.browser)
    console.log(
      "Electron's program is not installed (`npx install-electron` fetches it): Heirloom opens in the browser.",
    );
  await openBrowserMode(options);
}

function explain(error: unknown): void {
  const { code, message } = toErrorEnvelope(error);
  const { title, advice } = ERROR_TABLE[code];
  console.error([`${title}: ${message}.`, advice].filter(Boolean).join(' '));
  process.exitCode = code === 'argument/invalid' || code === 'port/in-use' ? 2 : 1;
}

if (import.meta.main) await main().catch(explain);
