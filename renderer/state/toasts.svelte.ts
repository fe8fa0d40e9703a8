import { errorDetail, errorText } from './error-text.ts';

export interface Toast {
  readonly id: number;
  readonly kind: 'info' | 'success' | 'error';
  readonly text: string;
  /** Second line. */
  readonly detail?: string;
  readonly action?: { label: string; run: () => unknown };
}

/** Milliseconds; a toast with something to do or to read stays longer. */
const SHORT = 5000;
const LONG = 10_000;
const MOST = 4;

/** Short messages at the edge of the window. */
export class Toasts {
  list = $state<Toast[]>([]);
  #nextId = 1;
  readonly #timers = new Map<number, ReturnType<typeof setTimeout>>();

  show(toast: Omit<Toast, 'id' | 'kind'> & Partial<Pick<Toast, 'kind'>>): number {
    const added: Toast = { kind: 'info', ...toast, id: this.#nextId++ };
    this.list = [...this.list, added].slice(-MOST);
    this.resume(added.id);
    return added.id;
  }

  /** Says what failed, and what to do about it. */
  error(error: unknown): number {
    const text = errorText(error);
    return this.show({ kind: 'error', text: text.title, detail: errorDetail(text) });
  }

  dismiss(id: number): void {
    this.pause(id);
    this.list = this.list.filter((toast) => toast.id !== id);
  }

  /** While someone reads it. */
  pause(id: number): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
  }

  resume(id: number): void {
    this.pause(id);
    const toast = this.list.find((one) => one.id === id);
    if (!toast) return;
    const stay = toast.kind === 'error' || toast.action ? LONG : SHORT;
    this.#timers.set(
      id,
      setTimeout(() => this.dismiss(id), stay),
    );
  }
}

export const toasts = new Toasts();

/** Runs something that a person asked for; what fails is shown, and answered with undefined. */
export async function attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    toasts.error(error);
    return undefined;
  }
}
