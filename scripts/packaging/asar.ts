import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { z } from 'zod';

export interface AsarFile {
  /** Below the archive, with slashes. */
  path: string;
  /** Lies beside the archive. */
  unpacked: boolean;
  /** SHA-256, which Electron checks where it can. */
  hash: string | undefined;
}

interface Folder {
  files: Record<string, Entry>;
}
type Entry = Folder | { unpacked?: boolean; integrity?: { hash: string } };

const entrySchema: z.ZodType<Entry> = z.union([
  z.object({
    files: z.lazy(() => z.record(z.string(), entrySchema)),
  }),
  z.object({
    unpacked: z.boolean().optional(),
    integrity: z.object({ hash: z.string() }).optional(),
  }) as z.ZodType<Entry>,
]);

/** Four 32-bit numbers stand before the header, the last one is its length in bytes. */
const PREFIX_BYTES = 16;

/** Lists the files of one of Electron's archives. Throws for a file that is none, naming it. */
export function listAsar(path: string): AsarFile[] {
  const header = entrySchema.parse(JSON.parse(readHeader(path)));
  return 'files' in header ? listFolder(header, '') : [];
}

function readHeader(path: string): string {
  const file = openSync(path, 'r');
  try {
    const prefix = Buffer.alloc(PREFIX_BYTES);
    readSync(file, prefix, 0, PREFIX_BYTES, 0);
    const length = prefix.readUInt32LE(12);
    // Any file has some number there, and the header of one that is no archive may be gigabytes of nothing.
    if (PREFIX_BYTES + length > fstatSync(file).size)
      throw new Error(`${path} is no archive: its header would have ${length} bytes`);
    const header = Buffer.alloc(length);
    readSync(file, header, 0, header.length, PREFIX_BYTES);
    return header.toString('utf8');
  } finally {
    closeSync(file);
  }
}

function listFolder({ files }: Folder, parent: string): AsarFile[] {
  return Object.entries(files).flatMap(([name, entry]) => {
    const path = parent === '' ? name : `${parent}/${name}`;
    if ('files' in entry) return listFolder(entry, path);
    return { path, unpacked: entry.unpacked ?? false, hash: entry.integrity?.hash };
  });
}
