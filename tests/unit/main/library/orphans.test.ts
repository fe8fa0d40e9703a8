import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { HeirloomError } from '../../../../contract/errors.ts';
import { restoreSettingsSchema } from '../../../../contract/restore.ts';
import { sweepOrphans } from '../../../../main/library/orphans.ts';
import { sweepVersions } from '../../../../main/library/sweep.ts';
import {
  addTestVersion,
  idsOf,
  openTestLibrary,
  restored,
  write,
  type TestLibrary,
} from './open-test-library.ts';

let test: TestLibrary;
beforeEach(async () => {
  test = await openTestLibrary();
});
afterEach(() => test.remove());

const at = (...path: string[]) => join(test.folder, 'library', ...path);
const notices = () => test.events.filter((event) => event.kind === 'notice').map(({ message }) => message);
const settings = restoreSettingsSchema.parse({});

/** A commit that fails, as on a full disk, after everything in the transaction was done. */
function failNextCommit(): void {
  const { db } = test.library.context;
  const original = db.write.bind(db);
  vi.spyOn(db, 'write').mockImplementationOnce((undoAs, change) =>
    original(undoAs, () => {
      change();
      throw new HeirloomError('output/unwritable', 'library.sqlite: database or disk is full');
    }),
  );
}

async function reopenAndTidy(): Promise<void> {
  await test.reopen();
  await test.library.settled();
}

describe('a file whose row cannot be committed', () => {
  it('of an import: nothing stays, and the next try succeeds', async () => {
    failNextCommit();
    const { id } = test.library.importPaths([test.picture('a.jpg')], 'copy');
    expect(await test.library.importDone(id)).toMatchObject({ imported: 0, failedCount: 1 });
    expect(readdirSync(at('originals')).flatMap((group) => readdirSync(at('originals', group)))).toEqual([]);
    expect(readdirSync(at('tmp'))).toEqual([]);
    expect(await test.add('a.jpg')).toHaveLength(1);
  });

  it('of a version: it is where the engine left it', async () => {
    const [id = 0] = await test.add('a.jpg');
    const output = write(`${test.library.versionOutput(id).stem}.jpg`, '200x160 restored');
    failNextCommit();
    await expect(test.library.addVersion(id, restored(output), [])).rejects.toMatchObject({
      code: 'output/unwritable',
    });
    expect(existsSync(output)).toBe(true);
    expect(readdirSync(at('versions')).flatMap((group) => readdirSync(at('versions', group)))).toEqual([]);
    const version = await test.library.addVersion(id, restored(output), []);
    expect(readFileSync(at('versions', String(id), `${version.id}.jpg`), 'utf8')).toBe('200x160 restored');
  });
});

