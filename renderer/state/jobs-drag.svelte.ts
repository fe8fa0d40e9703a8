/** Rows of a list that can be dragged: where each begins and how high it is, in pixels of the window. */
export interface RowPlace {
  id: number;
  top: number;
  height: number;
}

/**
 * The row before which a drop at `y` would place the dragged one: the first whose middle lies below it. Null: last.
 */
export function rowBelow(rows: readonly RowPlace[], y: number): number | null {
  return rows.find((row) => y < row.top + row.height / 2)?.id ?? null;
}

/** A row on its way: which one, and where it would land. */
export class JobsDrag {
  id = $state<number | null>(null);
  before = $state<number | null>(null);

  start(id: number): void {
    this.id = id;
    this.before = id;
  }

  moveTo(y: number, rows: readonly RowPlace[]): void {
    if (this.id !== null) this.before = rowBelow(rows, y);
  }

  /** What the drop means; null where it changes nothing. */
  end(order: readonly number[]): { id: number; before: number | null } | null {
    const { id, before } = this;
    this.cancel();
    if (id === null || before === id) return null;
    const next = order[order.indexOf(id) + 1] ?? null;
    return before === next ? null : { id, before };
  }

  cancel(): void {
    this.id = null;
    this.before = null;
  }
}
