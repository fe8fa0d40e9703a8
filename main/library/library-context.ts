import type { LibraryDatabase } from './database/library-database.ts';
import type { Engines, Models } from './engine.ts';
import type { LibraryFolder } from './library-folder.ts';
import type { LibrarySettings } from './library-settings.ts';

/** What every part of a library works with. */
export interface LibraryContext {
  db: LibraryDatabase;
  folder: LibraryFolder;
  engines: Engines;
  settings: LibrarySettings;
  now: () => Date;
  /** What measures the blur of faces; null where there is no pack. */
  models: () => Promise<Models | null>;
}
