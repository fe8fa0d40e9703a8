import { saysDay } from '../../contract/photo-date.ts';
import { settings } from './settings.svelte.ts';

/** Numbers, sizes and dates in the interface's language, as the machine's region writes them. */

/** Making one costs a third of a millisecond, which a timeline of a thousand dates feels. */
function kept<Options, Format>(make: (locale: string, options: Options) => Format) {
  const known = new Map<string, Format>();
  return (options: Options): Format => {
    const key = `${settings.region} ${JSON.stringify(options)}`;
    const format = known.get(key) ?? make(settings.region, options);
    known.set(key, format);
    return format;
  };
}

const numberFormat = kept(
  (locale, options: Intl.NumberFormatOptions) => new Intl.NumberFormat(locale, options),
);
const dateFormat = kept(
  (locale, options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(locale, options),
);

export function formatNumber(value: number, options: Intl.NumberFormatOptions = {}): string {
  return numberFormat(options).format(value);
}

export function formatBytes(bytes: number): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const unit = units[power] ?? 'byte';
  const digits = power > 1 ? 1 : 0;
  return formatNumber(bytes / 1000 ** power, { style: 'unit', unit, maximumFractionDigits: digits });
}

/** Of a photo, as exactly as it is known: a year, a month or a day, whose time is left out; there is no time zone. */
export function formatDate(date: string, style: 'long' | 'medium' | 'short' = 'long'): string {
  if (!saysDay(date)) return formatMonth(date);
  return dateFormat({ dateStyle: style, timeZone: 'UTC' }).format(new Date(`${date.slice(0, 10)}T00:00:00Z`));
}

/** Of `YYYY-MM`, or of `YYYY` the year. */
export function formatMonth(month: string): string {
  const [year = '', number] = month.split('-');
  const format = dateFormat({ year: 'numeric', ...(number && { month: 'long' }), timeZone: 'UTC' });
  return format.format(new Date(`${year}-${number ?? '01'}-01T00:00:00Z`));
}

/** Of an instant with a time zone, in the machine's own zone. */
export function formatInstant(instant: string): string {
  return dateFormat({ dateStyle: 'medium', timeStyle: 'short' }).format(new Date(instant));
}

/** `45 seconds`, `3 minutes`, `2 hours`, rounded to what is worth knowing. */
export function formatDuration(seconds: number): string {
  const [unit, value] =
    seconds < 90
      ? (['second', seconds] as const)
      : seconds < 90 * 60
        ? (['minute', seconds / 60] as const)
        : (['hour', seconds / 3600] as const);
  return formatNumber(Math.max(1, Math.round(value)), { style: 'unit', unit, unitDisplay: 'long' });
}

/** Seconds to which an estimate below so many seconds is rounded. */
const ESTIMATE_STEPS = [
  [5, 20],
  [10, 80],
  [60, 20 * 60],
  [300, 90 * 60],
] as const;

/** The same for what is only estimated: coarse, so that it says no more than is known and does not flicker. */
export function formatEstimate(seconds: number): string {
  const [step = 3600] = ESTIMATE_STEPS.find(([, below]) => seconds < below) ?? [];
  return formatDuration(Math.max(step, Math.round(seconds / step) * step));
}
