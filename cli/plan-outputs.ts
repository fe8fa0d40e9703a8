import { extname, join } from 'node:path';
import { HeirloomError } from '../contract/errors.ts';
import { FORMAT_EXTENSIONS } from '../contract/picture-names.ts';
import type { OutputFormat } from '../contract/restore.ts';
import { fileId, withExtension } from '../engine/output-file.ts';
import type { InputFile } from './collect-inputs.ts';

export interface PlannedPhoto extends InputFile {
  /** Absolute path of the output without its extension, which the format decides. */
  output: string;
}

function stem(path: string): string {
  return path.slice(0, path.length - extname(path).length);
}

/** What a name must have room for behind it, besides the input's own extension: `.webp` and `.tiff`. */
const LONGEST_EXTENSION = '.webp';

/** Names that some file system takes for one. */
function sameName(path: string): string {
  return path.normalize('NFC').toLowerCase();
}

/**
 * Gives each input its place below `outFolder`; a name that is taken already gets `-2`, `-3` and so on. One that is
 * too long is cut here and not later, where two could become one.
 */
export function planOutputs(files: InputFile[], outFolder: string): PlannedPhoto[] {
  const taken = new Set<string>();
  return files.map((file) => {
    const wanted = join(outFolder, stem(file.relative));
    const own = extname(file.relative);
    const longest = Buffer.byteLength(own) > LONGEST_EXTENSION.length ? own : LONGEST_EXTENSION;
    const numbered = (ending: string) => withExtension(wanted, ending + longest).slice(0, -longest.length);
    let output = numbered('');
    for (let n = 2; taken.has(sameName(output)); n++) output = numbered(`-${n}`);
    taken.add(sameName(output));
    return { ...file, output };
  });
}

export async function identities(files: InputFile[]): Promise<Set<string>> {
  const found = await Promise.all(files.map((file) => fileId(file.path)));
  return new Set(found.filter((id) => id !== undefined));
}

/**
 * Throws `output/exists` where the output of `photo` could replace one of the `originals` (their identities),
 * whatever `--overwrite` says. A photo without faces is copied under its own extension, whatever the format; onto
 * itself that is no change.
 */
export async function protectOriginals(
  photo: PlannedPhoto,
  format: OutputFormat,
  originals: Set<string>,
): Promise<void> {
  const own = await fileId(photo.path);
  const written = format === 'same' ? Object.values(FORMAT_EXTENSIONS) : [FORMAT_EXTENSIONS[format]];
  const formats: string[] = written.map(([extension]) => extension);
  for (const extension of new Set([extname(photo.path), ...formats])) {
    const path = `${photo.output}${extension}`;
    const id = await fileId(path);
    if (id === undefined || !originals.has(id)) continue;
    if (id === own && !formats.includes(extension) && format !== 'same') continue;
    const message = `${photo.path}: the output ${path} is an original, which is never replaced`;
    throw new HeirloomError('output/exists', message, { path });
  }
}
