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
