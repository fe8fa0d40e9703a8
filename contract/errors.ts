import { z } from 'zod';

/**
 * Every error that can reach a person. One table gives its title and advice.
 * The message of a thrown error names the thing and the value.
 */
export const ERROR_TABLE = {
  'input/not-found': { title: 'File not found', advice: 'Check its name and folder.' },
  'input/unreadable': { title: 'Cannot read', advice: 'Check its permissions, or give another file.' },
  'input/empty': { title: 'Empty file', advice: 'The file holds no data; look for another copy.' },
  'input/not-an-image': {
    title: 'Not a picture',
    advice: 'Give a JPEG, PNG, WebP, TIFF, AVIF, GIF or HEIC file.',
  },
  'input/damaged': {
    title: 'Damaged picture',
    advice: 'The file is truncated or corrupt; look for another copy.',
  },
  'input/too-large': { title: 'Picture too large', advice: 'Scan at a lower resolution or cut the picture.' },
  'input/too-small': { title: 'Picture too small', advice: 'Scan the photo at a higher resolution.' },
  'input/not-square': {
    title: 'Not square',
    advice: 'Give a square crop, or the whole photo without --aligned.',
  },
  'output/exists': {
    title: 'Output exists',
    advice: 'Choose another folder; --overwrite replaces what is no original.',
  },
  'output/unwritable': { title: 'Cannot write', advice: 'Check the folder, its permissions and free space.' },
  'pack/not-found': { title: 'Model pack not found', advice: 'List packs with `heirloom packs`.' },
  'pack/invalid': {
    title: 'Model pack invalid',
    advice: 'Install the pack again, or choose another one with --pack.',
  },
  'pack/damaged': {
    title: 'Model pack damaged',
    advice: 'Install the pack again, or choose another one with --pack.',
  },
  'pack/exists': { title: 'Model pack already there', advice: 'Remove the other one first.' },
  'pack/too-new': { title: 'Model pack too new', advice: 'Update Heirloom.' },
  'provider/unavailable': { title: 'Provider unavailable', advice: 'Use --provider auto or cpu.' },
  'argument/invalid': {
    title: 'Invalid setting',
    advice: 'Correct it; --help after the command shows what each option takes.',
  },
  'port/in-use': {
    title: 'Port in use',
    advice: 'Choose another one with --port; --port 0 takes any that is free.',
  },
  'face/failed': {
    title: 'Face not restored',
    advice: 'The face was left as it was; try another speed or provider.',
  },
  'job/cancelled': { title: 'Cancelled', advice: '' },
  'engine/died': {
    title: 'The engine stopped',
    advice: 'It was started again; close other programs, or give a smaller copy of the photo.',
  },
  'engine/protocol': {
    title: 'Message not understood',
    advice: 'The parts of Heirloom are of different versions; install it again.',
  },
  'api/invalid': { title: 'Request not understood', advice: 'Reload the window.' },
  'library/not-found': { title: 'Not in the library', advice: 'It may have been removed meanwhile.' },
  'library/too-new': {
    title: 'Library of a newer Heirloom',
    advice: 'Update Heirloom; nothing was changed.',
  },
  'library/damaged': {
    title: 'Library damaged',
    advice:
      'Start Heirloom with --from-backup: the newest good backup takes its place, and no photo is lost.',
  },
  'library/locked': { title: 'Library in use', advice: 'Close the other Heirloom that has it open.' },
  'library/missing-original': {
    title: 'Original missing',
    advice: 'Reconnect its drive, or look for it in another folder.',
  },
  'library/changed-original': {
    title: 'Original changed',
    advice: 'Keep what the file holds now, or look for the old file.',
  },
  'library/other-file': { title: 'Another file', advice: 'Choose the file that was imported.' },
  internal: { title: 'Unexpected error', advice: 'Please report it, with this message.' },
} as const satisfies Record<string, { title: string; advice: string }>;

export type ErrorCode = keyof typeof ERROR_TABLE;

/** An error that may reach a person: a code of the table, a message that names the thing and the value. */
export class HeirloomError extends Error {
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;
  constructor(
    code: ErrorCode,
    message: string,
    details: Record<string, unknown> = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'HeirloomError';
    this.code = code;
    this.details = details;
  }
}

/** Throws `job/cancelled` once the signal is aborted. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new HeirloomError('job/cancelled', 'Cancelled');
}

/** What crosses a process border, before the value is looked at. */
export const envelopeSchema = z.discriminatedUnion('ok', [
  z.strictObject({ ok: z.literal(true), value: z.unknown() }),
  z.strictObject({
    ok: z.literal(false),
    error: z.strictObject({
      code: z.enum(Object.keys(ERROR_TABLE) as [ErrorCode, ...ErrorCode[]]),
      message: z.string(),
      details: z.record(z.string(), z.unknown()).optional(),
    }),
  }),
]);

/** What crosses a process border. */
export type Envelope<T> =
  | { ok: true; value: T }
  | { ok: false; error: { code: ErrorCode; message: string; details?: Record<string, unknown> } };

/** The wire form of any thrown value. */
export function toErrorEnvelope(error: unknown): {
  code: ErrorCode;
  message: string;
  details?: Record<string, unknown>;
} {
  if (error instanceof HeirloomError)
    return { code: error.code, message: error.message, details: { ...error.details } };
  return { code: 'internal', message: error instanceof Error ? error.message : String(error) };
}
