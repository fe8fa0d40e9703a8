import { parsePort, serveLibrary } from '../main/browser/serve-library.ts';
import { defaultLibraryFolder } from '../main/default-folders.ts';
import { writeLine, type Output } from './output.ts';

export interface ServeCommandOptions {
  library?: string;
  port: string;
  open?: boolean;
  fromBackup?: boolean;
}

/** `heirloom serve`: browser mode until an interrupt, which is its usual end: exit code 0. */
export async function serveCommand(
  { library, port, open = false, fromBackup = false }: ServeCommandOptions,
  output: Output,
  signal: AbortSignal,
): Promise<number> {
  const options = {
    library: library ?? (await defaultLibraryFolder()),
    port: parsePort(port),
    open,
    fromBackup,
    print: (line: string) => writeLine(output.stdout, line),
  };
  await serveLibrary(options, signal);
  return 0;
}
