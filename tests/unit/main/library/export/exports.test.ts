import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HeirloomError } from '../../../../../contract/errors.ts';
import { exportOptionsSchema } from '../../../../../contract/library.ts';
import { openTestLibrary, write, type TestLibrary } from '../open-test-library.ts';

let test: TestLibrary;
let ids: number[];
let out: string;
beforeEach(async () => {
  test = await openTestLibrary();
  ids = await test.add('a.jpg', 'b.jpg', 'c.jpg');
  out = join(test.folder, 'out');
});
afterEach(() => test.remove());

async function run(key: string) {
  return test.api['export.run']({
    key,
    photoIds: ids,
    versionId: null,
    options: exportOptionsSchema.parse({ folder: out, pattern: '{name}' }),
  });
}
const told = () => test.events.flatMap((event) => (event.kind === 'export' ? [event] : []));

/** The engine stays at the second photo until it is told to stop; resolves when it is there. */
function stayAtSecond(): Promise<void> {
  return new Promise((arrived) => {
    test.engine.on('exportPicture', ({ output }, signal) => {
      if (!output.endsWith('b')) return { output: write(`${output}.jpg`, 'written'), width: 1, height: 1 };
      return new Promise((_, reject) => {
        signal?.addEventListener('abort', () => reject(new HeirloomError('job/cancelled', 'Cancelled')));
        arrived();
      });
    });
  });
}

describe('an export', () => {
  it('tells after each photo how far it is, also after one that failed', async () => {
    test.engine.on('exportPicture', ({ output }) => {
      if (output.endsWith('b')) throw new HeirloomError('output/unwritable', 'disk full');
      return { output: write(`${output}.jpg`, 'written'), width: 1, height: 1 };
    });
    const report = await run('k');
    expect(told()).toEqual([1, 2, 3].map((done) => ({ kind: 'export', key: 'k', done, total: 3 })));
    expect([report.written.length, report.failed.length, report.cancelled]).toEqual([2, 1, 0]);
  });

  it('that is cancelled keeps what is written, and its report adds up', async () => {
    const there = stayAtSecond();
    const running = run('k');
    await there;
    await test.api['export.cancel']({ key: 'another' });
    await test.api['export.cancel']({ key: 'k' });
    const report = await running;
    expect(report).toMatchObject({ written: [{ photoId: ids[0] }], failed: [], cancelled: 2 });
    expect(readdirSync(out)).toEqual(['a.jpg']);
    expect(test.api['export.cancel']({ key: 'k' })).toBeDefined();
  });

  it('is refused under a key that is in work', async () => {
    const there = stayAtSecond();
    const running = run('k');
    await there;
    await expect(run('k')).rejects.toMatchObject({ code: 'argument/invalid' });
    await test.api['export.cancel']({ key: 'k' });
    expect((await running).cancelled).toBe(2);
  });

  it('ends with the library', async () => {
    const there = stayAtSecond();
    const running = run('k');
    await there;
    await test.library.close();
    expect((await running).cancelled).toBe(2);
    expect(existsSync(join(out, 'c.jpg'))).toBe(false);
  });
});
