import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { uptime } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { takeLock } from '../../../../main/library/lock.ts';
import { temporaryFolder } from '../../../fixtures/make-pictures.ts';
import { ROOT } from '../../../fixtures/run-cli.ts';

let folder: string;
let path: string;
let temporary: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  path = join(folder, 'library.lock');
  temporary = join(folder, 'tmp');
  mkdirSync(temporary);
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Waits for its turn, tries to take the lock and keeps it until it is killed. */
const CONTENDER = `
  const { takeLock } = await import(process.argv[1]);
  const [path, temporary, start] = process.argv.slice(2);
  while (Date.now() < Number(start));
  try { takeLock(path, temporary); process.stdout.write('taken\\n'); setInterval(() => {}, 1000); }
  catch (error) { process.stdout.write(error.code + '\\n'); }
`;

describe('takeLock', () => {
  it('lets one of many in that start at once, also over the lock of a process that is gone', async () => {
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    writeFileSync(path, JSON.stringify({ pid, started: '1' }));
    const module = pathToFileURL(join(ROOT, 'main/library/lock.ts')).href;
    const start = String(Date.now() + 3000);
    const contenders = Array.from({ length: 6 }, () =>
      spawn(process.execPath, ['--input-type=module', '-e', CONTENDER, module, path, temporary, start], {
        stdio: ['ignore', 'pipe', 'inherit'],
      }),
    );
    const answers = contenders.map(async (child) => {
      const answer = text(child.stdout);
      await new Promise((resolve) => child.stdout.once('data', resolve));
      return { child, answer };
    });
    await Promise.all(answers);
    for (const child of contenders) child.kill('SIGKILL');
    const said = await Promise.all(answers.map(async (one) => (await (await one).answer).trim()));
    expect(said.sort()).toEqual([...Array<string>(5).fill('library/locked'), 'taken']);
    expect(readdirSync(temporary)).toEqual([]);
  });

  it('gives back its own lock only', () => {
    const giveBack = takeLock(path, temporary);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ pid: process.pid });
    expect(() => takeLock(path, temporary)).toThrow(expect.objectContaining({ code: 'library/locked' }));
    writeFileSync(path, JSON.stringify({ pid: 1, started: null }));
    giveBack();
    expect(readdirSync(folder)).toContain('library.lock');
  });

  it('of a living process is stale where it is from before the last boot and nobody knows when that began', () => {
    const boot = Date.now() / 1000 - uptime();
    const leave = (secondsAfterBoot: number, started: string | null) => {
      writeFileSync(path, JSON.stringify({ pid: process.pid, started }));
      utimesSync(path, boot + secondsAfterBoot, boot + secondsAfterBoot);
    };
    const expectLocked = () =>
      expect(() => takeLock(path, temporary)).toThrow(expect.objectContaining({ code: 'library/locked' }));
    leave(10, null);
    expectLocked();
    // The clock may have been set a little since.
    leave(-10, null);
    expectLocked();
    leave(-600, null);
    const giveBack = takeLock(path, temporary);
    const { started } = JSON.parse(readFileSync(path, 'utf8')) as { started: string | null };
    giveBack();
    if (started === null) return;
    leave(-600, started);
    expectLocked();
  });

  it('says so where it cannot be written', () => {
    const nowhere = join(folder, 'nowhere');
    expect(() => takeLock(path, nowhere)).toThrow(expect.objectContaining({ code: 'output/unwritable' }));
  });
});
