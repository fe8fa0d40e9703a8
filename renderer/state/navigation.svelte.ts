export type View =
  | { name: 'library' }
  | { name: 'photo'; id: number }
  | { name: 'queue' }
  | { name: 'models' }
  | { name: 'settings' };
export type ViewName = View['name'];

/** Which view is shown. The browser's back and forward buttons work; the address stays as it is. */
export class Navigation {
  #view = $state<View>({ name: 'library' });
  /** How many of our own entries lie behind this one. */
  #depth = 0;

  constructor() {
    window.addEventListener('popstate', (event: PopStateEvent) => this.#arrive(event.state));
    history.replaceState(this.#entry(), '');
  }

  get view(): View {
    return this.#view;
  }

  go(view: View): void {
    if (JSON.stringify(view) === JSON.stringify(this.#view)) return;
    this.#view = view;
    this.#depth += 1;
    history.pushState(this.#entry(), '');
  }

  /** Next or previous photo: takes the place of the one shown, so that back leads to the library. */
  replace(view: View): void {
    this.#view = view;
    history.replaceState(this.#entry(), '');
  }

  back(): void {
    if (this.#depth > 0) history.back();
    else this.replace({ name: 'library' });
  }

  #entry(): unknown {
    return { view: $state.snapshot(this.#view), depth: this.#depth };
  }

  #arrive(state: unknown): void {
    const entry = state as { view: View; depth: number } | null;
    this.#view = entry?.view ?? { name: 'library' };
    this.#depth = entry?.depth ?? 0;
  }
}

export const navigation = new Navigation();
