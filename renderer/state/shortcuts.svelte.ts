import { untrack } from 'svelte';
import { createKeybindingsHandler } from 'tinykeys';

export interface Shortcut {
  /** In tinykeys' notation: `$mod+Z`, `Shift+?`, `ArrowLeft`. The first is shown on the sheet. */
  keys: readonly [string, ...string[]];
  /** Message, called when the sheet is drawn. */
  label: () => string;
  /** Absent: the keys are handled by a component (the grid's arrows) and only listed. */
  run?: (event: KeyboardEvent) => void;
}
export interface ShortcutGroup {
  /** Heading on the sheet. */
  title: () => string;
  shortcuts: readonly Shortcut[];
}

/** Keys that a field or an open dialog keeps for itself. */
function isKept(event: KeyboardEvent): boolean {
  if (event.isComposing) return true;
  const target = event.target as HTMLElement | null;
  if (document.querySelector('[role="dialog"][data-state="open"], [role="alertdialog"][data-state="open"]'))
    return true;
  return Boolean(
    target?.closest(
      'input:not([type=range], [type=radio], [type=checkbox]), textarea, select, [contenteditable], [role=menu]',
    ),
  );
}

/** Every keyboard shortcut that works now, in groups; the shortcuts sheet lists them. */
class Shortcuts {
  groups = $state.raw<readonly ShortcutGroup[]>([]);

  /** For `$effect(() => shortcuts.register(group))`: the answer takes the group away again. */
  register(group: ShortcutGroup): () => void {
    // What registers must not run again for each other group that comes or goes.
    untrack(() => (this.groups = [...this.groups, group]));
    const bindings = Object.fromEntries(
      group.shortcuts.flatMap(({ keys, run }) =>
        run ? keys.map((key) => [key, guarded(run)] as const) : [],
      ),
    );
    const handler = createKeybindingsHandler(bindings, { ignore: isKept });
    window.addEventListener('keydown', handler);
    return () => {
      window.removeEventListener('keydown', handler);
      untrack(() => (this.groups = this.groups.filter((one) => one !== group)));
    };
  }
}

function guarded(run: (event: KeyboardEvent) => void): (event: KeyboardEvent) => void {
  return (event) => {
    if (event.defaultPrevented) return;
    event.preventDefault();
    // A key that is held down must not go on with the next photo.
    if (!event.repeat) run(event);
  };
}

export const shortcuts = new Shortcuts();
