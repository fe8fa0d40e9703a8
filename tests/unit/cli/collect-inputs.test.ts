import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { collectInputs } from '../../../cli/collect-inputs.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'heirloom-inputs-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function touch(...names: string[]): void {
  for (const name of names) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), 'x');
  }
}

async function relatives(...paths: string[]): Promise<string[]> {
  return (await collectInputs(paths)).files.map((file) => file.relative);
}

describe('collectInputs', () => {
  it('reads folders recursively in natural order and keeps their structure', async () => {
    touch('photo 10.jpg', 'photo 2.JPG', 'a/b/x.png', 'a/y.heic');
    expect(await relatives(root)).toEqual(['a/b/x.png', 'a/y.heic', 'photo 2.JPG', 'photo 10.jpg']);
  });

  it('takes a named file whatever its name, by its base name', async () => {
    touch('a/notes.txt');
    expect(await relatives(join(root, 'a/notes.txt'))).toEqual(['notes.txt']);
  });

  it('leaves hidden files out and counts what is no picture', async () => {
    touch('.hidden.jpg', '.cache/x.jpg', 'notes.txt', 'film.mp4', 'x.jpg');
    const { files, skipped } = await collectInputs([root]);
    expect(files.map((file) => file.relative)).toEqual(['x.jpg']);
    expect(skipped).toBe(2);
  });

  it('takes a file once, however often it is named', async () => {
    touch('x.jpg');
    expect(await relatives(root, join(root, 'x.jpg'), root)).toEqual(['x.jpg']);
  });

  it('refuses an empty name, which would be the folder that the command runs in', async () => {
    await expect(collectInputs(['x.jpg', ''])).rejects.toMatchObject({ code: 'argument/invalid' });
  });

  it('ends in spite of links that lead back', async () => {
    touch('a/x.jpg');
    symlinkSync(root, join(root, 'a/loop'));
    symlinkSync(join(root, 'a'), join(root, 'again'));
    expect(await relatives(root)).toEqual(['a/x.jpg']);
  });

  it('leaves the output folder below an input folder out', async () => {
    touch('x.jpg', 'out/x.jpg');
    const { files } = await collectInputs([root], join(root, 'out'));
    expect(files.map((file) => file.relative)).toEqual(['x.jpg']);
  });

  it('reports what is missing or no file, and goes on', async () => {
    touch('x.jpg');
    symlinkSync(join(root, 'gone'), join(root, 'dangling.jpg'));
    symlinkSync(join(root, 'gone'), join(root, 'dangling'));
    const { files, problems, skipped } = await collectInputs([join(root, 'missing.jpg'), '/dev/null', root]);
    expect(files).toHaveLength(1);
    expect(skipped).toBe(1);
    expect(problems.map(({ error }) => [error.code, error.message])).toEqual([
      ['input/not-found', `${root}/missing.jpg: no such file or folder`],
      ['input/unreadable', '/dev/null: not a file'],
      ['input/not-found', `${root}/dangling.jpg: no such file or folder`],
    ]);
  });
});
