import { resolve } from 'node:path';
import { z } from 'zod';
import { HeirloomError } from '../contract/errors.ts';
import {
  outputFormatSchema,
  providerSchema,
  restoreSettingsSchema,
  type OutputFormat,
  type ProviderChoice,
  type RestoreSettings,
} from '../contract/restore.ts';

/** What the settings' options hold before they are checked. */
export interface SettingOptions {
  preset?: string;
  fidelity?: string;
  guides?: string;
  weights?: string;
  start?: string;
  blur?: string;
  steps?: string;
  speed?: string;
  seed?: string;
  perRegion?: string;
  auto?: string;
  crispness?: string;
  grain?: string;
  scale?: string;
  faces?: string;
}

/** A number, or the text itself, which the schema then refuses by its type. */
function number(text: string): number | string {
  return text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text);
}

function list(text: string): (number | string)[] {
  return text.split(',').map(number);
}

/** A person counts faces from 1. */
function toIndex(number: number | string): number | string {
  return typeof number === 'number' ? number - 1 : number;
}

function wordOrNumber(word: string): (text: string) => number | string {
  return (text) => (text === word ? word : number(text));
}

function onOrOff(text: string): boolean | string {
  if (text === 'on') return true;
  return text === 'off' ? false : text;
}

export interface Reader {
  /** What the schema is given. */
  read: (text: string) => unknown;
  /** Goes on after "Expected fidelity": "between 0 and 1". */
  expected: string;
}

const { fidelity, guides, start, blur, steps, speed, seed, crispness, grain } = restoreSettingsSchema.shape;

export const READERS: Record<keyof SettingOptions, Reader> = {
  preset: { read: String, expected: 'as the id of a preset of the pack' },
  fidelity: { read: number, expected: range(fidelity.unwrap()) },
  guides: { read: number, expected: `as a whole number ${range(guides.unwrap())}` },
  weights: { read: list, expected: 'as 1 to 4 numbers of 0 or more, separated by commas,' },
  start: { read: number, expected: `as a whole number ${range(start.unwrap())}` },
  blur: { read: number, expected: range(blur.unwrap()) },
  steps: { read: number, expected: `as a whole number ${range(steps.unwrap())}` },
  speed: { read: String, expected: `as ${words(speed.unwrap().options)}` },
  seed: { read: number, expected: `as a whole number ${range(seed.unwrap())}` },
  perRegion: { read: onOrOff, expected: 'as on or off' },
  auto: { read: onOrOff, expected: 'as on or off' },
  crispness: { read: number, expected: range(crispness.unwrap()) },
  grain: { read: number, expected: range(grain.unwrap()) },
  scale: { read: wordOrNumber('auto'), expected: 'as 1, 2, 4 or auto' },
  faces: {
    read: (text) => (text === 'all' ? 'all' : list(text).map(toIndex)),
    expected: 'as all or as face numbers from 1, separated by commas,',
  },
};

function range({ minValue, maxValue }: z.ZodNumber): string {
  return `between ${minValue} and ${maxValue}`;
}

/** "draft, normal or exact". */
function words(list: readonly string[]): string {
  return `${list.slice(0, -1).join(', ')} or ${list.at(-1)}`;
}

/** As it is written after the two dashes. */
export function optionName(setting: string): string {
  return setting.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

export function refuse(option: string, text: string, expected: string): never {
  const received = text === '' ? 'nothing' : Number.isNaN(Number(text)) ? `'${text}'` : text;
  throw new HeirloomError('argument/invalid', `Expected ${option} ${expected} but received ${received}`, {
    ...{ option, value: text },
  });
}

/**
 * The settings that the options name, every other one absent or at its default.
 * Throws `argument/invalid` naming the option and its value.
 */
export function parseSettings(options: SettingOptions): RestoreSettings {
  return parseBy(restoreSettingsSchema, options);
}

/** `whose` goes on after the option's name in what is refused: " of face 3". */
export function parseBy<T>(schema: z.ZodType<T>, options: SettingOptions, whose = ''): T {
  const given = Object.entries(options).filter(([name, text]) => name in READERS && text !== undefined);
  const values = given.map(([name, text]) => [
    name,
    READERS[name as keyof SettingOptions].read(text as string),
  ]);
  const parsed = schema.safeParse(Object.fromEntries(values));
  if (parsed.success) return parsed.data;
  const option = parsed.error.issues[0]?.path[0] as keyof SettingOptions;
  refuse(optionName(option) + whose, options[option] ?? '', READERS[option].expected);
}

function parseChoice<T extends string>(
  option: string,
  text: string,
  choices: z.ZodType<T>,
  expected: string,
): T {
  const parsed = choices.safeParse(text);
  return parsed.success ? parsed.data : refuse(option, text, expected);
}

export function parseFormat(text: string): OutputFormat {
  return parseChoice('format', text, outputFormatSchema, `as ${words(outputFormatSchema.options)}`);
}

export function parseProvider(text: string): ProviderChoice {
  return parseChoice('provider', text, providerSchema, `as ${words(providerSchema.options)}`);
}

/** A whole number from 1 to `most`. */
export function parseCount(option: string, text: string, most = Infinity): number {
  const count = Number(number(text));
  if (Number.isInteger(count) && count >= 1 && count <= most) return count;
  return refuse(
    option,
    text,
    `as a whole number ${most === Infinity ? 'of 1 or more' : `from 1 to ${most}`}`,
  );
}

/**
 * A path, absolute. Throws `argument/invalid` for an empty one, as an unset variable gives it: that is no way to ask for
 * the folder that the command runs in. `what` says what is expected: `a folder for --out`.
 */
export function parsePath(text: string, what: string, received = 'nothing'): string {
  if (text !== '') return resolve(text);
  throw new HeirloomError('argument/invalid', `Expected ${what} but received ${received}`);
}

/** Comma-separated names of presets. */
export function parsePresets(text: string): string[] {
  const presets = text.split(',');
  return presets.includes('') ? refuse('presets', text, 'as preset ids separated by commas') : presets;
}

/** Comma-separated speeds. */
export function parseSpeeds(text: string): RestoreSettings['speed'][] {
  const parsed = z.array(speed.unwrap()).safeParse(text.split(','));
  const expected = `as ${words(speed.unwrap().options)}, separated by commas,`;
  return parsed.success ? parsed.data : refuse('speeds', text, expected);
}
