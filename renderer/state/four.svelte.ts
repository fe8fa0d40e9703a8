import { SvelteMap } from 'svelte/reactivity';
import type { Draft } from '../../contract/api.ts';
import { isCancelled } from '../api/api-error.ts';
import type { ApiClient } from '../api/client.ts';
import { draftSettings, fourSeeds, type Chosen } from './restore-settings.ts';

/** One face with four seeds beside each other: each is seen while it is drawn, and can be had once it is finished. */
export class FourState {
  readonly #api: Pick<ApiClient, 'call' | 'on'>;
  readonly #key: string;
  /** Of the newest request; what belongs to another one is dropped. */
  #serial = 0;

  seeds = $state.raw<readonly number[]>([]);
  busy = $state(false);
  error = $state.raw<unknown>(null);
  /** Where the four differ; null until all are drawn, and where they agree. */
  invented = $state.raw<string | null>(null);
  /** All are drawn and compared. */
  compared = $state(false);
  readonly agree = $derived(this.compared && this.invented === null);
  /** Of each seed: as far as it is drawn. */
  readonly pictures = new SvelteMap<number, string>();
  readonly finished = new SvelteMap<number, Draft>();

  constructor(api: Pick<ApiClient, 'call' | 'on'>, key: string) {
    this.#api = api;
    this.#key = key;
  }

  /** Listens; the answer stops it. */
  start(): () => void {
    const stops = [
      this.#api.on('draft', ({ key, seed, picture }) => {
        if (this.#isMine(key) && !this.finished.has(seed)) this.pictures.set(seed, picture);
      }),
      this.#api.on('drafted', ({ key, draft }) => {
        if (this.#isMine(key)) this.#take(draft);
      }),
    ];
    return () => stops.forEach((stop) => stop());
  }

  async make(faceId: number, settings: Chosen): Promise<void> {
    this.drop();
    const serial = this.#serial;
    this.busy = true;
    this.seeds = fourSeeds(settings.seed ?? 0);
    try {
      const { drafts, invented } = await this.#api.call('draft.vary', {
        key: this.#key,
        faceId,
        settings: draftSettings(settings),
        seeds: [...this.seeds],
      });
      if (serial !== this.#serial) return;
      drafts.forEach((draft) => this.#take(draft));
      this.invented = invented;
      this.compared = true;
    } catch (error) {
      if (serial === this.#serial && !isCancelled(error)) this.error = error;
    } finally {
      if (serial === this.#serial) this.busy = false;
    }
  }

  /** Draws no more; those that are finished stay. */
  stop(): void {
    if (!this.busy) return;
    this.#serial++;
    this.busy = false;
    // Nobody waits for it any more; that it could not be cancelled concerns nobody either.
    this.#api.call('draft.cancel', { key: this.#key }).catch(() => undefined);
  }

  /** They are of no use any more: another face, other settings. */
  drop(): void {
    this.stop();
    this.#serial++;
    this.seeds = [];
    this.error = null;
    this.invented = null;
    this.compared = false;
    this.pictures.clear();
    this.finished.clear();
  }

  #isMine(key: string): boolean {
    return key === this.#key && this.busy;
  }

  #take(draft: Draft): void {
    this.pictures.set(draft.seed, draft.after);
    this.finished.set(draft.seed, draft);
  }
}
