import { extname } from 'node:path';
import { PNG_HEAD, repairPng } from './containers.ts';
import type { Random } from '../fixtures/random.ts';

/** Damage that needs no knowledge of a format, done to one good file. */

/** A file of the corpus. `bytes` is made when it is its turn: together they would not fit in memory. */
export interface HostileFile {
  /** Name in the corpus and on disk. */
  name: string;
  /** What it belongs to, for the report. */
  family: string;
  bytes: () => Buffer;
}

const CUTS = 50;
const INTERESTING = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff];

const isPng = (file: Buffer): boolean => file.subarray(0, 8).equals(PNG_HEAD);

/** The first 1/50, 2/50 ... of the file. */
export function truncations(name: string, file: Buffer): HostileFile[] {
  return Array.from({ length: CUTS - 1 }, (_, i) => ({
    name: `cut-${String(i + 1).padStart(2, '0')}-of-50-${name}`,
    family: 'truncated',
    bytes: () => file.subarray(0, Math.floor((file.length * (i + 1)) / CUTS)),
  }));
}

/** One to sixteen bytes replaced; every other PNG with checksums that are right again. */
export function flips(name: string, file: Buffer, count: number, random: Random): HostileFile[] {
  return Array.from({ length: count }, (_, i) => {
    const changes = Array.from(
      { length: 2 ** random.below(5) },
      () => [placeIn(file, random), random.below(256)] as const,
    );
    return {
      name: `flip-${String(i).padStart(2, '0')}-${name}`,
      family: 'flipped bytes',
      bytes: () => {
        const copy = Buffer.from(file);
        for (const [at, value] of changes) copy[at] = value;
        return isPng(copy) && i % 2 === 0 ? repairPng(copy) : copy;
      },
    };
  });
}

/** Headers are where damage tells most: half of the changes fall into the first 512 bytes. */
function placeIn(file: Buffer, random: Random): number {
  return random.below(random.next() < 0.5 ? Math.min(512, file.length) : file.length);
}

/** A number of two or four bytes, of either byte order, replaced by one at the edge of what it can hold. */
export function words(name: string, file: Buffer, count: number, random: Random): HostileFile[] {
  return Array.from({ length: count }, (_, i) => {
    const at = Math.min(placeIn(file, random), Math.max(0, file.length - 4));
    const [value, wide, little] = [random.pick(INTERESTING), random.next() < 0.6, random.next() < 0.5];
    return {
      name: `word-${String(i).padStart(2, '0')}-${name}`,
      family: 'huge numbers',
      bytes: () => {
        const copy = Buffer.from(file);
        if (wide && little) copy.writeUInt32LE(value, at);
        else if (wide) copy.writeUInt32BE(value, at);
        else if (little) copy.writeUInt16LE(value & 0xffff, at);
        else copy.writeUInt16BE(value & 0xffff, at);
        return isPng(copy) ? repairPng(copy) : copy;
      },
    };
  });
}

/** A piece of the file repeated, left out, or taken from another file. */
export function splices(
  name: string,
  file: Buffer,
  others: readonly Buffer[],
  count: number,
  random: Random,
): HostileFile[] {
  return Array.from({ length: count }, (_, i) => {
    const [from, to] = [random.below(file.length), random.below(file.length)].sort((a, b) => a - b) as [
      number,
      number,
    ];
    const kind = random.below(3);
    const other = random.pick(others);
    const start = random.below(other.length);
    return {
      name: `splice-${String(i).padStart(2, '0')}-${name}`,
      family: 'spliced',
      bytes: () => {
        const piece = file.subarray(from, to);
        const middle = [[piece, piece, piece], [], [other.subarray(start, start + piece.length)]][kind]!;
        return Buffer.concat([file.subarray(0, from), ...middle, file.subarray(to)]);
      },
    };
  });
}

/** Under the names of other formats: what a file is, its content says. */
export function renames(name: string, file: Buffer): HostileFile[] {
  const extensions = ['.jpg', '.png', '.webp', '.tiff', '.avif', '.gif', '.heic', '.svg', ''];
  return extensions
    .filter((extension) => extension !== extname(name))
    .map((extension) => ({ name: `as-${name}${extension}`, family: 'renamed', bytes: () => file }));
}
