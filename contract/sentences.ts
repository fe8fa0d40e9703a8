/**
 * [Note: Sentences] What the engine and the application say to a person besides their error codes: each sentence has a
 * code, its parameters and an English text. The text is what crosses borders and what the library keeps, since the
 * command line, logs and JSON lines show it as it is; the interface reads code and parameters back out of it and says
 * it in its own language. So a sentence of an earlier Heirloom, or one that is in no table, is still shown, in English.
 * A parameter may be a sentence itself.
 */
export const SENTENCES = {
  // --- notes on a photo or a restoration
  first_frame: 'first frame of {pages} used',
  converted: '{space} converted to sRGB',
  saved_as_png: '{format} is not written; saved as PNG',
  no_such_face: 'there is no face {number}: {found} found, counted from 1',
  face_pixels: '{pixels} pixels wide; the smallest that can be restored has {least}',
  no_face_found: 'No face was found, so nothing was restored.',
  no_face_chosen: 'Every face is switched off or not chosen, so nothing was restored.',
  faces_too_small: 'Faces too small to restore: {count} of {total}.',
  faces_failed: 'Faces that failed: {count} of {total}. {reason}',
  face_not_a_number: '{graph} gave {value}, not a number',
  network_failed: '{graph} failed: {reason}',

  // --- files that are read
  missing: '{path} does not exist',
  gone: '{path}: no such file or folder',
  unreadable: '{path} cannot be read ({reason})',
  denied: '{path}: permission denied',
  folder_not_file: '{path} is a folder, expected a picture file',
  not_regular: '{path} is not a regular file, expected a picture file',
  empty: '{path} is empty (0 bytes)',
  damaged: '{path} is damaged or incomplete: {reason}',
  too_small: '{path} is {width} x {height} pixels; a side under {least} pixels cannot hold a face',
  too_large: '{path} is {width} x {height} pixels; the limit is {limit} million pixels',
  too_wide: '{path} is {width} x {height} pixels; the limit is {limit} on a side',
  moves_too_large:
    '{path} is {width} x {height} pixels; the limit is {limit} million pixels of a picture that moves',
  too_many_bytes:
    '{path} is {width} x {height} pixels of {channels} x {bits} bits each; the limit is {limit} million bytes',
  other_depth: '{path} stores samples as {depth}; expected 8 or 16 bits',
  too_many_parts: 'it is cut into more than {most} parts',
  not_a_picture: '{path} is not a picture that Heirloom reads: it holds {content}',
  holds_pdf: 'a PDF document',
  holds_svg: 'an SVG drawing',
  holds_bmp: 'a BMP picture',
  holds_jxl: 'a JPEG XL picture',
  holds_jp2: 'a JPEG 2000 picture',
  holds_raw: 'a camera raw file; develop it to JPEG or TIFF first',
  holds_psd: 'a Photoshop document',
  holds_video: 'a video',
  holds_zip: 'a ZIP archive or an office document',
  holds_html: 'a web page',
  holds_text: 'text',
  holds_unknown: 'unknown data',
  other_file: '{path} does not hold the bytes of {name}',
  original_missing: '{name}: the original is not at {path}',
  original_changed: '{name}: the file {path} has changed since it was imported',
  same_as_other: 'The file of {name} holds the same picture as {other}, which the library has already',

  // --- what the library found out about itself
  originals_back: 'Originals without an entry came back: {count}.',
  files_aside: 'Files without an entry in the library moved to {folder}: {count}.',
  versions_gone: 'Restored versions taken from the list, since their files are gone: {count}.',
  database_held: '{path}: another program is writing to the database ({reason})',

  // --- files that are written
  taken: '{path} exists already',
  is_original: '{path} is the original, which is never replaced',
  unwritable: '{path} cannot be written: {reason}',
  disk_full: 'the disk is full',
  quota_used: 'the disk quota is used up',
  disk_read_only: 'the disk is read-only',
  permission_denied: 'permission denied',
  no_folder: 'its folder does not exist',
  folder_is_file: 'its folder is a file',
  is_folder: 'it is a folder',
  name_too_long: 'the name is too long',
  name_not_plain: 'the name holds a sign that no file may have here',
  is_file: 'it is a file',
  no_new_folder: 'the system lets no folder be made there',
  part_of_path: '{path} is only a part of a path; write all of it, from the drive or from / on',
  inside_library: '{path} is inside the library, which keeps its own files',

  // --- the engine, model packs and providers
  engine_ended: 'The engine process ended ({how})',
  engine_ended_saying: 'The engine process ended ({how}): {reason}',
  hung: 'it hung',
  gave_up: 'Gave up after two tries. {reason}',
  pack_no_folder: '{path} is not a folder',
  pack_no_manifest: '{path} is missing or unreadable',
  pack_file_missing: '{path} is missing',
  pack_file_size: '{path} has {bytes} bytes; the manifest says {expected}',
  pack_file_hash: '{path} has SHA-256 {actual}; the manifest says {expected}',
  pack_file_unreadable: '{path} cannot be read',
  pack_not_json: '{path} is not JSON',
  pack_format: '{path} has format {format}; this Heirloom reads up to {newest}',
  pack_fails: 'Pack {id} fails its own check: {reason}',
  provider_unusable: '{provider} cannot be used: {reason}',
  provider_cannot_load: '{provider} cannot load {path}: {reason}',
  provider_failed: '{provider} failed at {what}: {reason}',
  cpu_instead: '{reason}. The CPU did it instead.',
  runtime_has: 'this onnxruntime has {providers}',
  runtime_lacks: 'not in this onnxruntime',
  provider_fastest: 'fastest, {reason}',
  provider_slower: 'slower than {provider}, {reason}',
  provider_asked: 'asked for, {reason}',
  provider_speed: '{milliseconds} ms a call',
  provider_differs: 'differs by {difference} (allowed {allowed})',
  probe_late: 'no answer within {seconds} s',
  probe_not_started: 'the probe did not start: {reason}',
  probe_ended: 'the probe ended with {how}',
  probe_ended_saying: 'the probe ended with {how}: {reason}',
} as const;

