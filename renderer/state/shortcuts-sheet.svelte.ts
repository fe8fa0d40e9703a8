/** The sheet that lists the keyboard shortcuts. */
class ShortcutsSheet {
  open = $state(false);
}

export const shortcutsSheet = new ShortcutsSheet();
