import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { binaryFormat, type Target } from './binary-format.ts';

const MIB = 1024 * 1024;

/** A part of an installed Heirloom, without Electron itself, and the most that it may weigh. */
export interface Part {
  name: string;
  bytes: number;
  budgetBytes: number;
}

interface PartRule {
  name: string;
  /** MiB; some slack above what it is now, so that a stray folder is noticed. */
  budget: number;
  /** Start of the path below `resources`, with slashes. */
  below: readonly string[];
}

const MODULES = 'program/node_modules/';

/** The first that fits counts. */
const PARTS: readonly PartRule[] = [
  { name: 'unpacked natives', budget: 4, below: ['app.asar.unpacked/'] },
  { name: 'app.asar', budget: 8, below: ['app.asar'] },
  { name: 'node', budget: 135, below: [`${MODULES}node/`] },
  { name: 'onnxruntime', budget: 80, below: [`${MODULES}onnxruntime-`] },
  { name: 'sharp', budget: 24, below: [`${MODULES}sharp/`, `${MODULES}@img/`] },
  { name: 'face detector', budget: 20, below: [`${MODULES}@vladmandic/`, `${MODULES}@tensorflow/`] },
  { name: 'other packages', budget: 12, below: [MODULES] },
  { name: 'packs', budget: 60, below: ['program/resources/'] },
  { name: 'samples', budget: 3, below: ['program/samples/'] },
  { name: 'program', budget: 6, below: ['program/'] },
  // Electron's own, and the address of updates.
  { name: 'rest', budget: 1, below: [''] },
];

/** Every file below `resources`, with slashes, sorted. */
export function filesOf(resources: string): string[] {
  return readdirSync(resources, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(resources, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
}

/** What each part weighs. */
export function weigh(resources: string): Part[] {
  const bytes = new Map(PARTS.map(({ name }) => [name, 0]));
  for (const file of filesOf(resources)) {
    const part = PARTS.find(({ below }) => below.some((start) => file.startsWith(start)))!;
    bytes.set(part.name, bytes.get(part.name)! + statSync(join(resources, file)).size);
  }
  return PARTS.map(({ name, budget }) => ({ name, bytes: bytes.get(name)!, budgetBytes: budget * MIB }));
}

/** A line for each part, and one for the whole. */
export function sizeTable(parts: readonly Part[]): string[] {
  const sum = (key: 'bytes' | 'budgetBytes') => parts.reduce((total, part) => total + part[key], 0);
  const total = { name: 'together', bytes: sum('bytes'), budgetBytes: sum('budgetBytes') };
  return [...parts, total].map(({ name, bytes, budgetBytes }) => {
    const [size, budget] = [bytes, budgetBytes].map((value) => (value / MIB).toFixed(1));
    return `${name.padEnd(18)}${size!.padStart(7)} MiB of ${budget!.padStart(6)} MiB`;
  });
}

/** Native files that every package must hold, below `resources`. */
export function requiredNatives({ platform, arch }: Target): string[] {
  const img = `${MODULES}@img/sharp-`;
  const files = [
    `app.asar.unpacked/node_modules/better-sqlite3/prebuilds/${platform}-${arch}.node`,
    `${MODULES}better-sqlite3/prebuilds/${platform}-${arch}.node`,
    `${MODULES}node/bin/${platform === 'win32' ? 'node.exe' : 'node'}`,
    `${MODULES}onnxruntime-node/bin/napi-v6/${platform}/${arch}/onnxruntime_binding.node`,
    `${img}${platform}-${arch}/package.json`,
  ];
  // On Windows libvips is in sharp's own folder.
  return platform === 'win32' ? files : [...files, `${img}libvips-${platform}-${arch}/package.json`];
}

/**
 * What is wrong with a package's `resources`: missing or foreign native files, a launcher or licences left out, a
 * part over its budget. Empty where it is as it should be.
 */
export function layoutFaults(resources: string, target: Target): string[] {
  const expected = ['app.asar', 'program/THIRD-PARTY-LICENSES.txt', 'program/package.json'];
  const missing = [...expected, ...requiredNatives(target)]
    .filter((file) => !existsSync(join(resources, file)))
    .map((file) => `${file} is missing`);
  const tooBig = weigh(resources)
    .filter(({ bytes, budgetBytes }) => bytes > budgetBytes)
    .map(({ name, bytes, budgetBytes }) => `${name}: ${bytes} bytes, over its budget of ${budgetBytes}`);
  return [...missing, ...foreignNatives(resources, target), ...tooBig];
}

function foreignNatives(resources: string, target: Target): string[] {
  return filesOf(resources).flatMap((file) => {
    const format = binaryFormat(join(resources, file));
    if (!format || (format.platform === target.platform && format.arch === target.arch)) return [];
    return `${file} is for ${format.platform} ${format.arch}, not ${target.platform} ${target.arch}`;
  });
}
