import type { ApiMethod } from '../../contract/api.ts';
import { api } from '../api/api.ts';
import { m } from '../paraglide/messages.js';
import { attempt, toasts } from './toasts.svelte.ts';
import { undoLabel } from './undo-label.ts';

/** What the next undo and redo would do. */
class UndoState {
  #undo = $state<string | null>(null);
  #redo = $state<string | null>(null);
  /** Toasts that offer to undo the newest change. */
  #offers: number[] = [];

  /** Null where there is nothing to undo. */
  get undoLabel(): string | null {
    return this.#undo === null ? null : undoLabel(this.#undo);
  }

  get redoLabel(): string | null {
    return this.#redo === null ? null : undoLabel(this.#redo);
  }

  /** Whether undo would take back what that call changed. */
  isNext(call: ApiMethod): boolean {
    return this.#undo === call;
  }

  async read(): Promise<void> {
    this.#use(await api.call('undo.state', {}));
  }

  /** Reads and listens; answers with a function that stops. */
  async load(): Promise<() => void> {
    await this.read();
    return api.on('undo', (event) => this.#use(event));
  }

  /** Says what was done and offers to undo it, until anything else is done: then it would undo that. */
  offer(text: () => string): void {
    const action = { label: () => m.common_undo(), run: () => this.undo() };
    this.#offers.push(toasts.show({ text, action }));
  }

  /** What was offered to undo can be undone no longer, or means something else now. */
  withdraw(): void {
    for (const id of this.#offers.splice(0)) toasts.dismiss(id);
  }

  async undo(): Promise<void> {
    const done = await attempt(() => api.call('undo.undo', {}));
    const label = done?.label;
    if (label) toasts.show({ text: () => m.common_undone({ label: undoLabel(label) }) });
  }

  async redo(): Promise<void> {
    const done = await attempt(() => api.call('undo.redo', {}));
    const label = done?.label;
    if (label) toasts.show({ text: () => m.common_redone({ label: undoLabel(label) }) });
  }

  #use({ undo, redo }: { undo: string | null; redo: string | null }): void {
    this.#undo = undo;
    this.#redo = redo;
    this.withdraw();
  }
}

export const undo = new UndoState();
