import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { EngineResult } from '../contract/engine.ts';
import type { Provider, ProviderChoice } from '../contract/restore.ts';
import { say } from '../contract/sentences.ts';
import { loadPack, type Pack } from './models/manifest.ts';
import { chooseProvider, type ProviderReport } from './models/providers.ts';
import { isProviderFailure, openPackSessions, type PackSessions } from './models/sessions.ts';

type ProviderVerdict = EngineResult<'openModels'>['verdicts'][number];

/** A pack, opened on the provider that was chosen for it. */
export interface OpenModels {
  pack: Pack;
  provider: Provider;
  /** Why this provider, and why not the others. */
  verdicts: ProviderVerdict[];
  sessions: PackSessions;
  /** For every result: that these models stand in for those of a provider that failed. */
  note?: string;
}

/** Where this machine's provider choices are remembered. */
export function cacheFolder(): string {
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'heirloom');
}

interface Opened {
  /** Of the manifest's file: a pack that was removed and imported again lies in the same folder. */
  stamp: string;
  models: Promise<OpenModels>;
}

/** Opens packs once each and shares them; an attempt that failed is forgotten. */
export class ModelShelf {
  readonly #open = new Map<string, Opened>();

  /**
   * Works with a pack's models. Where their provider fails in the middle, the work is done again on the CPU, and so is
   * all later work of this process: a result never comes from two providers.
   */
  async use<T>(folder: string, choice: ProviderChoice, work: (models: OpenModels) => Promise<T>): Promise<T> {
    const models = await this.get(folder, choice);
    try {
      return await work(models);
    } catch (error) {
      if (!isProviderFailure(error) || models.provider === 'cpu') throw error;
      const stamp = await stampOf(folder);
      const standIn = standInFor(models, folder, error.message);
      this.#keep(keyOf(folder, choice), { stamp, models: standIn });
      await models.sessions.release().catch(() => undefined);
      return work(await standIn);
    }
  }

  async get(folder: string, choice: ProviderChoice): Promise<OpenModels> {
    const key = keyOf(folder, choice);
    const stamp = await stampOf(folder);
    const known = this.#open.get(key);
    if (known?.stamp === stamp) return known.models;
    const models = openModels(folder, choice);
    this.#keep(key, { stamp, models });
    // Requests run one after another, so that nobody works with these any more.
    known?.models.then(({ sessions }) => sessions.release()).catch(() => undefined);
    return models;
  }

  #keep(key: string, opened: Opened): void {
    this.#open.set(key, opened);
    opened.models.catch(() => this.#open.get(key) === opened && this.#open.delete(key));
  }
}

async function stampOf(folder: string): Promise<string> {
  const info = await stat(join(folder, 'manifest.json')).catch(() => undefined);
  return info ? [info.ino, info.size, info.mtimeMs].join(' ') : '';
}

function keyOf(folder: string, choice: ProviderChoice): string {
  return `${choice} ${folder}`;
}

async function standInFor(failed: OpenModels, folder: string, reason: string): Promise<OpenModels> {
  const { verdicts, ...models } = await openModels(folder, 'cpu');
  const others = verdicts.filter(({ provider }) => provider !== failed.provider);
  return {
    ...models,
    verdicts: [...others, { provider: failed.provider, usable: false, reason }],
    note: say('cpu_instead', { reason }),
  };
}

async function openModels(folder: string, choice: ProviderChoice): Promise<OpenModels> {
  const pack = await loadPack(folder);
  const report = await chooseProvider(pack, choice, { cacheDir: cacheFolder() });
  const { chosen: provider } = report;
  return { pack, provider, verdicts: toVerdicts(report), sessions: openPackSessions(pack, { provider }) };
}

/** A choice of a provider as it is told to a person. */
export function toVerdicts({ reasons }: ProviderReport): ProviderVerdict[] {
  return reasons.map(({ provider, ok, milliseconds, reason }) => ({
    provider,
    usable: ok,
    reason,
    ...(milliseconds !== undefined && { milliseconds }),
  }));
}
