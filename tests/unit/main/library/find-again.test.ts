import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ApiEvent } from '../../../../contract/api.ts';
import { idsOf, openTestLibrary, write, type TestLibrary } from './open-test-library.ts';

type Progress = Extract<ApiEvent, { kind: 'find-missing' }>;

let test: TestLibrary;
let drive: string;
let told: Progress[];
/** Called with each progress. */
let react: (event: Progress) => unknown;

beforeEach(async () => {
  [told, react] = [[], () => undefined];
  const emit = (event: ApiEvent) => {
    if (event.kind !== 'find-missing') return;
    told.push(event);
    react(event);
  };
  test = await openTestLibrary({ emit });
  drive = join(test.folder, 'drive');
  for (const id of await test.add('a.jpg', 'b.jpg')) rmSync(await test.library.originalFile(id));
  const files = { '1.jpg': '100x80 a.jpg', '2.jpg': '100x80 other', '3.jpg': '100x80 b.jpg', '4.txt': 'a' };
  for (const [name, text] of Object.entries(files)) write(join(drive, name), text);
});
afterEach(() => test.remove());

const look = (key = 'k') => test.api['photos.findMissing']({ key, folder: drive });

describe('a search for missing originals', () => {
  it('tells how many files it has looked at, and how many it found of how many', async () => {
    rmSync(join(drive, '3.jpg'));
    expect(await look()).toEqual({ found: 1, stillMissing: 1, failed: [], cancelled: false });
    const common = { kind: 'find-missing', key: 'k', missing: 2 };
    expect(told).toEqual([
      { ...common, looked: 1, found: 1 },
      { ...common, looked: 2, found: 1 },
      { ...common, looked: 3, found: 1 },
    ]);
  });

  it('that is cancelled keeps what it found, which one undo takes back', async () => {
    react = ({ looked }) => looked === 2 && test.api['photos.stopFinding']({ key: 'k' });
    expect(await look()).toEqual({ found: 1, stillMissing: 1, failed: [], cancelled: true });
    expect(told).toHaveLength(2);
    await test.api['undo.undo']({});
    expect(idsOf(test, { state: 'missing' })).toHaveLength(2);
    await test.api['photos.stopFinding']({ key: 'gone' });
    react = () => undefined;
    // The copy of the first one still lies in its place, which is noticed before the folder is looked through.
    expect(await look()).toMatchObject({ found: 1, stillMissing: 0, cancelled: false });
  });

  it('that found everything was not cancelled', async () => {
    react = ({ found }) => found === 2 && test.api['photos.stopFinding']({ key: 'k' });
    expect(await look()).toEqual({ found: 2, stillMissing: 0, failed: [], cancelled: false });
  });

  it('is refused under a key that is in work', async () => {
    const first = look();
    await expect(look()).rejects.toMatchObject({ code: 'argument/invalid' });
    expect(await first).toMatchObject({ found: 2 });
  });

  it('ends with the library', async () => {
    react = ({ looked }) => looked === 2 && void test.library.close();
    expect(await look()).toMatchObject({ found: 1, cancelled: true });
    await test.library.close();
  });
});
