import { closeSync, openSync, readSync } from 'node:fs';

export type Platform = 'linux' | 'darwin' | 'win32';
export type Arch = 'x64' | 'arm64';
export interface Target {
  platform: Platform;
  arch: Arch;
}
/** What a program or a library was made for; `other` is a processor that Heirloom has no packages for. */
export interface BinaryFormat {
  platform: Platform;
  arch: Arch | 'other';
}

/** Enough for the headers that are read: a PE header seldom starts behind the first 512 bytes. */
const HEAD_BYTES = 4096;
const ELF = 0x7f454c46;
const MACH_O_64 = 0xfeedfacf;
const MACH_O_UNIVERSAL = 0xcafebabe;

const ELF_MACHINES: Readonly<Record<number, Arch>> = { 0x3e: 'x64', 0xb7: 'arm64' };
const MACH_CPUS: Readonly<Record<number, Arch>> = { 0x01000007: 'x64', 0x0100000c: 'arm64' };
const PE_MACHINES: Readonly<Record<number, Arch>> = { 0x8664: 'x64', 0xaa64: 'arm64' };

/** Reads what a native file was made for from its header, whatever its name; null for every other file. */
export function binaryFormat(path: string): BinaryFormat | null {
  const head = readHead(path);
  if (head.length < 64) return null;
  const magic = head.readUInt32BE(0);
  if (magic === ELF) return { platform: 'linux', arch: ELF_MACHINES[head.readUInt16LE(18)] ?? 'other' };
  if (head.readUInt32LE(0) === MACH_O_64)
    return { platform: 'darwin', arch: MACH_CPUS[head.readUInt32LE(4)] ?? 'other' };
  if (magic === MACH_O_UNIVERSAL && isUniversal(head)) return { platform: 'darwin', arch: 'other' };
  return head.toString('latin1', 0, 2) === 'MZ' ? readPe(head) : null;
}

function readHead(path: string): Buffer {
  const file = openSync(path, 'r');
  try {
    const head = Buffer.alloc(HEAD_BYTES);
    return head.subarray(0, readSync(file, head, 0, HEAD_BYTES, 0));
  } finally {
    closeSync(file);
  }
}

/** A Java class starts alike; what follows is its version there, and the number of processors here. */
function isUniversal(head: Buffer): boolean {
  return head.readUInt32BE(4) < 20;
}

function readPe(head: Buffer): BinaryFormat | null {
  const header = head.readUInt32LE(0x3c);
  if (header + 6 > head.length || head.toString('latin1', header, header + 4) !== 'PE\0\0') return null;
  return { platform: 'win32', arch: PE_MACHINES[head.readUInt16LE(header + 4)] ?? 'other' };
}
