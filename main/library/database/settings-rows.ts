import type { LibraryDatabase } from './library-database.ts';

/** Values as they were stored, by key. */
export function storedSettings(db: LibraryDatabase): Record<string, unknown> {
  const rows = db.all<{ key: string; value: string }>('SELECT key, value FROM settings');
  return Object.fromEntries(rows.map(({ key, value }) => [key, JSON.parse(value) as unknown]));
}

export function storeSettings(db: LibraryDatabase, values: Record<string, unknown>): void {
  for (const [key, value] of Object.entries(values))
    db.run(
      'INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
      ...[key, JSON.stringify(value)],
    );
}
