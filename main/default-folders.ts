import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';

/** `XDG_PICTURES_DIR="$HOME/Bilder"`, as Linux desktops write it down: for a shell, which takes `\` away. */
function readXdgPictures(text: string, home: string): string | undefined {
  const [, value] = /^\s*XDG_PICTURES_DIR="(.*)"\s*$/m.exec(text) ?? [];
  const path = value?.replace(/^\$HOME(?=\/|$)|\\(.)/g, (_, escaped?: string) => escaped ?? home);
  return path !== undefined && isAbsolute(path) ? resolve(path) : undefined;
}

/** The person's folder for pictures, in the desktop's language. */
export async function picturesFolder(
  home: string = homedir(),
  environment: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  const config = environment['XDG_CONFIG_HOME'] || join(home, '.config');
  const text = await readFile(join(config, 'user-dirs.dirs'), 'utf8').catch(() => '');
  const pictures = readXdgPictures(text, home);
  // A desktop without such a folder names the home folder itself, as `$HOME/`.
  return pictures !== undefined && pictures !== resolve(home) ? pictures : join(home, 'Pictures');
}

/** Where the library is unless a person says otherwise. */
export async function defaultLibraryFolder(): Promise<string> {
  return join(await picturesFolder(), 'Heirloom');
}
