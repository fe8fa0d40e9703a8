import type { Locale } from '../../paraglide/runtime.js';

const NAMES: Record<Locale, string> = { en: 'English', de: 'Deutsch', es: 'Español', ar: 'العربية' };

/** A language in its own words. */
export const languageName = (locale: Locale): string => NAMES[locale];
