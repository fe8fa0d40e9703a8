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

function wordOrNumber(word: string): (text: string) => number | string {
  return (text) => (text === word ? word : number(text));
}

const READERS: Record<keyof SettingOptions, (text: string) => unknown> = {
  preset: String,
  fidelity: number,
  guides: number,
  weights: list,
  start: number,
  blur: number,
  steps: number,
  speed: String,
  seed: number,
  scale: wordOrNumber('auto'),
  faces: (text) => (text === 'all' ? 'all' : list(text)),
};

function refuse(option: string, text: string, expected: string): never {
  throw new HeirloomError('argument/invalid', `--${option} ${text}: ${expected}`, { option, value: text });
}

/**
 * The settings that the options name, every other one absent or at its default.
 * Throws `argument/invalid` naming the option and its value.
 */
export function parseSettings(options: SettingOptions): RestoreSettings {
  const given = Object.entries(options).filter(([name, text]) => name in READERS && text !== undefined);
  const values = given.map(([name, text]) => [name, READERS[name as keyof SettingOptions](text as string)]);
  const parsed = restoreSettingsSchema.safeParse(Object.fromEntries(values));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const option = String(issue?.path[0]) as keyof SettingOptions;
  refuse(option, options[option] ?? '', expectation(option, issue?.message ?? 'not understood'));
}

/** What zod's messages for unions do not say. */
function expectation(option: keyof SettingOptions, message: string): string {
  if (option === 'scale') return 'expected 1, 2, 4 or auto';
  if (option === 'faces') return 'expected all or face numbers like 0,2';
  return message;
}

function parseChoice<T>(schema: z.ZodType<T>, option: string, text: string, value: unknown = text): T {
  const parsed = schema.safeParse(value);
  if (!parsed.success) refuse(option, text, parsed.error.issues[0]?.message ?? 'not understood');
  return parsed.data;
}

export function parseFormat(text: string): OutputFormat {
  return parseChoice(outputFormatSchema, 'format', text);
}

export function parseProvider(text: string): ProviderChoice {
  return parseChoice(providerSchema, 'provider', text);
}

/** A whole number of at least 1. */
export function parseCount(option: string, text: string): number {
  return parseChoice(z.coerce.number().int().min(1), option, text);
}

/** Comma-separated words, each as `schema` wants it. */
export function parseWords<T extends string>(option: string, text: string, schema: z.ZodType<T>): T[] {
  return parseChoice(z.array(schema), option, text, text.split(','));
}
