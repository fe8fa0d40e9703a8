import type { Settings } from '../../contract/library.ts';
import { api } from '../api/api.ts';
import { baseLocale, isLocale, overwriteGetLocale, type Locale } from '../paraglide/runtime.js';

/** The first of the machine's languages that Heirloom speaks. */
export function systemLocale(languages: readonly string[]): Locale {
  const spoken = languages.map((tag) => tag.split('-')[0]).find((tag) => isLocale(tag));
  return spoken ?? baseLocale;
}

/**
 * How dates and numbers are written: as in the machine's own region where it speaks the language, `en-GB` for `en`.
 * The digits are those of the language itself, as in the messages: `ar-EG` alone would write others.
 */
export function regionOf(locale: Locale, languages: readonly string[]): string {
  const own = languages.find((tag) => tag.split('-')[0] === locale && isTag(tag));
  if (own === undefined || own === locale) return locale;
  const digits = new Intl.NumberFormat(locale).resolvedOptions().numberingSystem;
  return new Intl.Locale(own, { numberingSystem: digits }).toString();
}

function isTag(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    return false;
  }
}

/** Settings of the application. Read by components that show once they are loaded; a change is saved at once. */
class SettingsState {
  #value = $state<Settings>();
  /** Asked for with every number that is drawn. */
  #region = { key: '', tag: '' };

  /** Throws before `load`. */
  get value(): Settings {
    if (!this.#value) throw new Error('Expected settings to be loaded');
    return this.#value;
  }

  get locale(): Locale {
    const language = this.#value?.language ?? 'system';
    return language === 'system' ? systemLocale(navigator.languages) : language;
  }

  /** For `Intl`: the locale with the machine's region. */
  get region(): string {
    const { locale } = this;
    const key = `${locale} ${navigator.languages.join(' ')}`;
    if (this.#region.key !== key) this.#region = { key, tag: regionOf(locale, navigator.languages) };
    return this.#region.tag;
  }

  get direction(): 'ltr' | 'rtl' {
    return this.locale === 'ar' ? 'rtl' : 'ltr';
  }

  async read(): Promise<void> {
    this.use(await api.call('settings.get', {}));
  }

  /** Reads and listens; answers with a function that ends it. */
  async load(): Promise<() => void> {
    await this.read();
    return api.on('settings', ({ settings: changed }) => this.use(changed));
  }

  use(settings: Settings): void {
    this.#value = settings;
  }

  async set(patch: Partial<Settings>): Promise<void> {
    const before = this.value;
    this.#value = { ...before, ...patch };
    try {
      this.#value = await api.call('settings.set', patch);
    } catch (error) {
      this.#value = before;
      throw error;
    }
  }
}

export const settings = new SettingsState();

// Every message reads the locale through this, so a change of language redraws all text without a reload.
overwriteGetLocale(() => settings.locale);
