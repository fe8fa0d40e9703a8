import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ApiEvent } from '../../../../contract/api.ts';
import { settingsSchema } from '../../../../contract/library.ts';
import { LibraryEvents } from '../../../../main/library/library-events.ts';

const NONE = { photoIds: [], albums: false, people: false, folders: false, settings: false };
let seen: ApiEvent[];
let events: LibraryEvents;
beforeEach(() => {
  vi.useFakeTimers();
  seen = [];
  events = new LibraryEvents(
    (event) => seen.push(event),
    () => settingsSchema.parse({}),
  );
});
afterEach(() => {
  events.close();
  vi.useRealTimers();
});

describe('LibraryEvents', () => {
  it('says what changed', () => {
    events.changed({ ...NONE, albums: true, people: true, folders: true, settings: true });
    expect(seen.map(({ kind }) => kind)).toEqual(['albums', 'people', 'folders', 'settings']);
    events.changed(NONE);
    expect(seen).toHaveLength(4);
  });

  it('tells of the first photo at once and gathers those that follow', () => {
    for (let id = 1; id <= 100; id++) events.changed({ ...NONE, photoIds: [id, 1000 - id] });
    expect(seen).toEqual([{ kind: 'photos', ids: [1, 999] }]);
    vi.advanceTimersByTime(250);
    expect(seen).toHaveLength(2);
    expect(seen[1]).toMatchObject({ ids: expect.objectContaining({ length: 198 }) as unknown });
    vi.advanceTimersByTime(10_000);
    events.changed({ ...NONE, photoIds: [5] });
    expect(seen.at(-1)).toEqual({ kind: 'photos', ids: [5] });
  });

  it('says "any" of very many', () => {
    events.changed({ ...NONE, photoIds: Array.from({ length: 1001 }, (_, i) => i + 1) });
    expect(seen).toEqual([{ kind: 'photos', ids: null }]);
  });

  it('holds nothing back at the end', () => {
    events.changed({ ...NONE, photoIds: [1] });
    events.changed({ ...NONE, photoIds: [2] });
    events.close();
    expect(seen.at(-1)).toEqual({ kind: 'photos', ids: [2] });
  });
});
