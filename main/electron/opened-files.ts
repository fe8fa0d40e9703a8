import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';

/** What a second start hands to the first; more files than that come as a folder. */
const secondStartSchema = z.object({ files: z.array(z.string().min(1).max(4096)).max(10_000) });

/** The files and folders among a command line's arguments, absolute; flags and what does not exist are left out. */
export function openedFiles(args: readonly string[], workingFolder: string): string[] {
  return args
    .filter((argument) => argument !== '' && !argument.startsWith('-'))
    .map((argument) => resolve(workingFolder, argument))
    .filter((path) => existsSync(path));
}

/** Chromium reorders a second start's arguments, so that its files come as data; none where that is not understood. */
export function filesOfSecondStart(data: unknown): string[] {
  const parsed = secondStartSchema.safeParse(data);
  return parsed.success ? parsed.data.files : [];
}
