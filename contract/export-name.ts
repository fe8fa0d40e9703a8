/**
 * The name of an exported file. The application writes by it and the export dialog's example shows it, so that what
 * is promised is what is written.
 */

/** What `{...}` in a pattern stands for, in the order in which they are explained. */
export const EXPORT_PLACEHOLDERS = ['name', 'date', 'number', 'preset', 'version'] as const;
export type ExportPlaceholder = (typeof EXPORT_PLACEHOLDERS)[number];

export type ExportNameParts = {
  /** File name of the original, without its extension. */
  name: string;
  /** As in the library: `1953-06-02` or with a time; null: unknown. */
  takenAt: string | null;
  /** 1-based place in this export. */
  number: number;
  /** How many photos this export has: numbers get as many digits. */
  count: number;
  /** Of the version; null: the original is exported. */
  preset: string | null;
  version: number | null;
};

/** Signs that a name cannot hold on some system. */
export const FORBIDDEN_IN_NAMES = '/\\:*?"<>|';
const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;
/** File systems take 255 bytes; an extension, a number and a temporary name must fit as well. */
const LONGEST_BYTES = 200;

/** The name without extension: placeholders filled in, nothing in it that a file system refuses or takes for a folder. */
export function exportName(pattern: string, parts: ExportNameParts): string {
  const values: Record<ExportPlaceholder, string> = {
    name: parts.name,
    date: parts.takenAt?.slice(0, 10) ?? 'undated',
    number: String(parts.number).padStart(String(parts.count).length, '0'),
    preset: parts.preset ?? 'original',
    version: String(parts.version ?? 0),
  };
  const filled = pattern.replace(/\{(\w+)\}/g, (all, key: string) =>
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

function safeName(name: string): string {
  const replaced = [...name].map((sign) => (isForbidden(sign) ? '_' : sign)).join('');
  const cut = cutToBytes(replaced.trim(), LONGEST_BYTES).replace(/[. ]+$/, '');
  if (cut === '' || cut.startsWith('.')) return `photo${cut}`;
  return RESERVED.test(cut) ? `_${cut}` : cut;
}

const isForbidden = (sign: string): boolean => FORBIDDEN_IN_NAMES.includes(sign) || /\p{Cc}/u.test(sign);

function cutToBytes(text: string, most: number): string {
  const encoder = new TextEncoder();
  let kept = '';
  let bytes = 0;
  for (const sign of text) {
    bytes += encoder.encode(sign).length;
    if (bytes > most) break;
    kept += sign;
  }
  return kept;
}
