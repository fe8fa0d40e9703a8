import { SvelteMap } from 'svelte/reactivity';
import type { ApiResult, Draft } from '../../contract/api.ts';
import { ApiError } from '../api/api-error.ts';
import type { ApiClient } from '../api/client.ts';
import { draftSettings, fourSeeds, type Chosen } from './restore-settings.ts';

export type Four = ApiResult<'draft.vary'>;
type Api = Pick<ApiClient, 'call' | 'on'>;

/** Long enough for a slider in motion, short enough to feel at once. */
const WAIT_MILLISECONDS = 150;
/** Earlier settings that the chart still shows. */
const REMEMBERED = 12;

/** Drafts of one face: the newest setting wins, whatever comes late. */
export class DraftState {
  readonly #api: Api;
  readonly #key: string;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Of the newest request; an answer to another one is dropped. */
  #serial = 0;
  #fourSerial = 0;
  /** The newest request was sent, so that `draft` events are its own. */
  #sent = false;
  /** Finished drafts of each face, oldest first. */
  readonly #history = new SvelteMap<number, readonly Draft[]>();

  faceId = $state<number | null>(null);
  busy = $state(false);
  step = $state(0);
  /** 0 before the first event. */
  steps = $state(0);
  /** The face as it is drawn so far. */
  picture = $state.raw<string | null>(null);
  /** The newest draft that was finished. */
  result = $state.raw<Draft | null>(null);
  error = $state.raw<unknown>(null);

  four = $state.raw<Four | null>(null);
  fourBusy = $state(false);
  fourError = $state.raw<unknown>(null);

  /** Earlier drafts of this face, oldest first, without the newest. */
  readonly earlier = $derived(
    (this.#history.get(this.faceId ?? 0) ?? []).filter((draft) => draft !== this.result),
  );

  constructor(api: Api, key = `draft-${crypto.randomUUID()}`) {
    this.#api = api;
    this.#key = key;
  }

  /** Listens to the pictures of each step; the answer stops it, and the work. */
  start(): () => void {
    const stop = this.#api.on('draft', ({ key, step, steps, picture }) => {
      if (key !== this.#key || !this.#sent) return;
      this.step = step;
      this.steps = steps;
      this.picture = picture;
    });
    return () => {
      stop();
      this.choose(null);
    };
  }

  /** Another face, or none: what was drawn belongs to it no longer. */
  choose(faceId: number | null): void {
    if (faceId === this.faceId) return;
    this.#abandon();
    this.faceId = faceId;
    this.picture = null;
    this.result = null;
    this.error = null;
    this.dropFour();
  }

  /** Draws the chosen face with these settings, soon. */
  request(settings: Chosen): void {
    if (this.faceId === null) return;
    const serial = ++this.#serial;
    const faceId = this.faceId;
    this.#sent = false;
    this.busy = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#make(serial, faceId, settings), WAIT_MILLISECONDS);
  }

  async #make(serial: number, faceId: number, settings: Chosen): Promise<void> {
    this.#sent = true;
    this.step = 0;
    this.steps = 0;
    try {
      const draft = await this.#api.call('draft.make', {
        key: this.#key,
        faceId,
        settings: draftSettings(settings),
      });
      if (serial === this.#serial) this.#take(faceId, draft);
    } catch (error) {
      if (serial === this.#serial && !isCancelled(error)) this.error = error;
    } finally {
      if (serial === this.#serial) {
        this.busy = false;
        this.#sent = false;
      }
    }
  }

  #take(faceId: number, draft: Draft): void {
    this.result = draft;
    this.picture = draft.after;
    this.error = null;
    this.#history.set(faceId, [...(this.#history.get(faceId) ?? []), draft].slice(-REMEMBERED));
  }

  /** The chosen face with four seeds beside each other, and where they differ. */
  async vary(settings: Chosen): Promise<void> {
    if (this.faceId === null) return;
    const serial = ++this.#fourSerial;
    this.fourBusy = true;
    this.fourError = null;
    this.four = null;
    try {
      const four = await this.#api.call('draft.vary', {
        key: `${this.#key}-4`,
        faceId: this.faceId,
        settings: draftSettings(settings),
        seeds: fourSeeds(settings.seed ?? 0),
      });
      if (serial === this.#fourSerial) this.four = four;
    } catch (error) {
      if (serial === this.#fourSerial && !isCancelled(error)) this.fourError = error;
    } finally {
      if (serial === this.#fourSerial) this.fourBusy = false;
    }
  }

  /** The four are of no use any more: another face, other settings. */
  dropFour(): void {
    if (this.fourBusy) this.#cancel(`${this.#key}-4`);
    this.#fourSerial++;
    this.fourBusy = false;
    this.four = null;
    this.fourError = null;
  }

  #abandon(): void {
    clearTimeout(this.#timer);
    if (this.#sent) this.#cancel(this.#key);
    this.#serial++;
    this.#sent = false;
    this.busy = false;
  }

  /** Nobody waits for it any more; that it could not be cancelled concerns nobody either. */
  #cancel(key: string): void {
    this.#api.call('draft.cancel', { key }).catch(() => undefined);
  }
}

function isCancelled(error: unknown): boolean {
  return error instanceof ApiError && error.code === 'job/cancelled';
}
