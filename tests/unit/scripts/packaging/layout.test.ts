import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Target } from '../../../../scripts/packaging/binary-format.ts';
import {
  filesOf,
  layoutFaults,
  requiredNatives,
  sizeTable,
  weigh,
} from '../../../../scripts/packaging/layout.ts';

const LINUX: Target = { platform: 'linux', arch: 'x64' };
const ELF_X64 = Buffer.concat([
  Buffer.from('\x7fELF', 'latin1'),
  Buffer.alloc(14),
  Buffer.from([0x3e]),
  Buffer.alloc(60),
]);

let resources: string;
beforeEach(async () => {
  resources = await mkdtemp(join(tmpdir(), 'heirloom-layout-'));
  for (const file of ['app.asar', 'program/THIRD-PARTY-LICENSES.txt', 'program/package.json'])
    await put(file, 'x');
  for (const file of requiredNatives(LINUX)) await put(file, file.endsWith('.json') ? '{}' : ELF_X64);
});
afterEach(() => rm(resources, { recursive: true }));

async function put(file: string, content: string | Buffer): Promise<void> {
  const path = join(resources, file);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}

describe('layoutFaults', () => {
  it('finds none in a layout as it should be', () => {
    expect(layoutFaults(resources, LINUX)).toEqual([]);
  });

  it('names what is missing', async () => {
    await rm(join(resources, 'program/node_modules/node/bin/node'));
    await rm(join(resources, 'app.asar'));
    expect(layoutFaults(resources, LINUX)).toEqual([
      'app.asar is missing',
      'program/node_modules/node/bin/node is missing',
    ]);
  });

  it('names a library of another system, whatever it is called', async () => {
    const file = Buffer.alloc(64);
    file.writeUInt32LE(0xfeedfacf, 0);
    file.writeUInt32LE(0x0100000c, 4);
    await put('program/node_modules/x/data.bin', file);
    expect(layoutFaults(resources, LINUX)).toEqual([
      'program/node_modules/x/data.bin is for darwin arm64, not linux x64',
    ]);
  });

  it('names a part over its budget', async () => {
    await put('program/samples/huge.jpg', '');
    await truncate(join(resources, 'program/samples/huge.jpg'), 4 * 1024 * 1024);
    expect(layoutFaults(resources, LINUX)).toEqual(['samples: 4194304 bytes, over its budget of 3145728']);
  });

  it('asks for the natives of the target that it is told', () => {
    const faults = layoutFaults(resources, { platform: 'win32', arch: 'x64' });
    expect(faults).toContain('program/node_modules/node/bin/node.exe is missing');
    expect(faults).toContain('program/node_modules/node/bin/node is for linux x64, not win32 x64');
    expect(faults.some((fault) => fault.includes('sharp-libvips-win32'))).toBe(false);
  });
});

describe('weigh', () => {
  it('counts each file once', async () => {
    await put('program/node_modules/@img/sharp-x/lib.so', 'x'.repeat(1000));
    await put('elsewhere.txt', 'x'.repeat(10));
    const parts = weigh(resources);
    const bytes = (name: string) => parts.find((part) => part.name === name)!.bytes;
    expect(bytes('sharp')).toBe(1000 + 2 * '{}'.length);
    expect(bytes('rest')).toBe(10);
    expect(bytes('app.asar')).toBe(1);
    expect(bytes('unpacked natives')).toBe(ELF_X64.length);
  });

  it('becomes a table with the sum', () => {
    const lines = sizeTable([
      { name: 'node', bytes: 1024 * 1024, budgetBytes: 2 * 1024 * 1024 },
      { name: 'packs', bytes: 512 * 1024, budgetBytes: 1024 * 1024 },
    ]);
    expect(lines.map((line) => line.replace(/ +/g, ' '))).toEqual([
      'node 1.0 MiB of 2.0 MiB',
      'packs 0.5 MiB of 1.0 MiB',
      'together 1.5 MiB of 3.0 MiB',
    ]);
  });
});

it('filesOf throws for a folder that is not there', () => {
  expect(() => filesOf(join(resources, 'none'))).toThrow('ENOENT');
});
