import { beforeEach, expect, test } from 'vitest';
import { Navigation } from '../../../../renderer/state/navigation.svelte.ts';

let navigation: Navigation;
beforeEach(() => {
  history.replaceState(null, '');
  navigation = new Navigation();
});
/** jsdom travels through history later. */
const travelled = (): Promise<void> =>
  new Promise((resolve) => window.addEventListener('popstate', () => resolve(), { once: true }));

test('begins in the library', () => {
  expect(navigation.view).toEqual({ name: 'library' });
});

test('goes on and back again, and the address stays', async () => {
  const address = window.location.href;
  navigation.go({ name: 'photo', id: 7 });
  expect(navigation.view).toEqual({ name: 'photo', id: 7 });
  const back = travelled();
  navigation.back();
  await back;
  expect(navigation.view).toEqual({ name: 'library' });
  expect(window.location.href).toBe(address);
});

test('a reload comes back to where it was, and back still leads on', async () => {
  navigation.go({ name: 'photo', id: 7 });
  const reloaded = new Navigation();
  expect(reloaded.view).toEqual({ name: 'photo', id: 7 });
  const back = travelled();
  reloaded.back();
  await back;
  expect(reloaded.view).toEqual({ name: 'library' });
});

test.each([null, 'x', {}, { view: { name: 'photo' }, depth: 0 }, { view: { name: 'gone' }, depth: 1 }])(
  'begins in the library where the history holds %j',
  (state) => {
    history.replaceState(state, '');
    expect(new Navigation().view).toEqual({ name: 'library' });
  },
);

test('to where it is already is no step', () => {
  const length = history.length;
  navigation.go({ name: 'library' });
  expect(history.length).toBe(length);
});

test('the next photo takes the place of this one: back leads to the library', async () => {
  navigation.go({ name: 'photo', id: 7 });
  navigation.replace({ name: 'photo', id: 8 });
  const back = travelled();
  navigation.back();
  await back;
  expect(navigation.view).toEqual({ name: 'library' });
});

test('back with nothing behind leads to the library', () => {
  navigation.replace({ name: 'settings' });
  navigation.back();
  expect(navigation.view).toEqual({ name: 'library' });
});

test.each<[string, () => unknown]>([
  ['on', () => navigation.go({ name: 'queue' })],
  ['to the next photo', () => navigation.replace({ name: 'photo', id: 8 })],
  ['back with the browser', () => window.dispatchEvent(new PopStateEvent('popstate', { state: null }))],
  ['to another page', () => window.dispatchEvent(new Event('pagehide'))],
])('a text that is being written is finished before it goes %s', (_, leave) => {
  navigation.go({ name: 'photo', id: 7 });
  const [field, button] = [document.createElement('textarea'), document.createElement('button')];
  document.body.append(field, button);
  const finished: object[] = [];
  field.onblur = () => finished.push(navigation.view);
  field.focus();
  leave();
  // Where the text belongs to is still shown.
  expect(finished).toEqual([{ name: 'photo', id: 7 }]);
  button.focus();
  navigation.go({ name: 'models' });
  expect(document.activeElement).toBe(button);
  document.body.replaceChildren();
});
