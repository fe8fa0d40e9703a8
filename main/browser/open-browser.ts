import { spawn } from 'node:child_process';

/** What opens an address in the person's browser; null where there is no screen to open it on. */
export function browserCommand(
  address: string,
  platform: NodeJS.Platform = process.platform,
  environment: NodeJS.ProcessEnv = process.env,
): [command: string, ...args: string[]] | null {
  if (platform === 'darwin') return ['open', address];
  // The empty string is the title of a window that `start` would else take the address for.
  if (platform === 'win32') return ['cmd', '/c', 'start', '', address.replaceAll('&', '^&')];
  const screen = environment['DISPLAY'] || environment['WAYLAND_DISPLAY'];
  return screen ? ['xdg-open', address] : null;
}

/** Opens the default browser; where there is none, the printed address is enough. */
export function openBrowser(address: string): void {
  const [command, ...args] = browserCommand(address) ?? [];
  if (command === undefined) return;
  const child = spawn(command, args, { stdio: 'ignore', detached: true });
  child.on('error', () => undefined);
  child.unref();
}
