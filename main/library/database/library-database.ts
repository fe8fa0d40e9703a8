import type { Database, Statement } from 'better-sqlite3';
import { makeBackupIfDue } from './backups.ts';
import { ChangeLog, type Changes } from './changes.ts';
import { asLibraryError, openDatabase, type OpenDatabaseOptions } from './open-database.ts';
import { UndoLog, type UndoState } from './undo-log.ts';

/** Whether a change can be undone: the call's name as the label, a group that is still open, or not at all. */
export type UndoAs = string | { group: number } | null;

/** The one connection to the library's database: reads, and writes that can be undone. */
export class LibraryDatabase {
  readonly #options: OpenDatabaseOptions;
  readonly #database: Database;
  readonly #statements = new Map<string, Statement<unknown[]>>();
  readonly #changes: ChangeLog;
  readonly #undo: UndoLog;
  /** Told after each transaction that changed something. */
  onChange: (changes: Changes) => void = () => undefined;
  onUndoState: (state: UndoState) => void = () => undefined;

  constructor(options: OpenDatabaseOptions) {
    this.#options = options;
    this.#database = openDatabase(options);
    this.#changes = new ChangeLog(this.#database);
    this.#undo = new UndoLog(this.#database);
  }

  all<Row>(sql: string, ...values: unknown[]): Row[] {
    return this.#guard(() => this.#statement(sql).all(...values) as Row[]);
  }

  get<Row>(sql: string, ...values: unknown[]): Row | undefined {
    return this.#guard(() => this.#statement(sql).get(...values) as Row | undefined);
  }

  /** The first column of every row. */
  column<Value>(sql: string, ...values: unknown[]): Value[] {
    return this.#guard(() => this.#statement(sql, 'pluck').all(...values) as Value[]);
  }

  /** The first column of the first row. */
  value<Value>(sql: string, ...values: unknown[]): Value | undefined {
    return this.#guard(() => this.#statement(sql, 'pluck').get(...values) as Value | undefined);
  }

  /** Only inside `write`. */
  run(sql: string, ...values: unknown[]): { changes: number; id: number } {
    if (!this.#database.inTransaction) throw new Error('Expected a write transaction');
    const { changes, lastInsertRowid } = this.#statement(sql).run(...values);
    return { changes, id: Number(lastInsertRowid) };
  }

  /** Writes to temporary tables, which no transaction and no undo needs to know of. */
  scratch(sql: string, ...values: unknown[]): { changes: number } {
    return this.#guard(() => this.#statement(sql).run(...values));
  }

  /** All of `change` or nothing; see [Note: Undo]. */
  write<T>(undoAs: UndoAs, change: () => T): T {
    const group = undoAs === null ? null : typeof undoAs === 'string' ? this.#undo.newGroup() : undoAs.group;
    const { value, changes } = this.#transaction(group, change);
    if (typeof undoAs === 'string' && this.#undo.push(group!, undoAs)) this.onUndoState(this.#undo.state);
    this.onChange(changes);
    return value;
  }

  /** For changes that come in many transactions and are undone as one. */
  openGroup(): number {
    return this.#undo.newGroup();
  }

  closeGroup(group: number, label: string): void {
    if (this.#undo.push(group, label)) this.onUndoState(this.#undo.state);
  }

  get undoState(): UndoState {
    return this.#undo.state;
  }

  /** Answers with the label of what was undone or redone, null where there was nothing. */
  step(direction: 'undo' | 'redo'): string | null {
    const prepared = this.#undo.prepare(direction);
    if (!prepared) return null;
    const changes = this.#replay(prepared.apply);
    prepared.finish();
    this.onUndoState(this.#undo.state);
    this.onChange(changes);
    return prepared.label;
  }

  /** Once a day, and not of a library in which nothing is. */
  async backUpIfDue(): Promise<void> {
    if (this.value('SELECT 1 FROM photos LIMIT 1') === undefined) return;
    const { backupsFolder, now } = this.#options;
    await makeBackupIfDue(this.#database, backupsFolder, now()).catch((error: unknown) => {
      throw asLibraryError(error, this.#options);
    });
  }

  /** After what cannot be undone. */
  forgetUndo(): void {
    this.#undo.clear();
    this.onUndoState(this.#undo.state);
  }

  close(): void {
    try {
      this.#database.pragma('optimize');
    } catch {
      // It only makes the next queries faster.
    }
    this.#database.close();
  }

  /** A history that does not fit the rows any more is of no use: it is dropped, and nothing changes. */
  #replay(apply: () => void): Changes {
    try {
      return this.#inTransaction(() => {
        this.#database.pragma('defer_foreign_keys = ON');
        apply();
        return this.#changes.settle();
      });
    } catch (error) {
      this.forgetUndo();
      throw error;
    }
  }

  #transaction<T>(group: number | null, change: () => T): { value: T; changes: Changes } {
    return this.#inTransaction(() => {
      const settled = () => ({ value: change(), changes: this.#changes.settle() });
      return group === null ? settled() : this.#undo.record(group, settled);
    });
  }

  #inTransaction<T>(work: () => T): T {
    return this.#guard(() => this.#database.transaction(work).immediate());
  }

  #guard<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw asLibraryError(error, this.#options);
    }
  }

  #statement(sql: string, kind: 'rows' | 'pluck' = 'rows'): Statement<unknown[]> {
    const key = kind + sql;
    const known = this.#statements.get(key);
    if (known) return known;
    const statement = this.#database.prepare(sql);
    if (kind === 'pluck') statement.pluck();
    this.#statements.set(key, statement);
    return statement;
  }
}
