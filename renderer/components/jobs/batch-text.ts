import { m } from '../../paraglide/messages.js';
import { settings } from '../../state/settings.svelte.ts';

export interface BatchCounts {
  done: number;
  failed: number;
  cancelled: number;
}

/** `12 photos restored, 1 failed, 2 cancelled - 15 photos in all`: the counts of a batch, and their sum. */
export function batchText({ done, failed, cancelled }: BatchCounts): string {
  const parts = [m.jobs_batch_done({ count: done })];
  if (failed > 0) parts.push(m.jobs_batch_failed({ count: failed }));
  if (cancelled > 0) parts.push(m.jobs_batch_cancelled({ count: cancelled }));
  const details = new Intl.ListFormat(settings.locale, { type: 'unit', style: 'short' }).format(parts);
  return parts.length > 1 ? m.jobs_batch_total({ details, count: done + failed + cancelled }) : details;
}
