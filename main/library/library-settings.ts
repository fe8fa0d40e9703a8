import { settingsSchema, type Settings, type SettingsChanges } from '../../contract/library.ts';
import type { LibraryDatabase } from './database/library-database.ts';
import { storedSettings, storeSettings } from './database/settings-rows.ts';

/** What the interface remembers by itself; nobody would look for it in undo. */
const REMEMBERED: ReadonlySet<string> = new Set<keyof Settings>(['tourDone', 'exportOptions']);

/** Settings of this library. What an older or newer Heirloom stored and this one does not know counts as unset. */
export class LibrarySettings {
  readonly #db: LibraryDatabase;

  constructor(db: LibraryDatabase) {
    this.#db = db;
  }

  get(): Settings {
    const known = Object.entries(storedSettings(this.#db)).filter(([key, value]) => isKnown(key, value));
    return settingsSchema.parse(Object.fromEntries(known));
  }

  set(changes: SettingsChanges): Settings {
    const given = Object.entries(changes).filter(([, value]) => value !== undefined);
    const label = given.every(([key]) => REMEMBERED.has(key)) ? null : 'settings.set';
    this.#db.write(label, () => storeSettings(this.#db, Object.fromEntries(given)));
    return this.get();
  }
}

function isKnown(key: string, value: unknown): boolean {
  const field = Object.hasOwn(settingsSchema.shape, key) && settingsSchema.shape[key as keyof Settings];
  return field && field.safeParse(value).success;
}
