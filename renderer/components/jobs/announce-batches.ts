import { api } from '../../api/api.ts';
import { m } from '../../paraglide/messages.js';
import { jobs } from '../../state/jobs.svelte.ts';
import { navigation } from '../../state/navigation.svelte.ts';
import { settings } from '../../state/settings.svelte.ts';
import { toasts } from '../../state/toasts.svelte.ts';
import { batchText, type BatchCounts } from './batch-text.ts';

/** Says when a batch is finished, wherever the person is; the answer ends it. */
export function announceBatches(): () => void {
  return api.on('batch', ({ batchId, ...counts }) => {
    if (wasWatched(batchId, counts)) return;
    if (settings.value.notifications && notify(counts)) return;
    showToast(counts);
  });
}

/** One photo that the person looks at: its version has just come onto the stage, which says enough. */
function wasWatched(batchId: number, { done, failed, cancelled }: BatchCounts): boolean {
  const { view } = navigation;
  if (view.name !== 'photo' || document.hidden || done !== 1 || failed + cancelled > 0) return false;
  return jobs.jobs.some((job) => job.batchId === batchId && job.photoId === view.id);
}

/** A notification of the system; false where it is not allowed or not possible. */
function notify(counts: BatchCounts): boolean {
  if (!('Notification' in window) || Notification.permission !== 'granted') return false;
  try {
    const notification = new Notification(m.jobs_batch_title(), { body: batchText(counts) });
    notification.onclick = () => {
      window.focus();
      showQueue();
    };
    return true;
  } catch {
    // Some browsers have the name and refuse to build one outside of a service worker.
    return false;
  }
}

function showToast(counts: BatchCounts): void {
  toasts.show({
    kind: kindOf(counts),
    text: () => m.jobs_batch_title(),
    detail: () => batchText(counts),
    ...(navigation.view.name !== 'queue' && { action: { label: () => m.jobs_batch_show(), run: showQueue } }),
  });
}

function kindOf({ failed, done }: BatchCounts): 'error' | 'success' | 'info' {
  if (failed > 0) return 'error';
  return done > 0 ? 'success' : 'info';
}

const showQueue = (): void => navigation.go({ name: 'queue' });
