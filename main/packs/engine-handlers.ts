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

/** Which provider is in use and why, and how fast it is. */
export function engineHandlers({
  engines,
  models,
}: EngineHandlerTools): Pick<ApiHandlers, 'engine.status' | 'engine.benchmark'> {
  /** Opening a pack tries its providers, which takes seconds; the answer stays the same. */
  const opened = new Map<string, Promise<Opened>>();
  const open = (chosen: Models): Promise<Opened> => {
    const key = `${chosen.provider} ${chosen.pack}`;
    const known = opened.get(key);
    if (known) return known;
    const opening = engines.interactive
      .call('openModels', { models: chosen })
      .then(({ provider, verdicts }) => ({ provider, verdicts: withoutFolder(verdicts, chosen.pack) }));
    opened.set(key, opening);
    opening.catch(() => opened.delete(key));
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
