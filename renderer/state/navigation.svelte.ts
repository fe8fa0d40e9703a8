import { leaveField } from './leave-field.ts';

export type View =
  | { name: 'library' }
  | { name: 'photo'; id: number }
  | { name: 'queue' }
  | { name: 'models' }
  | { name: 'settings' };
export type ViewName = View['name'];

/** A place in the browser's history. */
interface Entry {
  view: View;
  /** How many of our own entries lie behind it. */
  depth: number;
}

const NAMES: readonly string[] = ['library', 'queue', 'models', 'settings'] satisfies ViewName[];

/** What a reload finds in the history may be of another Heirloom. */
function isEntry(state: unknown): state is Entry {
  const { view, depth } = (state ?? {}) as Partial<Entry>;
  if (!view || !Number.isInteger(depth)) return false;
  return view.name === 'photo' ? Number.isInteger(view.id) : NAMES.includes(view.name);
}

/** Which view is shown. The browser's back, forward and reload buttons work; the address stays as it is. */
export class Navigation {
  #view = $state<View>({ name: 'library' });
  /** How many of our own entries lie behind this one. */
  #depth = 0;

  constructor() {
    window.addEventListener('popstate', (event: PopStateEvent) => this.#arrive(event.state));
    window.addEventListener('pagehide', leaveField);
    this.#arrive(history.state);
    history.replaceState(this.#entry(), '');
  }

  get view(): View {
    return this.#view;
  }

  go(view: View): void {
    if (JSON.stringify(view) === JSON.stringify(this.#view)) return;
    leaveField();
    this.#view = view;
    this.#depth += 1;
    history.pushState(this.#entry(), '');
  }

  /** Next or previous photo: takes the place of the one shown, so that back leads to the library. */
  replace(view: View): void {
    leaveField();
    this.#view = view;
    history.replaceState(this.#entry(), '');
  }

  back(): void {
    if (this.#depth > 0) history.back();
    else this.replace({ name: 'library' });
  }

  #entry(): Entry {
    return { view: $state.snapshot(this.#view), depth: this.#depth };
  }

  #arrive(state: unknown): void {
    const entry = isEntry(state) ? state : { view: { name: 'library' } as const, depth: 0 };
    leaveField();
    this.#view = entry.view;
    this.#depth = entry.depth;
  }
}

export const navigation = new Navigation();
