import { api } from '../api/api.ts';
import { m } from '../paraglide/messages.js';
import { attempt, toasts } from './toasts.svelte.ts';
import { undoLabel } from './undo-label.ts';

/** What the next undo and redo would do. */
class UndoState {
  #undo = $state<string | null>(null);
  #redo = $state<string | null>(null);

  /** Null where there is nothing to undo. */
  get undoLabel(): string | null {
    return this.#undo === null ? null : undoLabel(this.#undo);
  }

  get redoLabel(): string | null {
    return this.#redo === null ? null : undoLabel(this.#redo);
  }

  /** Reads and listens; answers with a function that stops. */
  async load(): Promise<() => void> {
    this.#use(await api.call('undo.state', {}));
    return api.on('undo', (event) => this.#use(event));
  }

  async undo(): Promise<void> {
    const done = await attempt(() => api.call('undo.undo', {}));
    if (done?.label) toasts.show({ text: m.common_undone({ label: undoLabel(done.label) }) });
  }

  async redo(): Promise<void> {
    const done = await attempt(() => api.call('undo.redo', {}));
    if (done?.label) toasts.show({ text: m.common_redone({ label: undoLabel(done.label) }) });
  }

  #use({ undo, redo }: { undo: string | null; redo: string | null }): void {
    this.#undo = undo;
    this.#redo = redo;
  }
}

export const undo = new UndoState();