describe('files without a row', () => {
  it('that are originals come back as photos', async () => {
    const [a = 0] = await test.add('a.jpg');
    const { sha256 } = await test.api['photos.get']({ id: a });
    const { db } = test.library.context;
    db.write(null, () => {
      db.run('DELETE FROM photos');
      db.run('DELETE FROM discarded_files');
    });
    await reopenAndTidy();
    const [back = 0] = idsOf(test);
    expect(await test.api['photos.get']({ id: back })).toMatchObject({ sha256, missing: false });
    expect(notices()).toEqual(['Originals without an entry came back: 1.']);
    await reopenAndTidy();
    expect(notices()).toHaveLength(1);
  });

  it('that cannot be photos lie in `recovered`', async () => {
    write(at('originals', 'ab', 'abcd.jpg'), 'no picture');
    await reopenAndTidy();
    expect(readFileSync(at('recovered', 'ab-abcd.jpg'), 'utf8')).toBe('no picture');
    expect(readdirSync(at('originals', 'ab'))).toEqual([]);
    write(at('originals', 'ab', 'abcd.jpg'), 'another one');
    await reopenAndTidy();
    expect(readdirSync(at('recovered')).sort()).toEqual(['ab-abcd-2.jpg', 'ab-abcd.jpg']);
  });

  it.each(['engine/died', 'input/unreadable'] as const)(
    'that cannot be looked at now (%s) are tried again at the next open',
    async (code) => {
      const path = write(at('originals', 'ab', 'abcd.jpg'), '100x80 photo');
      test.engine.on('describePhoto', () => {
        throw new HeirloomError(code, 'not now');
      });
      await reopenAndTidy();
      expect([existsSync(path), existsSync(at('recovered'))]).toEqual([true, false]);
    },
  );

  it('that are versions are kept, unless their job makes them anew', async () => {
    const [a = 0, b = 0] = await test.add('a.jpg', 'b.jpg');
    test.library.jobs.add([b], settings);
    write(at('versions', String(a), '70.jpg'), 'lost');
    write(at('versions', String(b), '71.jpg'), 'comes again');
    await reopenAndTidy();
    expect(readdirSync(at('versions', String(a)))).toEqual([]);
    expect(readdirSync(at('versions', String(b)))).toEqual([]);
    expect(readdirSync(at('recovered'))).toEqual([`${a}-70.jpg`]);
    expect(notices()).toEqual([`Files without an entry in the library moved to ${at('recovered')}: 1.`]);
  });

  it('are never written over by a version of the same number', async () => {
    const [id = 0] = await test.add('a.jpg');
    write(at('versions', String(id), '1.jpg'), 'of a newer database');
    const version = await addTestVersion(test, id, 'new');
    expect(version.id).toBe(1);
    expect(readFileSync(at('versions', String(id), '1.jpg'), 'utf8')).toBe('200x160 new');
    expect(readFileSync(at('recovered', `${id}-1.jpg`), 'utf8')).toBe('of a newer database');
  });

  it('of rows that were removed and can be undone are left', async () => {
    const [id = 0] = await test.add('a.jpg');
    const { id: versionId } = await addTestVersion(test, id, 'new');
    await test.api['versions.remove']({ id: versionId });
    const { context, imports } = test.library;
    const { signal } = new AbortController();
    await sweepOrphans(context, { imports, emit: () => undefined, signal });
    await test.api['undo.undo']({});
    expect(existsSync(at('versions', String(id), `${versionId}.jpg`))).toBe(true);
  });

  it('that were being written when the engine was killed go', async () => {
    const half = write(at('thumbnails', 'ab', '.heirloom-1-2.tmp'), 'half');
    const tiles = write(at('cache', 'tiles', 'ab', '.heirloom-3.tmp', '0', '0_0.webp'), 'half');
    const whole = write(at('cache', 'views', 'ab', 'abcd.webp'), 'whole');
    await reopenAndTidy();
    expect([half, tiles, whole].map((path) => existsSync(path))).toEqual([false, false, true]);
  });
});

describe('versions whose file is gone', () => {
  it('are dropped', async () => {
    const [id = 0] = await test.add('a.jpg');
    const version = await addTestVersion(test, id, 'new');
    rmSync(at('versions', String(id), `${version.id}.jpg`));
    await reopenAndTidy();
    expect((await test.api['photos.get']({ id })).versions).toEqual([]);
  });

  it.each(['library', 'library/versions'])('are kept where all of %s went out of sight', async (name) => {
    const [id = 0] = await test.add('a.jpg');
    const { id: versionId } = await addTestVersion(test, id, 'new');
    const place = join(test.folder, name);
    renameSync(place, `${place}-away`);
    await sweepVersions(test.library.context, () => undefined, new AbortController().signal);
    renameSync(`${place}-away`, place);
    expect((await test.api['photos.get']({ id })).versions).toMatchObject([{ id: versionId }]);
  });

  it('lie in `recovered` where the file comes back later', async () => {
    const [id = 0] = await test.add('a.jpg');
    const { id: versionId } = await addTestVersion(test, id, 'new');
    const file = at('versions', String(id), `${versionId}.jpg`);
    renameSync(file, `${file}-away`);
    await sweepVersions(test.library.context, () => undefined, new AbortController().signal);
    renameSync(`${file}-away`, file);
    await reopenAndTidy();
    expect(readdirSync(at('recovered'))).toEqual([`${id}-${versionId}.jpg`]);
  });
});

describe('a job and its version', () => {
  it('end in one transaction', async () => {
    const [id = 0] = await test.add('a.jpg');
    const { ids } = test.library.jobs.add([id], settings);
    const jobId = ids[0]!;
    test.library.jobs.update(jobId, { state: 'running' });
    const output = write(`${test.library.versionOutput(id).stem}.jpg`, '200x160 restored');
    const version = await test.library.addVersion(id, restored(output), [], { jobId, notes: ['grainy'] });
    // As after a crash right here.
    expect(test.library.jobs.recoverInterrupted()).toEqual([]);
    const job = test.library.jobs.get(jobId);
    expect(job).toMatchObject({ state: 'done', versionId: version.id, notes: ['grainy'] });
    expect(job.finishedAt).not.toBeNull();
  });
});

describe('backups', () => {
  it('are made of a library with photos', async () => {
    await test.library.settled();
    expect(readdirSync(at('backups'))).toEqual([]);
    await test.add('a.jpg');
    await reopenAndTidy();
    expect(readdirSync(at('backups'))).toHaveLength(1);
    await reopenAndTidy();
    expect(readdirSync(at('backups'))).toHaveLength(1);
  });
});