export type SentenceCode = keyof typeof SENTENCES;
type Placeholders<Text> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Placeholders<Rest>
  : never;
export type SentenceParams<C extends SentenceCode> = Record<
  Placeholders<(typeof SENTENCES)[C]>,
  string | number
>;

/** A sentence that was read back: its parameters as they stand in the text. */
export interface Sentence {
  code: SentenceCode;
  params: Record<string, string>;
}

const PLACEHOLDER = /\{(\w+)\}/g;

/**
 * The English text of a sentence.
 *
 * @example
 * say('first_frame', { pages: 12 }); // 'first frame of 12 used'
 */
export function say<C extends SentenceCode>(
  code: C,
  ...[params]: Placeholders<(typeof SENTENCES)[C]> extends never ? [] : [SentenceParams<C>]
): string {
  const values: Record<string, string | number> = params ?? {};
  return SENTENCES[code].replaceAll(PLACEHOLDER, (_, name: string) => String(values[name]));
}

interface Pattern {
  code: SentenceCode;
  expression: RegExp;
  /** Letters that are no parameter: of two sentences that fit, the one that says more is meant. */
  said: number;
}

const literal = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);

function patternOf(code: SentenceCode): Pattern {
  const text: string = SENTENCES[code];
  const source = text
    .split(PLACEHOLDER)
    .map((part, i) => (i % 2 === 0 ? literal(part) : `(?<${part}>.+?)`))
    .join('');
  const said = text.replaceAll(PLACEHOLDER, '').length;
  return { code, expression: new RegExp(`^${source}$`, 's'), said };
}

const PATTERNS = (Object.keys(SENTENCES) as SentenceCode[]).map(patternOf).sort((a, b) => b.said - a.said);

/**
 * Code and parameters of a text that `say` wrote; null for any other.
 *
 * @example
 * readSentence('first frame of 12 used'); // { code: 'first_frame', params: { pages: '12' } }
 */
export function readSentence(text: string): Sentence | null {
  for (const { code, expression } of PATTERNS) {
    const match = expression.exec(text);
    if (match) return { code, params: { ...match.groups } };
  }
  return null;
}
