import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { binaryFormat } from '../../../../scripts/packaging/binary-format.ts';
import { ROOT } from '../../../fixtures/run-cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'heirloom-binaries-'));
afterAll(() => rmSync(folder, { recursive: true }));

function elf(machine: number): Buffer {
  const file = Buffer.alloc(64);
  file.write('\x7fELF', 'latin1');
  file.writeUInt16LE(machine, 18);
  return file;
}

function machO(cpu: number): Buffer {
  const file = Buffer.alloc(64);
  file.writeUInt32LE(0xfeedfacf, 0);
  file.writeUInt32LE(cpu, 4);
  return file;
}

function pe(machine: number): Buffer {
  const file = Buffer.alloc(256);
  file.write('MZ', 'latin1');
  file.writeUInt32LE(0x80, 0x3c);
  file.write('PE\0\0', 0x80, 'latin1');
  file.writeUInt16LE(machine, 0x84);
  return file;
}

function universal(processors: number): Buffer {
  const file = Buffer.alloc(64);
  file.writeUInt32BE(0xcafebabe, 0);
  file.writeUInt32BE(processors, 4);
  return file;
}

function formatOf(content: Buffer | string) {
  const path = join(folder, 'file');
  writeFileSync(path, content);
  return binaryFormat(path);
}

describe('binaryFormat', () => {
  it.each([
    ['an ELF for x64', elf(0x3e), { platform: 'linux', arch: 'x64' }],
    ['an ELF for arm64', elf(0xb7), { platform: 'linux', arch: 'arm64' }],
    ['an ELF for RISC-V', elf(0xf3), { platform: 'linux', arch: 'other' }],
    ['a Mach-O for x64', machO(0x01000007), { platform: 'darwin', arch: 'x64' }],
    ['a Mach-O for arm64', machO(0x0100000c), { platform: 'darwin', arch: 'arm64' }],
    ['a Mach-O for both', universal(2), { platform: 'darwin', arch: 'other' }],
    ['a PE for x64', pe(0x8664), { platform: 'win32', arch: 'x64' }],
    ['a PE for arm64', pe(0xaa64), { platform: 'win32', arch: 'arm64' }],
    ['a PE for x86', pe(0x14c), { platform: 'win32', arch: 'other' }],
  ])('reads %s', (_, content, format) => {
    expect(formatOf(content)).toEqual(format);
  });

  it.each([
    ['an empty file', ''],
    ['a text', 'x'.repeat(200)],
    ['a short file that begins as a program', '\x7fELF'],
    ['a text that begins with MZ', `MZ${'x'.repeat(200)}`],
    ['a Java class', universal(0x34)],
  ])('is null for %s', (_, content) => {
    expect(formatOf(content)).toBeNull();
  });

  it('knows the binaries of the packages', () => {
    const sqlite = join(ROOT, 'node_modules/better-sqlite3/prebuilds');
    expect(binaryFormat(join(sqlite, 'win32-arm64.node'))).toEqual({ platform: 'win32', arch: 'arm64' });
    expect(binaryFormat(join(sqlite, 'darwin-x64.node'))).toEqual({ platform: 'darwin', arch: 'x64' });
    expect(binaryFormat(process.execPath)).toEqual({ platform: process.platform, arch: process.arch });
  });

  it('throws for a file that is not there', () => {
    expect(() => binaryFormat(join(folder, 'none'))).toThrow('ENOENT');
  });
});
