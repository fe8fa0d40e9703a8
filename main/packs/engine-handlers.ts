import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ApiHandlers, ApiResult } from '../../contract/api.ts';
import type { Engines } from '../engines.ts';
import type { Models } from '../jobs/restore-job.ts';
import { withoutFolder } from './without-folder.ts';

export interface EngineHandlerTools {
  engines: Pick<Engines, 'restore' | 'interactive'>;
  /** Those of the settings. */
  models: () => Promise<Models>;
}

type Opened = Pick<ApiResult<'engine.status'>, 'provider' | 'verdicts'>;

interface Asked {
  /** Of the manifest's file: a pack that was removed and imported again lies in the same folder. */
  stamp: string;
  opening: Promise<Opened>;
}

/** Which provider is in use and why, and how fast it is. */
export function engineHandlers({
  engines,
  models,
}: EngineHandlerTools): Pick<ApiHandlers, 'engine.status' | 'engine.benchmark'> {
  /** Opening a pack tries its providers, which takes seconds; the answer stays the same. */
  const opened = new Map<string, Asked>();
  const open = async (chosen: Models): Promise<Opened> => {
    const key = `${chosen.provider} ${chosen.pack}`;
    const stamp = await stampOf(chosen.pack);
    const known = opened.get(key);
    if (known?.stamp === stamp) return known.opening;
    const opening = engines.interactive
      .call('openModels', { models: chosen })
      .then(({ provider, verdicts }) => ({ provider, verdicts: withoutFolder(verdicts, chosen.pack) }));
    const asked = { stamp, opening };
    opened.set(key, asked);
    opening.catch(() => opened.get(key) === asked && opened.delete(key));
    return opening;
  };
  return {
    'engine.status': async () => {
      const { provider, verdicts } = await open(await models());
      return { running: engines.restore.running || engines.interactive.running, provider, verdicts };
    },
    'engine.benchmark': async () => engines.interactive.call('benchmark', { models: await models() }),
  };
}

async function stampOf(pack: string): Promise<string> {
  const info = await stat(join(pack, 'manifest.json')).catch(() => undefined);
  return info ? [info.ino, info.size, info.mtimeMs].join(' ') : '';
}
