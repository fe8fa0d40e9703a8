import { beforeEach, expect, test, vi } from 'vitest';
import { library } from '../../../../renderer/state/library.svelte.ts';
import { selection } from '../../../../renderer/state/library-selection.svelte.ts';
import { fakeApi } from '../fake-api.ts';

vi.mock('../../../../renderer/api/api.ts', async () => ({
  api: (await import('../fake-api.ts')).fakeApi,
  bridge: undefined,
}));

beforeEach(async () => {
  fakeApi.reset({
    'timeline.months': () => [{ month: '1954-06', count: 3 }],
    'timeline.ids': () => [1, 2, 3],
  });
  await library.show({});
  await selection.all();
  selection.moveTo(2);
});

test.each([
  ['text', { text: 'anna' }],
  ['a state', { state: 'restored' as const }],
  ['dates', { from: '1927-01-01', to: '1927-12-31' }],
])('no photo stays chosen that %s may hide', async (_, change) => {
  expect(selection.list).toEqual([1, 2, 3]);
  await library.narrow(change);
  expect(selection.list).toEqual([]);
  expect(selection.focus).toBe(0);
});

test('a photo that is gone is not chosen any more, nor comes back with a range', async () => {
  selection.choose(0, 1);
  selection.toggle(2, 3);
  fakeApi.answers['timeline.ids'] = () => [1, 2];
  await library.refresh();
  await vi.waitFor(() => expect(selection.list).toEqual([1]));
  selection.moveTo(1);
  await selection.extend(1, true);
  expect(selection.list).toEqual([1, 2]);
});

test('photos that are read again stay chosen', async () => {
  await library.refresh();
  expect(selection.list).toEqual([1, 2, 3]);
  expect(selection.focus).toBe(2);
});
