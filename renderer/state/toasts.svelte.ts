import { errorDetail, errorText } from './error-text.ts';

export interface Toast {
  readonly id: number;
  readonly kind: 'info' | 'success' | 'error';
  readonly text: string;
  /** Second line. */
  readonly detail: string | undefined;
  readonly action: { readonly label: string; run: () => unknown } | undefined;
}

/** Messages are called where they are drawn: a change of language reaches a toast that is already there. */
interface NewToast {
  kind?: Toast['kind'];
  text: () => string;
  detail?: () => string;
  action?: { label: () => string; run: () => unknown };
}

function drawn(id: number, { kind = 'info', text, detail, action }: NewToast): Toast {
  return {
    ...{ id, kind },
    get text() {
      return text();
    },
    get detail() {
      return detail?.();
    },
    action: action && {
      get label() {
        return action.label();
      },
      run: action.run,
    },
  };
}

/** Milliseconds; a toast with something to do or to read stays longer. */
const SHORT = 5000;
const LONG = 10_000;
const MOST = 4;

/** Short messages at the edge of the window. */
export class Toasts {
  list = $state.raw<readonly Toast[]>([]);
  #nextId = 1;
  readonly #timers = new Map<number, ReturnType<typeof setTimeout>>();

  show(toast: NewToast): number {
    const added = drawn(this.#nextId++, toast);
    this.list = [...this.list, added].slice(-MOST);
    this.resume(added.id);
    return added.id;
  }

  /** Says what failed, and what to do about it. */
  error(error: unknown): number {
    return this.show({
      kind: 'error',
      text: () => errorText(error).title,
      detail: () => errorDetail(errorText(error)),
    });
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

/** The same for what has no answer: whether it was done. */
export async function succeeds(work: () => Promise<unknown>): Promise<boolean> {
  const done = await attempt(async () => {
    await work();
    return true;
  });
  return done ?? false;
}
