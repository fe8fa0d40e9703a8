import { extname } from 'node:path';

/** What a naming pattern may speak of. */
export interface ExportNameParts {
  /** File name as imported, with its extension. */
  name: string;
  takenAt: string | null;
  /** Place in this export, from 1, of `count`. */
  number: number;
  count: number;
  /** Null: the original. */
  version: { number: number; preset: string } | null;
}

/** File systems allow 255 in a name; an extension and a number follow. */
const MAX_BYTES = 200;
const PLACEHOLDER = /\{(name|date|number|preset|version)\}/g;
/** Windows gives these to devices, whatever the extension. */
const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)$/i;
const FORBIDDEN = /[<>:"/\\|?*\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * The file name, without extension, that a pattern gives. Whatever a photo's name or the pattern holds, it is a plain
 * name: no separators, no control characters, none that a system keeps for itself.
 *
 * @example
 * exportName('{date} {name}', { name: 'wedding.jpg', takenAt: '1953-06-02', number: 1, count: 1, version: null });
 * // '1953-06-02 wedding'
 */
export function exportName(pattern: string, parts: ExportNameParts): string {
  const values = valuesOf(parts);
  const filled = pattern.replace(PLACEHOLDER, (_, key: keyof typeof values) => values[key]);
  return safeName(filled);
}

function valuesOf({ name, takenAt, number, count, version }: ExportNameParts) {
  return {
    name: name.slice(0, name.length - extname(name).length),
    date: takenAt?.slice(0, 10) ?? 'undated',
    number: String(number).padStart(String(count).length, '0'),
    preset: version?.preset ?? 'original',
    version: version ? String(version.number) : 'original',
  };
}

function safeName(text: string): string {
  const plain = text.normalize('NFC').replace(FORBIDDEN, '_').replace(/\s+/g, ' ');
  // Files whose names begin with a point are hidden, and Windows drops points and spaces at the end.
  const trimmed = trim(shorten(trim(plain)));
  if (trimmed === '') return 'photo';
  return RESERVED.test(trimmed.split('.')[0] ?? '') ? `_${trimmed}` : trimmed;
}

function shorten(text: string): string {
  const characters = [...text];
  while (Buffer.byteLength(characters.join('')) > MAX_BYTES) characters.pop();
  return characters.join('');
}

function trim(text: string): string {
  return text.replace(/^[\s.]+|[\s.]+$/g, '');
}
