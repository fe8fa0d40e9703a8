import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pack } from 'tar-stream';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readPairs } from '../../../cli/read-pairs.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'heirloom-pairs-'));
});
afterEach(() => rmSync(root, { recursive: true }));

async function writeTar(name: string, files: Record<string, string>): Promise<string> {
  const archive = pack();
  for (const [file, text] of Object.entries(files)) archive.entry({ name: file }, text);
  archive.finalize();
  writeFileSync(join(root, name), await buffer(archive));
  return join(root, name);
}

function writeFolder(name: string, files: Record<string, string>): string {
  mkdirSync(join(root, name));
  for (const [file, text] of Object.entries(files)) writeFileSync(join(root, name, file), text);
  return join(root, name);
}

describe('readPairs', () => {
  it('pairs a tar with a folder by name, in natural order', async () => {
    const lq = await writeTar('lq.tar', {
      'val/10.jpg': 'l10',
      'val/2.jpg': 'l2',
      'val/7.jpg': '',
      'val/._2.jpg': 'attributes',
      'x.txt': '',
    });
    const hq = writeFolder('hq', { '2.png': 'h2', '10.png': 'h10', '.3.png': '', '._2.png': '' });
    const pairs = await readPairs(lq, hq);
    const text = new TextDecoder();
    expect(pairs.map((p) => [p.name, text.decode(p.lq), text.decode(p.hq)])).toEqual([
      ['2', 'l2', 'h2'],
      ['10', 'l10', 'h10'],
    ]);
  });

  it('says what is missing', async () => {
    const lq = writeFolder('lq', { '1.jpg': '' });
    const hq = writeFolder('hq', { '2.jpg': '' });
    await expect(readPairs(lq, hq)).rejects.toThrow('(1 pictures): no two of the same name');
    await expect(readPairs(lq, join(root, 'none'))).rejects.toMatchObject({ code: 'input/not-found' });
  });

  it('refuses a file that is no tar', async () => {
    writeFileSync(join(root, 'no.tar'), 'x'.repeat(2000));
    await expect(readPairs(join(root, 'no.tar'), root)).rejects.toMatchObject({ code: 'input/unreadable' });
  });
});
