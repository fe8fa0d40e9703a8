import { beforeEach, expect, test, vi } from 'vitest';
import { givenToText } from '../../../../renderer/state/text-command.ts';

const execCommand = vi.fn(() => true);
beforeEach(() => {
  execCommand.mockClear();
  // jsdom has none.
  Object.assign(document, { execCommand });
  document.body.innerHTML =
    '<input id="name"><textarea id="caption"></textarea><input id="weight" type="range"><input id="all" type="checkbox"><button id="turn"></button>';
});
const focus = (id: string): void => document.getElementById(id)?.focus();

test.each(['name', 'caption'])('a text that is being written (%s) takes what it understands', (id) => {
  focus(id);
  for (const command of ['undo', 'redo', 'select-all'] as const) expect(givenToText(command)).toBe(true);
  expect(execCommand.mock.calls).toEqual([['undo'], ['redo'], ['selectAll']]);
});

test("commands that no text understands are the library's", () => {
  focus('name');
  for (const command of ['import', 'search', 'settings'] as const) expect(givenToText(command)).toBe(false);
  expect(execCommand).not.toHaveBeenCalled();
});

test.each(['weight', 'all', 'turn', 'nothing'])(
  "where no text is being written (%s), all are the library's",
  (id) => {
    focus(id);
    for (const command of ['undo', 'redo', 'select-all'] as const) expect(givenToText(command)).toBe(false);
    expect(execCommand).not.toHaveBeenCalled();
  },
);
