import { api } from '../api/api.ts';
import { m } from '../paraglide/messages.js';
import { attempt, toasts } from './toasts.svelte.ts';

/** What the next undo and redo would do. */
class UndoState {
  undoLabel = $state<string | null>(null);
  redoLabel = $state<string | null>(null);

  /** Answers with a function that ends it. */
  async load(): Promise<() => void> {
    this.#use(await api.call('undo.state', {}));
    return api.on('undo', (event) => this.#use(event));
  }

  async undo(): Promise<void> {
    const done = await attempt(() => api.call('undo.undo', {}));
    if (done?.label) toasts.show({ text: m.common_undone({ label: done.label }) });
  }

  async redo(): Promise<void> {
    const done = await attempt(() => api.call('undo.redo', {}));
    if (done?.label) toasts.show({ text: m.common_redone({ label: done.label }) });
  }

  #use({ undo, redo }: { undo: string | null; redo: string | null }): void {
    this.undoLabel = undo;
    this.redoLabel = redo;
  }
}

export const undo = new UndoState();
