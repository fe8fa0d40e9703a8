import type { Database } from 'better-sqlite3';

/**
 * [Note: Undo] Triggers write the opposite of each change of a tracked column into a temporary table while a group is
 * open; undoing runs a group's statements backwards, and what the triggers write meanwhile is the redo. A change of one
 * column is undone in that column only, so that what the background wrote since (faces, states) stays. The technique is
 * SQLite's own: https://www.sqlite.org/undoredo.html
 */

/** Columns whose changes a person makes; rows that come and go are kept whole. */
const TRACKED: Readonly<Record<string, { key: readonly string[]; columns: readonly string[] }>> = {
  photos: {
    key: ['id'],
    columns: [
      ...['path', 'storage', 'missing', 'changed', 'seen_bytes', 'seen_ms', 'taken_at', 'month', 'turn'],
      ...['sha256', 'bytes', 'format', 'width', 'height', 'depth', 'notes'],
      ...['caption', 'binned_at', 'current_version_id', 'detector'],
    ],
  },
  faces: {
    key: ['id'],
    columns: [
      ...['x', 'y', 'width', 'height', 'landmarks', 'turn', 'confidence', 'source'],
      ...['size_px', 'off', 'std_hat', 'start', 'person_id'],
    ],
  },
  people: { key: ['id'], columns: ['name', 'name_key'] },
  versions: { key: ['id'], columns: [] },
  albums: { key: ['id'], columns: ['name'] },
  album_photos: { key: ['album_id', 'photo_id'], columns: [] },
  watched_folders: { key: ['id'], columns: ['mode'] },
  settings: { key: ['key'], columns: ['value'] },
};

interface Group {
  id: number;
  /** The call that made it, `photos.rotate`. */
  label: string;
}

export interface UndoState {
  undo: string | null;
  redo: string | null;
}

/** What can be taken back, for as long as the database is open. */
export class UndoLog {
  readonly #database: Database;
  #undo: Group[] = [];
  #redo: Group[] = [];
  #nextGroup = 1;

  constructor(database: Database) {
    this.#database = database;
    database.exec(
      `CREATE TEMP TABLE undo_log (seq INTEGER PRIMARY KEY, group_id INTEGER NOT NULL, statement TEXT NOT NULL);
       CREATE INDEX temp.undo_log_group ON undo_log (group_id);
       CREATE TEMP TABLE undo_group (id INTEGER);
       INSERT INTO undo_group VALUES (NULL);`,
    );
    for (const table of Object.keys(TRACKED)) database.exec(triggersOf(database, table));
  }

  get state(): UndoState {
    return { undo: this.#undo.at(-1)?.label ?? null, redo: this.#redo.at(-1)?.label ?? null };
  }

  /** A number that no group has yet. */
  newGroup(): number {
    return this.#nextGroup++;
  }

  /** Runs `change`, which writes to the database, and keeps the opposite of what it does in group `id`. */
  record<T>(id: number, change: () => T): T {
    this.#setOpen(id);
    try {
      return change();
    } finally {
      this.#setOpen(null);
    }
  }

  /** Makes a group the next one to be undone; false where nothing had changed. What was undone cannot be redone any more. */
  push(id: number, label: string): boolean {
    if (!this.#exists(id)) return false;
    for (const group of this.#redo) this.#forget(group.id);
    this.#redo = [];
    this.#undo.push({ id, label });
    return true;
  }

  /** Runs inside a transaction of the caller, who then calls `finish`. Null where there is nothing. */
  prepare(direction: 'undo' | 'redo'): { label: string; finish: () => void; apply: () => void } | null {
    const [from, to] = direction === 'undo' ? [this.#undo, this.#redo] : [this.#redo, this.#undo];
    const group = from.at(-1);
    if (!group) return null;
    const opposite = this.newGroup();
    return {
      label: group.label,
      apply: () => this.record(opposite, () => this.#replay(group.id)),
      finish: () => {
        from.pop();
        to.push({ id: opposite, label: group.label });
      },
    };
  }

  clear(): void {
    this.#database.exec('DELETE FROM undo_log');
    this.#undo = [];
    this.#redo = [];
  }

  #replay(group: number): void {
    const statements = this.#database
      .prepare('SELECT statement FROM undo_log WHERE group_id = ? ORDER BY seq DESC')
      .pluck()
      .all(group) as string[];
    for (const statement of statements) this.#database.exec(statement);
    this.#forget(group);
  }

  #exists(id: number): boolean {
    return this.#database.prepare('SELECT 1 FROM undo_log WHERE group_id = ? LIMIT 1').get(id) !== undefined;
  }

  #forget(id: number): void {
    this.#database.prepare('DELETE FROM undo_log WHERE group_id = ?').run(id);
  }

  #setOpen(id: number | null): void {
    this.#database.prepare('UPDATE undo_group SET id = ?').run(id);
  }
}

function triggersOf(database: Database, table: string): string {
  const { key, columns } = TRACKED[table]!;
  const all = (database.pragma(`table_info(${table})`) as { name: string }[]).map(({ name }) => name);
  const where = (row: string) =>
    key.map((name) => `'${name} = ' || quote(${row}.${name})`).join(` || ' AND ' || `);
  const values = all.map((name) => `quote(old.${name})`).join(` || ', ' || `);
  const trigger = (event: string, statement: string, when = 'true') =>
    `CREATE TEMP TRIGGER undo_${table}_${event.slice(0, 6)} AFTER ${event} ON main.${table}
     WHEN (SELECT id FROM undo_group) IS NOT NULL AND (${when}) BEGIN
       INSERT INTO undo_log (group_id, statement) SELECT id, ${statement} FROM undo_group;
     END;`;
  const changed = columns.map(
    (name) => `iif(old.${name} IS new.${name}, '', ', ${name} = ' || quote(old.${name}))`,
  );
  const own = key[0]!;
  return [
    trigger('INSERT', `'DELETE FROM ${table} WHERE ' || ${where('new')}`),
    trigger('DELETE', `'INSERT INTO ${table} (${all.join(', ')}) VALUES (' || ${values} || ')'`),
    columns.length > 0
      ? trigger(
          `UPDATE OF ${columns.join(', ')}`,
          `'UPDATE ${table} SET ${own} = ${own}' || ${changed.join(' || ')} || ' WHERE ' || ${where('old')}`,
          // What is written again as it was would be a step that takes nothing back.
          columns.map((name) => `old.${name} IS NOT new.${name}`).join(' OR '),
        )
      : '',
  ].join('\n');
}
