import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { HeirloomError } from '../../contract/errors.ts';
import { isStale } from '../start.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** What build/electron-builder.yml takes from. */
export const BUILD_FOLDER = join(ROOT, 'out', 'package');

const packageSchema = z.object({ name: z.string(), productName: z.string(), version: z.string() });

/** Builds main process, engine, command line and interface into out/package. */
export function buildForPackage(): void {
  rmSync(BUILD_FOLDER, { recursive: true, force: true });
  compileMessages();
  runElectronVite();
  const { name, productName, version } = packageSchema.parse(
    JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')),
  );
  const own = { name, productName, version, license: 'MIT', type: 'module', private: true };
  writeFileSync(join(BUILD_FOLDER, 'package.json'), `${JSON.stringify(own, null, 2)}\n`);
}

/** Only where they changed: the interface's tests read these files too. */
function compileMessages(): void {
  const renderer = join(ROOT, 'renderer');
  const sources = ['messages', 'paraglide-options.ts', 'project.inlang/settings.json'];
  const compiled = join(renderer, 'paraglide', 'messages.js');
  if (
    isStale(
      compiled,
      sources.map((name) => join(renderer, name)),
    )
  )
    run(join(renderer, 'compile-messages.ts'));
}

function runElectronVite(): void {
  run(join(ROOT, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js'), 'build');
}

function run(script: string, ...args: string[]): void {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], {
    cwd: ROOT,
    encoding: 'utf8',
    env: { ...process.env, HEIRLOOM_BUILD_FOLDER: BUILD_FOLDER },
  });
  if (status !== 0) throw new HeirloomError('internal', `${script} failed:\n${stdout}${stderr}`);
}
