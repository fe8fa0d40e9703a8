import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { HeirloomError } from '../../contract/errors.ts';

/** The binary of the npm package `node` below a folder: the engine never runs inside Electron's own. */
export function findNode(appFolder: string, platform: NodeJS.Platform = process.platform): string {
  const binary = join(packageFolder(appFolder), 'bin', platform === 'win32' ? 'node.exe' : 'node');
  if (existsSync(binary)) return binary;
  throw new HeirloomError('engine/died', `${binary}: Node 24 is missing; install Heirloom again`);
}

function packageFolder(appFolder: string): string {
  try {
    return dirname(createRequire(join(appFolder, 'package.json')).resolve('node/package.json'));
  } catch (error) {
    const message = `${appFolder}: the package node is missing; install Heirloom again`;
    throw new HeirloomError('engine/died', message, {}, { cause: error });
  }
}
