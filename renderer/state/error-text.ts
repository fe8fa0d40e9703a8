import { ApiError } from '../api/api-error.ts';
import { MAX_PIXELS } from '../../contract/picture-limits.ts';
import { m } from '../paraglide/messages.js';
import { said } from './said.ts';

export interface ErrorText {
  title: string;
  /** Names the thing and the value; in English where it is no sentence of the contract. */
  message: string;
  /** What to do; may be empty. */
  advice: string;
}

/** A picture twice as wide as high, for example. */
const LARGEST = {
  millions: MAX_PIXELS / 1e6,
  width: Math.floor(Math.sqrt(2 * MAX_PIXELS)),
  height: Math.floor(Math.sqrt(MAX_PIXELS / 2)),
};

type Texts = Record<ApiError['code'], () => { title: string; advice: string }>;

/** Title and advice of every code in the interface's language; a code without an entry does not compile. */
const TEXTS: Texts = {
  'input/not-found': () => ({ title: m.errors_input_not_found(), advice: m.errors_input_not_found_advice() }),
  'input/unreadable': () => ({
    title: m.errors_input_unreadable(),
    advice: m.errors_input_unreadable_advice(),
  }),
  'input/empty': () => ({ title: m.errors_input_empty(), advice: m.errors_input_empty_advice() }),
  'input/not-an-image': () => ({
    title: m.errors_input_not_an_image(),
    advice: m.errors_input_not_an_image_advice(),
  }),
  'input/damaged': () => ({ title: m.errors_input_damaged(), advice: m.errors_input_damaged_advice() }),
  'input/too-large': () => ({
    title: m.errors_input_too_large(),
    advice: m.errors_input_too_large_advice(LARGEST),
  }),
  'input/too-small': () => ({ title: m.errors_input_too_small(), advice: m.errors_input_too_small_advice() }),
  'input/not-square': () => ({
    title: m.errors_input_not_square(),
    advice: m.errors_input_not_square_advice(),
  }),
  'output/exists': () => ({ title: m.errors_output_exists(), advice: m.errors_output_exists_advice() }),
  'output/unwritable': () => ({
    title: m.errors_output_unwritable(),
    advice: m.errors_output_unwritable_advice(),
  }),
  'pack/not-found': () => ({ title: m.errors_pack_not_found(), advice: m.errors_pack_not_found_advice() }),
  'pack/invalid': () => ({ title: m.errors_pack_invalid(), advice: m.errors_pack_invalid_advice() }),
  'pack/damaged': () => ({ title: m.errors_pack_damaged(), advice: m.errors_pack_damaged_advice() }),
  'pack/exists': () => ({ title: m.errors_pack_exists(), advice: m.errors_pack_exists_advice() }),
  'pack/too-new': () => ({ title: m.errors_pack_too_new(), advice: m.errors_pack_too_new_advice() }),
  'provider/unavailable': () => ({
    title: m.errors_provider_unavailable(),
    advice: m.errors_provider_unavailable_advice(),
  }),
  'argument/invalid': () => ({
    title: m.errors_argument_invalid(),
    advice: m.errors_argument_invalid_advice(),
  }),
  'port/in-use': () => ({ title: m.errors_port_in_use(), advice: m.errors_port_in_use_advice() }),
  'face/failed': () => ({ title: m.errors_face_failed(), advice: m.errors_face_failed_advice() }),
  'job/cancelled': () => ({ title: m.errors_job_cancelled(), advice: '' }),
  'engine/died': () => ({ title: m.errors_engine_died(), advice: m.errors_engine_died_advice() }),
  'engine/protocol': () => ({ title: m.errors_engine_protocol(), advice: m.errors_engine_protocol_advice() }),
  'api/invalid': () => ({ title: m.errors_api_invalid(), advice: m.errors_api_invalid_advice() }),
  'library/not-found': () => ({
    title: m.errors_library_not_found(),
    advice: m.errors_library_not_found_advice(),
  }),
  'library/too-new': () => ({ title: m.errors_library_too_new(), advice: m.errors_library_too_new_advice() }),
  'library/damaged': () => ({ title: m.errors_library_damaged(), advice: m.errors_library_damaged_advice() }),
  'library/locked': () => ({ title: m.errors_library_locked(), advice: m.errors_library_locked_advice() }),
  'library/missing-original': () => ({
    title: m.errors_library_missing_original(),
    advice: m.errors_library_missing_original_advice(),
  }),
  'library/changed-original': () => ({
    title: m.errors_library_changed_original(),
    advice: m.errors_library_changed_original_advice(),
  }),
  'library/other-file': () => ({
    title: m.errors_library_other_file(),
    advice: m.errors_library_other_file_advice(),
  }),
  internal: () => ({ title: m.errors_internal(), advice: m.errors_internal_advice() }),
  'connection/lost': () => ({ title: m.errors_connection_lost(), advice: m.errors_connection_lost_advice() }),
};

/** Title and advice of a code that came with an import report or a job; an unknown code is an unexpected error. */
export function codeText(code: string): { title: string; advice: string } {
  return (Object.hasOwn(TEXTS, code) ? TEXTS[code as ApiError['code']] : TEXTS.internal)();
}

export function errorText(error: unknown): ErrorText {
  const code = error instanceof ApiError ? error.code : 'internal';
  return { ...codeText(code), message: said(error instanceof Error ? error.message : String(error)).text };
}

/** Message and advice as sentences, one after the other. */
export function errorDetail({ message, advice }: ErrorText): string {
  const sentence = /[.!?…]$/.test(message) || message === '' ? message : `${message}.`;
  return [sentence, advice].filter(Boolean).join(' ');
}
