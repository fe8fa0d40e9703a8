import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What lies on a disk under a picture's name and is no plain file, or has a name that no camera gives. */
export interface OddFile {
  name: string;
  /** Puts it into the folder; `good` is a small JPEG. */
  make: (path: string, good: Buffer) => void;
}

const NAMES = [
  '<img src=x onerror=alert(1)>.jpg',
  '"><script>alert(1)<|script>.jpg',
  "'; DROP TABLE photos; --.jpg",
  'photo\u202egpj.exe.jpg',
  '\u2066\u2067\u2068.jpg',
  'two\nlines.jpg',
  'bell\u0007 and escape\u001b[31m.jpg',
  '%00.jpg',
  '%2e%2e%2f.jpg',
  '..jpg',
  '$(touch hostile).jpg',
  '{name}{date}{{number}}.jpg',
  'a'.repeat(251) + '.jpg',
  '🙂'.repeat(60) + '.jpg',
  'Z̷̢̛a̶l̵g̸o̶'.repeat(8) + '.jpg',
  'ends in ].jpg[page=3]',
  'n=-1,page=2.jpg',
];

function sparse(path: string, good: Buffer, bytes: number): void {
  writeFileSync(path, good);
  truncateSync(path, bytes);
}

export const ODD_FILES: readonly OddFile[] = [
  ...NAMES.map((name, i): OddFile => ({
    name,
    // Each of its own bytes, so that each becomes a photo.
    make: (path, good) => writeFileSync(path, Buffer.concat([good, Buffer.from(String(i))])),
  })),
  { name: 'folder.jpg', make: (path) => mkdirSync(path) },
  { name: 'link-to-passwd.jpg', make: (path) => symlinkSync('/etc/passwd', path) },
  { name: 'link-to-zeros.jpg', make: (path) => symlinkSync('/dev/zero', path) },
  { name: 'link-to-itself.jpg', make: (path) => symlinkSync(path, path) },
  { name: 'link-to-nothing.jpg', make: (path) => symlinkSync(join(path, '..', 'nothing'), path) },
  { name: 'pipe.jpg', make: (path) => void spawnSync('mkfifo', [path]) },
  { name: 'one-terabyte.jpg', make: (path, good) => sparse(path, good, 2 ** 40) },
  { name: 'three-gigabytes.jpg', make: (path, good) => sparse(path, good, 3 * 2 ** 30) },
];
