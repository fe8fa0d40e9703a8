import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PhotoQuery } from '../../../../contract/library.ts';
import type { LibraryDatabase } from '../../../../main/library/database/library-database.ts';
import { insertPhoto, setBinned, setCaption } from '../../../../main/library/database/photo-rows.ts';
import { timelineIds, timelineMonths, timelinePage } from '../../../../main/library/database/timeline.ts';
import { addTestVersion, idsOf, openTestLibrary, type TestLibrary } from './open-test-library.ts';

let test: TestLibrary;
beforeEach(async () => {
  test = await openTestLibrary();
});
afterEach(() => test.remove());

/** A made-up photo: several of one time, some without a date, some in the bin. */
function addRow(db: LibraryDatabase, index: number): void {
  const month = String(1 + (index % 12)).padStart(2, '0');
  const id = insertPhoto(db, {
    ...{
      name: `scan_${index}.jpg`,
      sha256: `made-up ${index}`,
      bytes: 1,
      format: 'jpeg',
      width: 4,
      height: 3,
      depth: 8,
    },
    ...{ storage: 'in-place', path: '/x.jpg', imported_at: '2026-01-01T00:00:00.000Z', notes: '[]' },
    seen_ms: null,
    taken_at: index % 10 === 0 ? null : `19${10 + (index % 7)}-${month}-0${1 + (index % 3)}`,
  });
  setCaption(db, id, `Box ${index % 5}`);
  if (index % 8 === 0) setBinned(db, [id], '2026-01-01T00:00:00.000Z');
}

