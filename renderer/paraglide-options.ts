import { join } from 'node:path';

/** One place for the build, the tests and the checks, so that all compile the same messages. */
export const paraglideOptions = {
  project: join(import.meta.dirname, 'project.inlang'),
  outdir: join(import.meta.dirname, 'paraglide'),
  // state/settings.svelte.ts decides the locale; nothing is read from cookies or addresses.
  strategy: ['globalVariable', 'baseLocale'] as ['globalVariable', 'baseLocale'],
  outputStructure: 'locale-modules' as const,
  cleanOutdir: false,
  emitReadme: false,
};
