import { faceSettingsSchema, type FaceSettings, type RestoreSettings } from '../contract/restore.ts';
import { optionName, parseBy, READERS, refuse, type SettingOptions } from './parse-settings.ts';

type Name = keyof SettingOptions & keyof FaceSettings;

/** Options that one face may have for itself, by the name that is written for them. */
const NAMES = new Map(
  Object.keys(READERS)
    .filter((name) => name in faceSettingsSchema.shape)
    .map((name) => [optionName(name), name as Name]),
);

/** The comma before the next name: weights have commas of their own. */
const NEXT = /,(?=[^,=]*=)/;

/**
 * Each `--face`: the number of a face, from 1, and what it has otherwise than its photo. Throws `argument/invalid` naming
 * the face, the setting and its value.
 *
 * @example
 * parseFaces(['3:preset=faithful,seed=7']); // { 2: { preset: 'faithful', seed: 7 } }
 */
export function parseFaces(texts: readonly string[]): NonNullable<RestoreSettings['perFace']> {
  const perFace: Record<string, FaceSettings> = {};
  for (const text of texts) {
    const [, digits, settings] = /^([1-9]\d{0,3}):(.+)$/.exec(text) ?? [];
    if (digits === undefined || settings === undefined)
      refuse('face', text, 'as the number of a face and its settings, like 3:preset=faithful,seed=7,');
    const index = Number(digits) - 1;
    if (index in perFace) refuse('face', text, `${digits} once`);
    perFace[index] = parseFace(settings, digits);
  }
  return perFace;
}

function parseFace(text: string, number: string): FaceSettings {
  const options: SettingOptions = {};
  for (const part of text.split(NEXT)) {
    const [written = '', ...value] = part.split('=');
    const name = NAMES.get(written);
    if (!name) refuse(`a setting of face ${number}`, written, `as ${[...NAMES.keys()].join(', ')}`);
    if (name in options) refuse(`${written} of face ${number}`, part, 'once');
    options[name] = value.join('=');
  }
  return parseBy(faceSettingsSchema, options, ` of face ${number}`);
}