describe('the timeline', () => {
  it('goes by month, newest first, without a date last', async () => {
    const [a = 0, b = 0, c = 0, d = 0] = await test.add('a.jpg', 'b.jpg', 'c.jpg', 'd.jpg');
    await test.api['photos.setDate']({ ids: [a], takenAt: '1953-06-02' });
    await test.api['photos.setDate']({ ids: [b], takenAt: '1953-06-02T14:30:00' });
    await test.api['photos.setDate']({ ids: [c], takenAt: '1974-12-24' });
    expect(test.api['timeline.months']({ query: { bin: false } })).toEqual([
      { month: '1974-12', count: 1 },
      { month: '1953-06', count: 2 },
      { month: null, count: 1 },
    ]);
    expect(idsOf(test)).toEqual([c, b, a, d]);
    const page = (month: string | null, offset = 0, limit = 10) =>
      timelinePage(test.library.context.db, { query: { bin: false }, month, offset, limit }).map(
        ({ id }) => id,
      );
    expect([page('1953-06'), page('1953-06', 1), page('1953-06', 0, 1)]).toEqual([[b, a], [a], [b]]);
    expect([page(null), page('1999-01'), page(null, 5)]).toEqual([[d], [], []]);
  });

  it('puts what is known by its year behind the months of the year, by its month behind the days', async () => {
    const ids = await test.add('a.jpg', 'b.jpg', 'c.jpg', 'd.jpg', 'e.jpg', 'f.jpg');
    const dates = ['1938', '1938-01-01', '1938-06', '1938-06-30', '1939', '1937-12-31'];
    for (const [at, takenAt] of dates.entries())
      await test.api['photos.setDate']({ ids: [ids[at]!], takenAt });
    expect(test.api['timeline.months']({ query: { bin: false } })).toEqual([
      { month: '1939', count: 1 },
      { month: '1938-06', count: 2 },
      { month: '1938-01', count: 1 },
      { month: '1938', count: 1 },
      { month: '1937-12', count: 1 },
    ]);
    const [year, january, june, lastOfJune, next, before] = ids;
    expect(idsOf(test)).toEqual([next, lastOfJune, june, january, year, before]);
    const page = { query: { bin: false }, month: '1938', offset: 0, limit: 9 };
    expect(await test.api['timeline.page'](page)).toMatchObject([{ id: year, takenAt: '1938' }]);
  });

  it('meets a year or a month by a period that has a day of it, and by a period of years', async () => {
    const [year = 0, june = 0, day = 0] = await test.add('a.jpg', 'b.jpg', 'c.jpg', 'undated.jpg');
    await test.api['photos.setDate']({ ids: [year], takenAt: '1938' });
    await test.api['photos.setDate']({ ids: [june], takenAt: '1938-06' });
    await test.api['photos.setDate']({ ids: [day], takenAt: '1938-06-02T14:30:00' });
    const between = (from: string, to: string) => idsOf(test, { from, to }).sort((a, b) => a - b);
    expect(between('1938-02-01', '1938-03-01')).toEqual([year]);
    expect(between('1938-06-30', '1938-07-01')).toEqual([year, june]);
    expect(between('1938-06-02', '1938-06-02')).toEqual([year, june, day]);
    for (const [from, to] of [
      ['1938', '1938'],
      ['1930', '1938-06'],
      ['1938-06', '1940'],
    ] as const)
      expect(between(from, to)).toEqual([year, june, day]);
    expect([between('1939', '1940'), between('1900', '1937-12-31')]).toEqual([[], []]);
    expect(idsOf(test, { to: '1938-01-01' })).toEqual([year]);
    expect(idsOf(test, { from: '1938-12-31' })).toEqual([year]);
  });

  it('filters by state', async () => {
    const [fresh = 0, empty = 0, faces = 0, done = 0, failed = 0] = await test.add(
      ...['fresh.jpg', 'empty.jpg', 'faces.jpg', 'done.jpg', 'failed.jpg'],
    );
    await test.library.knownFaces(faces);
    await test.library.knownFaces(done);
    test.engine.faces = [];
    await test.library.knownFaces(empty);
    await addTestVersion(test, done, 'restored');
    test.library.markProblem(failed, { code: 'input/damaged', message: 'failed.jpg is damaged' });
    const states = await Promise.all(
      [fresh, empty, faces, done, failed].map(async (id) => (await test.api['photos.get']({ id })).state),
    );
    expect(states).toEqual(['new', 'no-faces', 'faces', 'restored', 'failed']);
    expect(idsOf(test, { state: 'restored' })).toEqual([done]);
    expect(idsOf(test, { state: 'not-restored' })).toEqual([failed, faces, empty, fresh]);
    expect(idsOf(test, { state: 'faces' })).toEqual([faces]);
    expect(idsOf(test, { state: 'failed' })).toEqual([failed]);
    expect(idsOf(test, { state: 'missing' })).toEqual([]);
  });

  it('shows which photos are busy, and tells when that changes', async () => {
    const [a = 0] = await test.add('a.jpg');
    const settings = {
      preset: 'balanced',
      speed: 'normal',
      seed: 0,
      scale: 1,
      tone: 'auto',
      grain: 0.5,
      faces: 'all',
    } as const;
    const { ids } = test.library.jobs.add([a], settings);
    expect((await test.api['photos.get']({ id: a })).busy).toBe(true);
    test.library.jobs.update(ids[0]!, { state: 'done' });
    expect((await test.api['photos.get']({ id: a })).busy).toBe(false);
    await test.library.close();
    expect(test.events.at(-1)).toEqual({ kind: 'photos', ids: [a] });
  });

  it('gives each photo to exactly one page', () => {
    const { db } = test.library.context;
    db.write(null, () => {
      for (let i = 0; i < 2000; i++) addRow(db, i);
    });
    for (const query of [{ bin: false }, { bin: true }, { bin: false, text: 'box 1' }] as PhotoQuery[]) {
      const ids = timelineMonths(db, query).flatMap(({ month, count }) => {
        const pages: number[] = [];
        for (let offset = 0; offset < count; offset += 7)
          pages.push(...timelinePage(db, { query, month, offset, limit: 7 }).map(({ id }) => id));
        return pages;
      });
      expect(ids.length).toBeGreaterThan(100);
      expect(ids).toEqual(timelineIds(db, query));
    }
  });

  it('answers months and ids from the index alone', () => {
    const { db } = test.library.context;
    const plans = [
      'SELECT month, count(*) FROM photos WHERE binned_at IS NULL GROUP BY month ORDER BY month DESC',
      "SELECT id FROM photos WHERE binned_at IS NULL AND month = '' ORDER BY month DESC, taken_at DESC, id DESC LIMIT 9",
      'SELECT id FROM photos WHERE binned_at IS NULL AND version_count = 0 ORDER BY month DESC, taken_at DESC, id DESC',
    ].map((sql) => db.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).map(({ detail }) => detail));
    for (const plan of plans) {
      expect(plan).toHaveLength(1);
      expect(plan[0]).toContain('USING COVERING INDEX photos_timeline');
    }
  });
});
