import { say, type SentenceCode } from '../../contract/sentences.ts';

/** What a file's first bytes say it is. `heif` stands for HEIC and AVIF, which share a container. */
export type FileFormat = 'jpeg' | 'png' | 'webp' | 'tiff' | 'gif' | 'heif';

const HEIF_BRANDS = new Set([
  ...['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'hevm', 'hevs'],
  ...['avif', 'avis', 'mif1', 'msf1', 'mif2', 'miaf'],
]);

/** The picture format by content, or undefined where the bytes are no picture that Heirloom reads. */
export function detectFormat(bytes: Uint8Array): FileFormat | undefined {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 16)).toString('latin1');
  if (head.startsWith('\xff\xd8\xff')) return 'jpeg';
  if (head.startsWith('\x89PNG\r\n\x1a\n')) return 'png';
  if (/^GIF8[79]a/.test(head)) return 'gif';
  if (/^RIFF[^]{4}WEBP/.test(head)) return 'webp';
  if (/^(II[*+]\0|MM\0[*+])/.test(head) && head.slice(8, 10) !== 'CR') return 'tiff';
  if (head.slice(4, 8) === 'ftyp' && HEIF_BRANDS.has(head.slice(8, 12))) return 'heif';
  return undefined;
}

const LOOKS_LIKE: readonly [RegExp, SentenceCode & `holds_${string}`][] = [
  [/^%PDF/, 'holds_pdf'],
  [/^(\xef\xbb\xbf)?\s*(<\?xml[^]*)?(<!--[^]*-->\s*)*(<!DOCTYPE svg[^]*)?<svg/i, 'holds_svg'],
  [/^BM[^]{8}/, 'holds_bmp'],
  [/^(\xff\x0a|\0\0\0\x0cJXL )/, 'holds_jxl'],
  [/^(\0\0\0\x0cjP {2}|\xff\x4f\xff\x51)/, 'holds_jp2'],
  [/^II\*\0[^]{4}CR/, 'holds_raw'],
  [/^8BPS/, 'holds_psd'],
  [/^[^]{4}ftyp/, 'holds_video'],
  [/^PK\x03\x04/, 'holds_zip'],
  [/^\s*(<!DOCTYPE html|<html)/i, 'holds_html'],
  [/^[\x09\x0a\x0d\x20-\x7e\x80-\xff]+$/, 'holds_text'],
];

/** What a file that is no picture seems to be, for a message: "a PDF document", "text", "unknown data". */
export function describeContent(bytes: Uint8Array): string {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 1024)).toString('latin1');
  return say(LOOKS_LIKE.find(([pattern]) => pattern.test(head))?.[1] ?? 'holds_unknown');
}
