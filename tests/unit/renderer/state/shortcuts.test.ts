import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { shortcuts, type ShortcutGroup } from '../../../../renderer/state/shortcuts.svelte.ts';

const run = vi.fn();
const group: ShortcutGroup = {
  title: () => 'Photos',
  shortcuts: [
    { keys: ['r'], label: () => 'Turn', run },
    { keys: ['ArrowLeft'], label: () => 'Move' },
  ],
};
let stop: () => void;
beforeEach(() => {
  run.mockReset();
  document.body.innerHTML =
    '<input id="text"><input id="range" type="range"><input id="radio" type="radio"><button id="button"></button>';
  stop = shortcuts.register(group);
});
afterEach(() => stop());

function press(
  key: string,
  target: EventTarget = document.body,
  more: KeyboardEventInit = {},
): KeyboardEvent {
  const init = { key, code: `Key${key}`, bubbles: true, cancelable: true, ...more };
  const event = new KeyboardEvent('keydown', init);
  target.dispatchEvent(event);
  return event;
}
const element = (id: string): HTMLElement => document.getElementById(id) as HTMLElement;

test('a shortcut runs, and is listed while it is registered', () => {
  expect(shortcuts.groups).toContain(group);
  expect(press('r').defaultPrevented).toBe(true);
  expect(run).toHaveBeenCalledOnce();
  stop();
  expect(shortcuts.groups).not.toContain(group);
  press('r');
  expect(run).toHaveBeenCalledOnce();
});

test('a key that is held down runs its shortcut once, and does nothing else', () => {
  press('r');
  expect(press('r', document.body, { repeat: true }).defaultPrevented).toBe(true);
  expect(run).toHaveBeenCalledOnce();
});

test('what is only listed does nothing', () => {
  expect(press('ArrowLeft').defaultPrevented).toBe(false);
});

test('text fields keep their keys; buttons, sliders and choices do not', () => {
  press('r', element('text'));
  expect(run).not.toHaveBeenCalled();
  press('r', element('range'));
  press('r', element('radio'));
  press('r', element('button'));
  expect(run).toHaveBeenCalledTimes(3);
});

test('an open dialog keeps all of them', () => {
  document.body.insertAdjacentHTML('beforeend', '<div role="dialog" data-state="open"></div>');
  press('r');
  expect(run).not.toHaveBeenCalled();
});

test('a key that a component has taken is left alone', () => {
  element('button').addEventListener('keydown', (event) => event.preventDefault());
  press('r', element('button'));
  expect(run).not.toHaveBeenCalled();
});

test.each([
  ['ق', 'KeyR'],
  ['к', 'KeyR'],
  ['ρ', 'KeyR'],
])('a keyboard of another script (%s) has the shortcut where %s is', (key, code) => {
  expect(press(key, document.body, { code }).defaultPrevented).toBe(true);
  expect(run).toHaveBeenCalledOnce();
});

test.each([
  ['z', 'KeyY', 'undone'],
  ['y', 'KeyZ', 'redone'],
  ['ئ', 'KeyZ', 'undone'],
  ['غ', 'KeyY', 'redone'],
  ['ظ', 'Slash', 'sought'],
  ['ü', 'BracketLeft', null],
  ['µ', 'KeyZ', null],
])('Ctrl and %s at %s: %s; among Latin keyboards a letter is where it is written', (key, code, done) => {
  const heard: string[] = [];
  const tell = (what: string) => ({ label: () => what, run: () => heard.push(what) });
  const stopOthers = shortcuts.register({
    title: () => 'Others',
    shortcuts: [
      { keys: ['Control+z'], ...tell('undone') },
      { keys: ['Control+y'], ...tell('redone') },
      { keys: ['Control+/'], ...tell('sought') },
      { keys: ['Control+['], ...tell('turned') },
    ],
  });
  press(key, document.body, { code, ctrlKey: true });
  expect(heard).toEqual(done === null ? [] : [done]);
  stopOthers();
});

test('the question mark of Arabic asks as ours does', () => {
  const asked = vi.fn();
  const stopOthers = shortcuts.register({
    title: () => 'Help',
    shortcuts: [{ keys: ['Shift+?', '?'], label: () => 'Sheet', run: asked }],
  });
  press('؟', document.body, { code: 'Slash', shiftKey: true });
  expect(asked).toHaveBeenCalledOnce();
  stopOthers();
});
