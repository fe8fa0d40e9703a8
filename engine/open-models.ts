import { homedir } from 'node:os';
import { join } from 'node:path';
import type { EngineResult } from '../contract/engine.ts';
import type { Provider, ProviderChoice } from '../contract/restore.ts';
import { loadPack, type Pack } from './models/manifest.ts';
import { chooseProvider, type ProviderReport } from './models/providers.ts';
import { openPackSessions, type PackSessions } from './models/sessions.ts';

type ProviderVerdict = EngineResult<'openModels'>['verdicts'][number];

/** A pack, opened on the provider that was chosen for it. */
export interface OpenModels {
  pack: Pack;
  provider: Provider;
  /** Why this provider, and why not the others. */
  verdicts: ProviderVerdict[];
  sessions: PackSessions;
}

/** Where this machine's provider choices are remembered. */
export function cacheFolder(): string {
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'heirloom');
}

/** Opens packs once each and shares them; an attempt that failed is forgotten. */
export class ModelShelf {
  readonly #open = new Map<string, Promise<OpenModels>>();

  get(folder: string, choice: ProviderChoice): Promise<OpenModels> {
    const key = `${choice} ${folder}`;
    const known = this.#open.get(key);
    if (known) return known;
    const models = openModels(folder, choice);
    this.#open.set(key, models);
    models.catch(() => this.#open.delete(key));
    return models;
  }
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
