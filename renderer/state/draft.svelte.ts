import { SvelteMap } from 'svelte/reactivity';
import type { Draft } from '../../contract/api.ts';
import { isCancelled } from '../api/api-error.ts';
import type { ApiClient } from '../api/client.ts';
import { FourState } from './four.svelte.ts';
import { draftSettings, type Chosen } from './restore-settings.ts';

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

  /** The same face with four seeds. */
  readonly four: FourState;

  /** Earlier drafts of this face, oldest first, without the newest. */
  readonly earlier = $derived(
    (this.#history.get(this.faceId ?? 0) ?? []).filter((draft) => draft !== this.result),
  );

  constructor(api: Api, key = `draft-${crypto.randomUUID()}`) {
    this.#api = api;
    this.#key = key;
    this.four = new FourState(api, `${key}-4`);
  }

  /** Listens to the pictures of each step; the answer stops it, and the work. */
  start(): () => void {
    const stops = [
      this.four.start(),
      this.#api.on('draft', ({ key, step, steps, picture }) => {
        if (key !== this.#key || !this.#sent) return;
        this.step = step;
        this.steps = steps;
        this.picture = picture;
      }),
    ];
    return () => {
      stops.forEach((stop) => stop());
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
    this.four.drop();
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
