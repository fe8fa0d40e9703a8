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

/** A letter that no Latin keyboard writes, or two (Arabic has a key for لا), and the Arabic question mark. */
const OTHER_SCRIPT = /^(?:؟|(?:(?![\p{Script=Latin}\p{Script=Common}])\p{L})+)$/u;
/** What stands on the keys besides letters that shortcuts use, without and with Shift. */
const SIGNS: Readonly<Record<string, readonly [string, string]>> = {
  Slash: ['/', '?'],
  Comma: [',', '<'],
  BracketLeft: ['[', '{'],
  BracketRight: [']', '}'],
};

/**
 * The same event as a Latin keyboard would send it, where the keyboard writes another script: the key of R is ق there,
 * and Ctrl+Z would be no undo. Among Latin keyboards a letter is where it is written, not where others have it.
 */
function onLatinKeyboard(event: KeyboardEvent): KeyboardEvent {
  const { code, shiftKey } = event;
  const key = /^Key([A-Z])$/.exec(code)?.[1]?.toLowerCase() ?? SIGNS[code]?.[shiftKey ? 1 : 0];
  if (key === undefined || !OTHER_SCRIPT.test(event.key)) return event;
  return new Proxy(event, {
    get(target, name) {
      if (name === 'key') return key;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
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
    const handle = createKeybindingsHandler(bindings, { ignore: isKept });
    const listener = (event: KeyboardEvent): void => handle(onLatinKeyboard(event));
    window.addEventListener('keydown', listener);
    return () => {
      window.removeEventListener('keydown', listener);
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
