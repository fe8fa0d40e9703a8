import type { LibraryDatabase } from './library-database.ts';

/** Values as they were stored, by key. */
export function storedSettings(db: LibraryDatabase): Record<string, unknown> {
  const rows = db.all<{ key: string; value: string }>('SELECT key, value FROM settings');
  return Object.fromEntries(rows.map(({ key, value }) => [key, JSON.parse(value) as unknown]));
}

/** No upsert: its conflict policy would hold inside the triggers of `changed` too, and fail there at the second key. */
export function storeSettings(db: LibraryDatabase, values: Record<string, unknown>): void {
  for (const [key, value] of Object.entries(values)) {
    const text = JSON.stringify(value);
    const { changes } = db.run('UPDATE settings SET value = ? WHERE key = ?', text, key);
    if (changes === 0) db.run('INSERT INTO settings (key, value) VALUES (?, ?)', key, text);
  }
}
