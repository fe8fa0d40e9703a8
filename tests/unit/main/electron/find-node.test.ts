import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findNode } from '../../../../main/electron/find-node.ts';

describe('findNode', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'heirloom-node-'))));
  afterEach(() => rm(folder, { recursive: true }));

  it('finds the Node 24 that npm installed', () => {
    const binary = findNode(resolve(import.meta.dirname, '../../../..'));
    expect(execFileSync(binary, ['--version'], { encoding: 'utf8' })).toMatch(/^v24\./);
  });

  it('names the folder without the package', () => {
    expect(() => findNode(folder)).toThrow(`${folder}: the package node is missing`);
  });

  it('names the binary that is missing', async () => {
    await mkdir(join(folder, 'node_modules', 'node'), { recursive: true });
    await writeFile(join(folder, 'node_modules', 'node', 'package.json'), '{"name":"node"}');
    expect(() => findNode(folder, 'linux')).toThrow(/bin\/node: Node 24 is missing/);
    expect(() => findNode(folder, 'win32')).toThrow(/node\.exe: Node 24 is missing/);
  });
});
