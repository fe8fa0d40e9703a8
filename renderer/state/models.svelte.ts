import { SvelteMap, SvelteSet } from 'svelte/reactivity';
import type { ApiResult } from '../../contract/api.ts';
import type { ProviderChoice } from '../../contract/restore.ts';
import { api } from '../api/api.ts';
import { settings } from './settings.svelte.ts';

export type Pack = ApiResult<'packs.list'>[number];
export type PackCheck = ApiResult<'packs.check'>;
export type Verdict = NonNullable<PackCheck['providers']>[number];
type EngineStatus = ApiResult<'engine.status'>;
type Benchmark = ApiResult<'engine.benchmark'>;

/** Model packs, what they run on, and how fast. */
export class ModelsState {
  loaded = $state(false);
  packs = $state.raw<readonly Pack[]>([]);
  /** Why the packs could not be read. */
  error = $state.raw<unknown>(null);
  engine = $state.raw<EngineStatus | null>(null);
  engineError = $state.raw<unknown>(null);
  /** Model cards that were read, by the pack's key. */
  readonly cards = new SvelteMap<string, string>();
  /** Results of full checks, by the pack's key. */
  readonly checks = new SvelteMap<string, PackCheck>();
  /** Keys of the packs that are being checked. */
  readonly checking = new SvelteSet<string>();
  importing = $state(false);
  measuring = $state(false);
  benchmark = $state.raw<Benchmark | null>(null);

  /** Reads packs and engine and listens; the answer stops listening. */
  start(): () => void {
    const stop = api.on('packs', () => void this.load());
    void this.load();
    void this.loadEngine();
    return stop;
  }

  async load(): Promise<void> {
    try {
      this.packs = await api.call('packs.list', {});
      this.error = null;
      this.loaded = true;
    } catch (error) {
      this.error = error;
    }
  }

  /** What the engine found of each provider; the first time it tries them, which takes some seconds. */
  async loadEngine(): Promise<void> {
    try {
      this.engine = await api.call('engine.status', {});
      this.engineError = null;
    } catch (error) {
      this.engineError = error;
    }
  }

  async chooseProvider(provider: ProviderChoice): Promise<void> {
    this.engine = null;
    await settings.set({ provider });
    await this.loadEngine();
  }

  async readCard(key: string): Promise<void> {
    if (this.cards.has(key)) return;
    const { markdown } = await api.call('packs.card', { key });
    this.cards.set(key, markdown);
  }

  /** Hashes, shapes and the golden input on every provider: some seconds for each provider. */
  async check(key: string): Promise<void> {
    this.checking.add(key);
    try {
      this.checks.set(key, await api.call('packs.check', { key }));
    } finally {
      this.checking.delete(key);
    }
  }

  async importPath(path: string): Promise<string> {
    return this.#import(() => api.call('packs.import', { path }));
  }

  async importUploaded(upload: () => Promise<string>): Promise<string> {
    return this.#import(async () => api.call('packs.importUploaded', { upload: await upload() }));
  }

  /** Where it was the one in use, another takes its place. */
  async remove(key: string): Promise<void> {
    const wasUsed = settings.value.packId === key;
    await api.call('packs.remove', { key });
    this.#forget(key);
    await this.load();
    if (!wasUsed) return;
    const other = this.packs.find((pack) => !pack.error);
    // The application may have chosen already.
    if (settings.value.packId === key && other) await this.use(other.key);
    else await this.#readEngineAnew();
  }

  /** The pack that restorations use from now on. */
  async use(id: string): Promise<void> {
    this.engine = null;
    await settings.set({ packId: id });
    await this.loadEngine();
  }

  async measure(): Promise<void> {
    this.measuring = true;
    this.benchmark = null;
    try {
      this.benchmark = await api.call('engine.benchmark', {});
    } finally {
      this.measuring = false;
    }
  }

  async #readEngineAnew(): Promise<void> {
    this.engine = null;
    await this.loadEngine();
  }

  /** What was read of a pack says nothing of the next one of its name. */
  #forget(key: string): void {
    this.cards.delete(key);
    this.checks.delete(key);
  }

  async #import(send: () => Promise<{ key: string }>): Promise<string> {
    this.importing = true;
    try {
      const { key } = await send();
      this.#forget(key);
      await this.load();
      if (settings.value.packId === key) void this.#readEngineAnew();
      return key;
    } finally {
      this.importing = false;
    }
  }
}

export const models = new ModelsState();
