import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { PhotoSummary } from '../../../../contract/library.ts';
import { TimelineLayout } from '../../../../renderer/state/library-layout.ts';
import { LibraryState } from '../../../../renderer/state/library.svelte.ts';
import { fakeApi } from '../fake-api.ts';

vi.mock('../../../../renderer/api/api.ts', async () => ({
  api: (await import('../fake-api.ts')).fakeApi,
  bridge: undefined,
}));

const photo = (id: number, revision = 1): PhotoSummary => ({
  id,
  name: `${id}.jpg`,
  takenAt: null,
  width: 3,
  height: 2,
  turn: 0,
  state: 'new',
  missing: false,
  changed: false,
  faceCount: 0,
  busy: false,
  revision,
});

let revision = 1;
let months = [{ month: '1954-06', count: 300 }];
const page = ({ offset, limit }: { offset: number; limit: number }): PhotoSummary[] =>
  Array.from({ length: Math.min(limit, 300 - offset) }, (_, index) => photo(offset + index + 1, revision));

let library: LibraryState;
const layout = (): TimelineLayout =>
  new TimelineLayout(library.months, { width: 320, tile: 100, gap: 10, heading: 50 });
const section = () => {
  const [first] = layout().sections;
  if (!first) throw new Error('Expected a month');
  return first;
};
/** Lets answers arrive. */
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

beforeEach(() => {
  revision = 1;
  months = [{ month: '1954-06', count: 300 }];
  fakeApi.reset({
    'timeline.months': () => months,
    'timeline.page': page,
    'timeline.ids': () => Array.from({ length: 300 }, (_, index) => index + 1),
  });
  library = new LibraryState();
});

describe('another query', () => {
  test('is told when its photos take the place of the others; the same one read again is not', async () => {
    await library.refresh();
    const switched = vi.fn();
    const stop = library.onSwitch(switched);
    await library.refresh();
    expect(switched).not.toHaveBeenCalled();
    const narrowed = library.narrow({ text: 'anna' });
    expect(switched).not.toHaveBeenCalled();
    await narrowed;
    expect(switched).toHaveBeenCalledTimes(1);
    stop();
    await library.narrow({ state: 'restored' });
    expect(switched).toHaveBeenCalledTimes(1);
  });
});

describe('pages', () => {
  test('are read once, when they are wanted, each within its month', async () => {
    await library.refresh();
    expect(fakeApi.called('timeline.page')).toEqual([]);
    library.want(section(), 100, 130);
    library.want(section(), 100, 130);
    await settle();
    expect(fakeApi.called('timeline.page')).toEqual([
      { query: {}, month: '1954-06', offset: 0, limit: 120 },
      { query: {}, month: '1954-06', offset: 120, limit: 120 },
    ]);
    expect(library.photoAt(section(), 125)?.id).toBe(126);
    expect(library.photoAt(section(), 299)).toBeUndefined();
  });

  test('that cannot be read are told, and wanted again', async () => {
    await library.refresh();
    fakeApi.answers['timeline.page'] = () => Promise.reject(new Error('lost'));
    library.want(section(), 0, 10);
    await settle();
    expect(library.error).toMatchObject({ message: 'lost' });
    fakeApi.answers['timeline.page'] = page;
    await library.refresh();
    library.want(section(), 0, 10);
    await settle();
    expect(library.error).toBeNull();
    expect(library.photoAt(section(), 0)?.id).toBe(1);
  });

  test('stay in sight after a change until they are read again', async () => {
    vi.useFakeTimers();
    library.start();
    await library.refresh();
    library.want(section(), 0, 10);
    await vi.advanceTimersByTimeAsync(1);
    revision = 2;
    for (let id = 1; id < 50; id++) fakeApi.send({ kind: 'photos', ids: [id] });
    await vi.advanceTimersByTimeAsync(1000);
    expect(fakeApi.called('timeline.months')).toHaveLength(2);
    expect(library.photoAt(section(), 2)?.revision).toBe(1);
    library.want(section(), 0, 10);
    await vi.advanceTimersByTimeAsync(1);
    expect(library.photoAt(section(), 2)?.revision).toBe(2);
    vi.useRealTimers();
  });
});

describe('the query', () => {
  test('is narrowed and widened; empty words are no condition', async () => {
    await library.narrow({ text: 'anna', state: 'restored' });
    expect(library.query).toEqual({ text: 'anna', state: 'restored' });
    expect(library.filtered).toBe(true);
    await library.narrow({ text: '', state: undefined });
    expect(library.query).toEqual({});
    expect(library.filtered).toBe(false);
  });

  test('an answer that comes late is dropped', async () => {
    let answer: (found: typeof months) => void = () => {};
    fakeApi.answers['timeline.months'] = ({ query }: { query: { text?: string } }) =>
      query.text === 'slow' ? new Promise((resolve) => (answer = resolve)) : [{ month: '1960-01', count: 1 }];
    const slow = library.narrow({ text: 'slow' });
    await library.narrow({ text: 'fast' });
    answer([{ month: '1900-01', count: 9 }]);
    await slow;
    expect(library.months).toEqual([{ month: '1960-01', count: 1 }]);
  });

  test('an empty answer is not an empty library', async () => {
    fakeApi.answers['timeline.months'] = ({ query }: { query: { text?: string } }) =>
      query.text === undefined ? months : [];
    await library.narrow({ text: 'nobody' });
    expect([library.total, library.libraryCount]).toEqual([0, 300]);
  });

  test('a timeline that cannot be read is told', async () => {
    fakeApi.answers['timeline.months'] = () => Promise.reject(new Error('lost'));
    await library.refresh();
    expect(library.error).toMatchObject({ message: 'lost' });
    expect(library.loaded).toBe(false);
  });
});

describe('ids', () => {
  test('are read once until the timeline changes', async () => {
    await library.refresh();
    await Promise.all([library.ids(), library.ids()]);
    expect(fakeApi.called('timeline.ids')).toHaveLength(1);
    await library.refresh();
    await library.ids();
    expect(fakeApi.called('timeline.ids')).toHaveLength(2);
  });

  test('a reading that failed is forgotten', async () => {
    fakeApi.answers['timeline.ids'] = () => Promise.reject(new Error('lost'));
    await expect(library.ids()).rejects.toThrow('lost');
    fakeApi.answers['timeline.ids'] = () => [5, 6];
    expect(await library.ids()).toEqual([5, 6]);
  });

  test('lead to the photo before and after', async () => {
    expect(await library.neighbour(2, 1)).toBe(3);
    expect(await library.neighbour(2, -1)).toBe(1);
    expect(await library.neighbour(1, -1)).toBeNull();
    expect(await library.neighbour(300, 1)).toBeNull();
    expect(await library.neighbour(999, 1)).toBeNull();
  });
});
