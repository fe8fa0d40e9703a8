import type { ApiEvent } from '../../contract/api.ts';

type Command = Extract<ApiEvent, { kind: 'command' }>['command'];

/** The browser's own names for what both a text and the library can do. */
const OF_TEXT: Partial<Record<Command, string>> = { undo: 'undo', redo: 'redo', 'select-all': 'selectAll' };
const NO_TEXT = ['range', 'checkbox', 'radio', 'button', 'submit', 'reset', 'file', 'color', 'image'];

/**
 * Gives a command of the native menu to the text that a person is writing; false where there is none, and the command
 * is for the library. macOS takes the menu's keys before the field hears of them.
 */
export function givenToText(command: Command): boolean {
  const name = OF_TEXT[command];
  if (name === undefined || !isWriting()) return false;
  // Old, but the only way into a field's own history.
  document.execCommand(name);
  return true;
}

/** Whether the focus is in a text. */
export function isWriting(): boolean {
  const element = document.activeElement;
  if (element instanceof HTMLInputElement) return !NO_TEXT.includes(element.type);
  return Boolean(element?.closest('textarea, [contenteditable]'));
}
