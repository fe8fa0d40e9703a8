/**
 * The name of an exported file. The application writes by it and the export dialog's example shows it, so that what
 * is promised is what is written.
 */

/** What `{...}` in a pattern stands for, in the order in which they are explained. */
export const EXPORT_PLACEHOLDERS = ['name', 'date', 'number', 'preset', 'version'] as const;
export type ExportPlaceholder = (typeof EXPORT_PLACEHOLDERS)[number];

/** Part of a pattern that stands in the names of restored photos alone: an original is not called restored. */
export const RESTORED_MARK = '-restored';

/** What a naming pattern may speak of. */
export interface ExportNameParts {
  /** File name as imported, with its extension. */
  name: string;
  /** `1953`, `1953-06`, `1953-06-02`, or with a time; null: unknown. */
  takenAt: string | null;
  /** Place in this export, from 1, of `count`. */
  number: number;
  count: number;
  /** Null: the original. */
  version: { number: number; preset: string } | null;
}

/** File systems allow 255 in a name; an extension and a number follow. */
const MAX_BYTES = 200;
/** Windows gives these to devices, whatever the extension. */
const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)$/i;
/** Signs that a name cannot hold on some system, for a person to read. */
export const FORBIDDEN_IN_NAMES = '<>:"/\\|?*';
/** Those, control characters, and marks that turn the direction of what follows. */
const FORBIDDEN = /[<>:"/\\|?*\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * The file name, without extension, that a pattern gives. Whatever a photo's name or the pattern holds, it is a plain
 * name: no separators, no control characters, none that a system keeps for itself.
 *
 * @example
 * exportName('{date} {name}', { name: 'wedding.jpg', takenAt: '1953-06-02', number: 1, count: 1, version: null });
 * // '1953-06-02 wedding'
 * @example
 * exportName('{name}-restored', { name: 'wedding.jpg', takenAt: null, number: 1, count: 1, version: null });
 * // 'wedding'
 */
export function exportName(pattern: string, parts: ExportNameParts): string {
  const values = valuesOf(parts);
  const meant = parts.version ? pattern : pattern.replaceAll(RESTORED_MARK, '');
  const filled = meant.replace(/\{(\w+)\}/g, (all, key: string) =>
    Object.hasOwn(values, key) ? values[key as ExportPlaceholder] : all,
  );
  return safeName(filled);
}

/** Placeholders of a pattern that nothing stands for: `{datum}`. */
export function unknownPlaceholders(pattern: string): string[] {
  const all = [...pattern.matchAll(/\{([^{}]*)\}/g)];
  const unknown = all.filter(([, name]) => !(EXPORT_PLACEHOLDERS as readonly string[]).includes(name ?? ''));
  return [...new Set(unknown.map(([placeholder]) => placeholder))];
}

function valuesOf({
  name,
  takenAt,
  number,
  count,
  version,
}: ExportNameParts): Record<ExportPlaceholder, string> {
  return {
    name: name.replace(/(?<=.)\.[^.]*$/s, ''),
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
  const encoder = new TextEncoder();
  const characters = [...text];
  let bytes = encoder.encode(text).length;
  while (bytes > MAX_BYTES) bytes -= encoder.encode(characters.pop() ?? '').length;
  return characters.join('');
}

function trim(text: string): string {
  return text.replace(/^[\s.]+|[\s.]+$/g, '');
}
