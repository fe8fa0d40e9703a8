import { readSentence, type SentenceCode } from '../../contract/sentences.ts';
import { m } from '../paraglide/messages.js';
import { formatNumber } from './format.ts';
import { settings } from './settings.svelte.ts';

export interface Said {
  text: string;
  /** The language of the text. */
  lang: string;
}

/** Every sentence has its message; one that is forgotten does not compile. */
const messageOf = (code: SentenceCode): unknown => m[`said_${code}`];

/** What the application says, in the interface's language; English where it is no sentence of the contract. */
export function said(text: string): Said {
  const sentence = readSentence(text);
  if (!sentence) return { text, lang: 'en' };
  const message = messageOf(sentence.code) as (params: Record<string, string>) => string;
  const params = Object.entries(sentence.params).map(([name, value]) => [name, paramOf(value)]);
  return { text: message(Object.fromEntries(params) as Record<string, string>), lang: settings.locale };
}

/** A sentence within the sentence, a number, or a name or a path as it is. */
function paramOf(value: string): string {
  if (readSentence(value)) return said(value).text;
  if (/^\d{1,15}(\.\d{1,6})?$/.test(value)) return formatNumber(Number(value), { maximumFractionDigits: 6 });
  return settings.direction === 'rtl' ? `\u2068${value}\u2069` : value;
}
