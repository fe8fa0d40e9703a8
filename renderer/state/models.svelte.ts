import { SvelteMap, SvelteSet } from 'svelte/reactivity';
import type { ApiResult } from '../../contract/api.ts';
import type { ApiClient } from '../api/client.ts';

export type Pack = ApiResult<'packs.list'>[number];
export type PackCheck = ApiResult<'packs.check'>;
export type Verdict = NonNullable<PackCheck['providers']>[number];
type EngineStatus = ApiResult<'engine.status'>;
type Benchmark = ApiResult<'engine.benchmark'>;

/** Model packs, what they run on, and how fast. */
export class ModelsState {
  readonly #api: Pick<ApiClient, 'call' | 'on'>;

  loaded = $state(false);
  packs = $state.raw<readonly Pack[]>([]);
  engine = $state.raw<EngineStatus | null>(null);
  /** Model cards that were read, by the pack's key. */
  readonly cards = new SvelteMap<string, string>();
  /** Results of full checks, by the pack's key. */
  readonly checks = new SvelteMap<string, PackCheck>();
  /** Keys of the packs that are being checked. */
  readonly checking = new SvelteSet<string>();
  importing = $state(false);
  measuring = $state(false);
  benchmark = $state.raw<Benchmark | null>(null);

  constructor(api: Pick<ApiClient, 'call' | 'on'>) {
    this.#api = api;
  }

  /** Reads packs and engine and listens; the answer stops listening. `failed` hears of what could not be read. */
  start(failed: (error: unknown) => void): () => void {
    const stop = this.#api.on('packs', () => void this.load().catch(failed));
    void this.load().catch(failed);
    void this.loadEngine().catch(failed);
    return stop;
  }

  async load(): Promise<void> {
    this.packs = await this.#api.call('packs.list', {});
    this.loaded = true;
  }

  /** Opens the pack in use where it is not open yet, so that it can say which provider it runs on. */
  async loadEngine(): Promise<void> {
    this.engine = await this.#api.call('engine.status', {});
  }

  async readCard(key: string): Promise<void> {
    if (this.cards.has(key)) return;
    const { markdown } = await this.#api.call('packs.card', { key });
    this.cards.set(key, markdown);
  }

  /** Hashes, shapes and the golden input on every provider: some seconds for each provider. */
  async check(key: string): Promise<void> {
    this.checking.add(key);
    try {
      this.checks.set(key, await this.#api.call('packs.check', { key }));
    } finally {
      this.checking.delete(key);
    }
  }

  async importPath(path: string): Promise<string> {
    return this.#import(() => this.#api.call('packs.import', { path }));
  }

  async importUploaded(upload: () => Promise<string>): Promise<string> {
    return this.#import(async () => this.#api.call('packs.importUploaded', { upload: await upload() }));
  }

  async remove(key: string): Promise<void> {
    await this.#api.call('packs.remove', { key });
    await this.load();
  }

  /** The pack that restorations use from now on. */
  async use(id: string): Promise<void> {
    await this.#api.call('settings.set', { packId: id });
    await this.loadEngine();
  }

  async measure(): Promise<void> {
    this.measuring = true;
    this.benchmark = null;
    try {
      this.benchmark = await this.#api.call('engine.benchmark', {});
    } finally {
      this.measuring = false;
    }
  }

  async #import(send: () => Promise<{ key: string }>): Promise<string> {
    this.importing = true;
    try {
      const { key } = await send();
      await this.load();
      return key;
    } finally {
      this.importing = false;
    }
  }
}
