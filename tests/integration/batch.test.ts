import {
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writePicture } from '../fixtures/make-pictures.ts';
import { jsonLines, restoreArgs, runCli, SAMPLE } from '../fixtures/run-cli.ts';

let root: string;
const at = (...names: string[]) => join(root, ...names);

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'heirloom-batch-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function restore(...args: string[]) {
  return runCli(restoreArgs(...args), { cwd: root });
}

describe('a batch', () => {
  it('keeps folders, tells inputs of one name apart and skips what is no picture', async () => {
    mkdirSync(at('in/1931'), { recursive: true });
    await writePicture(at('in'), 'plain.jpg', 'a.jpg');
    await writePicture(at('in'), 'plain.png', 'a.png');
    await writePicture(at('in/1931'), 'plain.jpg', 'a.jpg');
    writeFileSync(at('in/notes.txt'), 'x');
    const { code, stdout } = await restore('in', '--out', 'out');
    expect(code).toBe(0);
    expect(readdirSync(at('out'), { recursive: true }).sort()).toEqual([
      '1931',
      '1931/a.jpg',
      'a-2.png',
      'a.jpg',
    ]);
    expect(stdout).toContain('1 file skipped: not a picture by name');
    expect(stdout).toMatch(/\n0 restored, 3 unchanged in /);
  });

  it('does not replace an output without --overwrite', async () => {
    await writePicture(root, 'plain.jpg');
    mkdirSync(at('out'));
    writeFileSync(at('out/plain.jpg'), 'mine');
    const kept = await restore('plain.jpg', '--out', 'out');
    expect(kept.code).toBe(1);
    expect(kept.stderr).toMatch(/^\[1\/1\] Output exists\. .*plain\.jpg/);
    expect(readFileSync(at('out/plain.jpg'), 'utf8')).toBe('mine');
    const replaced = await restore('plain.jpg', '--out', 'out', '--overwrite');
    expect(replaced.code).toBe(0);
    expect(readFileSync(at('out/plain.jpg'))).toEqual(readFileSync(at('plain.jpg')));
  });

  it('never writes over an original, through whatever name', async () => {
    cpSync(SAMPLE, at('photo.jpg'));
    mkdirSync(at('soft'));
    mkdirSync(at('hard'));
    symlinkSync(at('photo.jpg'), at('soft/photo.jpg'));
    linkSync(at('photo.jpg'), at('hard/photo.jpg'));
    symlinkSync(root, at('here'));
    const before = readFileSync(at('photo.jpg'));
    for (const out of ['.', 'soft', 'hard', 'here']) {
      const { code, stderr } = await restore('photo.jpg', '--out', out, '--overwrite');
      expect(code, out).toBe(1);
      expect(stderr, out).toMatch(/^\[1\/1\] Output exists\. .*photo\.jpg.*original/);
    }
    expect(readFileSync(at('photo.jpg'))).toEqual(before);
    expect(readFileSync(at('hard/photo.jpg'))).toEqual(before);
  });

  it('never writes one original over another', async () => {
    await writePicture(root, 'plain.jpg', 'a.jpg');
    await writePicture(root, 'plain.png', 'a.png');
    const before = readFileSync(at('a.png'));
    const { code } = await restore('a.jpg', 'a.png', '--out', '.', '--format', 'png', '--overwrite');
    expect(code).toBe(1);
    expect(readFileSync(at('a.png'))).toEqual(before);
  });

  it('ends with 130 when it is interrupted, and leaves nothing half-written', async () => {
    cpSync(SAMPLE, at('photo.jpg'));
    const { code, stdout } = await runCli(
      ['restore', 'photo.jpg', '--out', 'out', '--json', '--speed', 'exact', '--start', '1000'].concat(
        restoreArgs().slice(1, 5),
      ),
      {
        cwd: root,
        started: (child) => {
          child.stdout?.on('data', (chunk: Buffer) => {
            if (chunk.toString().includes('"type":"step"')) child.kill('SIGINT');
          });
        },
      },
    );
    expect(code).toBe(130);
    expect(jsonLines(stdout).at(-1)).toMatchObject({ type: 'end', cancelled: true, restored: 0, failed: 0 });
    expect(existsSync(at('out'))).toBe(false);
  });

  it('says when there is nothing to do', async () => {
    mkdirSync(at('empty'));
    const { code, stdout } = await restore('empty', '--out', 'out');
    expect(code).toBe(0);
    expect(stdout).toBe('No pictures found\n');
  });
});
