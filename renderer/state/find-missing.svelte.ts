import type { ApiEvent, ApiResult } from '../../contract/api.ts';
import { api } from '../api/api.ts';
import { m } from '../paraglide/messages.js';
import { attempt, toasts } from './toasts.svelte.ts';
import { undo } from './undo.svelte.ts';

type Found = ApiResult<'photos.findMissing'>;
/** What the dialog shows: the question for a folder, the work, what became of it. */
type Stage = 'folder' | 'looking' | 'report';

type Progress = Pick<Extract<ApiEvent, { kind: 'find-missing' }>, 'looked' | 'found' | 'missing'>;

const NOTHING: Found = { found: 0, stillMissing: 0, failed: [], cancelled: false };

/** The search of a folder for missing originals. It goes on while the dialog is closed. */
export class FindMissing {
  open = $state(false);
  stage = $state<Stage>('folder');
  folder = $state('');
  /** Why the folder could not be looked through. */
  error = $state.raw<unknown>(null);
  answer = $state.raw<Found>(NOTHING);
  /** How far it is; null until the first file is looked at. */
  progress = $state.raw<Progress | null>(null);
  /** It was told to stop and has not answered yet. */
  stopping = $state(false);
  #key = '';

  readonly ready = $derived(this.folder.trim() !== '');

  begin(): void {
    this.open = true;
  }

  close(): void {
    this.open = false;
    if (this.stage === 'looking') return;
    if (this.stage === 'report' && undo.isNext('photos.findMissing')) this.#offerUndo();
    this.again();
  }

  /** Back to the question for a folder. */
  again(): void {
    this.stage = 'folder';
    this.error = null;
  }

  /** What is found so far stays, and the report says so. */
  async stop(): Promise<void> {
    this.stopping = true;
    await attempt(() => api.call('photos.stopFinding', { key: this.#key }));
  }

  async look(): Promise<void> {
    if (!this.ready || this.stage === 'looking') return;
    this.stage = 'looking';
    this.error = null;
    this.progress = null;
    this.stopping = false;
    const key = (this.#key = crypto.randomUUID());
    const deafen = api.on('find-missing', (event) => {
      if (event.key === key) this.progress = event;
    });
    try {
      this.answer = await api.call('photos.findMissing', { key, folder: this.folder.trim() });
      this.#report();
    } catch (error) {
      this.stage = 'folder';
      this.error = error;
      if (!this.open) toasts.error(error);
    } finally {
      deafen();
    }
  }

  /** In the dialog; where that is closed, or has no more to say, in short. */
  #report(): void {
    const { found, stillMissing, failed } = this.answer;
    this.stage = 'report';
    if (this.open && stillMissing + failed.length > 0) return;
    if (failed.length > 0) return this.#offerDetails();
    this.open = false;
    this.stage = 'folder';
    if (found > 0) this.#offerUndo();
    else toasts.show(this.#said());
  }

  #offerDetails(): void {
    toasts.show({
      ...this.#said(),
      action: { label: () => m.library_find_details(), run: () => this.begin() },
    });
  }

  #offerUndo(): void {
    if (this.answer.found > 0) undo.offer(this.#said().text);
  }

  /** Of the answer that there is now. */
  #said(): { text: () => string } {
    const { answer } = this;
    return { text: () => foundText(answer) };
  }
}

/** How many were found, and how many are still missing. */
export function foundText({ found, stillMissing, failed, cancelled }: Found): string {
  const still =
    stillMissing > 0 ? m.library_find_still({ count: stillMissing }) : m.library_find_none_missing();
  const some = found > 0 ? [m.library_find_found({ count: found })] : [];
  if (cancelled) return [m.library_find_stopped(), ...some, still].join(' ');
  if (found > 0) return [...some, still].join(' ');
  if (failed.length > 0) return `${m.library_find_none_taken()} ${still}`;
  return stillMissing > 0 ? `${m.library_find_none()} ${still}` : still;
}

export const finding = new FindMissing();
