import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

/** Builds what the server of every test serves. */
export default function buildInterface(): void {
  const root = resolve(import.meta.dirname, '../..');
  const vite = resolve(root, 'node_modules/vite/bin/vite.js');
  const { status } = spawnSync(process.execPath, [vite, 'build', '--config', 'renderer/vite.config.ts'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) throw new Error(`Building the interface failed with status ${status}`);
}
