import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { resolveConfig } from 'electron-vite';
import { build, type InlineConfig } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EngineClient } from '../../../../engine/client.ts';
import { findNode } from '../../../../main/electron/find-node.ts';
import type * as enginesModule from '../../../../main/engines.ts';
import type * as libraryModule from '../../../../main/library/open-library.ts';
import { TINY_PACK } from '../../../fixtures/tiny-pack.ts';

const ROOT = resolve(import.meta.dirname, '../../../..');

/** As Electron resolves its own name: an app that is the second instance of the machine. */
const STAND_IN = `
const nothing = new Proxy(function () {}, { get: (_, key) => (key === 'then' ? undefined : nothing), apply: () => nothing });
export const app = { getAppPath: () => '/', requestSingleInstanceLock: () => false, quit: () => console.log('left') };
export const [BrowserWindow, Menu, dialog, ipcMain, nativeTheme, protocol, screen, session] = Array(8).fill(nothing);
`;
const HOOKS = `
import { registerHooks } from 'node:module';
const standIn = new URL('./stand-in.mjs', import.meta.url).href;
registerHooks({
  resolve: (name, context, next) =>
    name === 'electron' ? { url: standIn, shortCircuit: true } : next(name, context),
});
`;

describe('what electron-vite builds', { timeout: 180_000 }, () => {
  let out: string;
  let engine: EngineClient;
  beforeAll(async () => {
    // Below the project, so that the built files find its packages as they do in out/.
    await mkdir(join(ROOT, 'out'), { recursive: true });
    out = await mkdtemp(join(ROOT, 'out', 'test-bundle-'));
    const options = {
      root: ROOT,
      configFile: join(ROOT, 'electron.vite.config.ts'),
      logLevel: 'error',
    } as const;
    const { config } = await resolveConfig(options, 'build', 'production');
    await buildInto('app', config?.main);
    await buildInto('preload', config?.preload);
    engine = new EngineClient({ role: 'restore', entry: join(out, 'app', 'engine', 'process.js') });
  }, 180_000);
  afterAll(async () => {
    await engine.close();
    await rm(out, { recursive: true });
  });

  async function buildInto(name: string, config: object | undefined): Promise<void> {
    const inline: InlineConfig = { ...config };
    await build({ ...inline, build: { ...inline.build, outDir: join(out, name) } });
  }

  function built<T>(path: string): Promise<T> {
    return import(pathToFileURL(join(out, 'app', path)).href) as Promise<T>;
  }

  it('has a preload of one small CommonJS file that loads Electron only', async () => {
    expect(await readdir(join(out, 'preload'))).toEqual(['bridge.cjs']);
    const code = await readFile(join(out, 'preload', 'bridge.cjs'), 'utf8');
    expect(code.length).toBeLessThan(4000);
    expect([...code.matchAll(/require\((.*?)\)/g)].map(([, name]) => name)).toEqual(['"electron"']);
    expect(code).not.toMatch(/^(import|export)\b/m);
  });

  it('has a main process whose modules all load, up to the single instance lock', async () => {
    await writeFile(join(out, 'stand-in.mjs'), STAND_IN);
    await writeFile(join(out, 'hooks.mjs'), HOOKS);
    const start = join(out, 'app', 'main', 'electron', 'start.js');
    const run = spawnSync(process.execPath, ['--import', join(out, 'hooks.mjs'), start], {
      encoding: 'utf8',
    });
    expect(run.stderr).toBe('');
    expect(run.stdout).toBe('left\n');
  });

  it('has a library that starts the built engine by itself', async () => {
    const { createEngines } = await built<typeof enginesModule>('main/engines.js');
    const { openLibrary } = await built<typeof libraryModule>('main/library/open-library.js');
    const engines = createEngines({ execPath: findNode(ROOT) });
    const library = await openLibrary({ folder: join(out, 'library'), engines, emit: () => undefined });
    library.settings.set({ detectOnImport: false });
    const sample = join(ROOT, 'samples', 'couple-1968.jpg');
    const report = await library.importDone(library.importPaths([sample], 'copy').id);
    expect(report).toMatchObject({ imported: 1, failedCount: 0 });
    const { path } = await library.pictureFile({ kind: 'photo', id: report.photoIds[0]!, size: 'small' });
    expect(existsSync(path)).toBe(true);
    await library.close();
    await engines.close();
  });

  it('is JavaScript all through', async () => {
    const files = await readdir(join(out, 'app'), { recursive: true, withFileTypes: true });
    expect(files.filter((file) => file.isFile() && !file.name.endsWith('.js'))).toEqual([]);
  });

  it('has an engine process that plain Node runs', async () => {
    const { versions } = await engine.call('resources', {});
    const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { version: string };
    expect(versions['heirloom']).toBe(version);
  });

  it('has an engine that restores, faces, models and probes included', async () => {
    expect(existsSync(join(out, 'app', 'engine', 'models', 'probe-process.js'))).toBe(true);
    const report = await engine.call('checkPack', { folder: TINY_PACK });
    expect(report.providers?.find(({ provider }) => provider === 'cpu')?.usable).toBe(true);
    const restored = await engine.call('restorePhoto', {
      input: join(ROOT, 'samples', 'family-1974.jpg'),
      output: null,
      settings: { speed: 'draft', faces: [0] },
      models: { pack: TINY_PACK, provider: 'cpu' },
    });
    expect(restored.faces.some(({ status }) => status === 'restored')).toBe(true);
  });
});
