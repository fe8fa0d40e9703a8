import type { EngineClient } from '../../engine/client.ts';
import type { EngineParamsInput } from '../../contract/engine.ts';
import { HeirloomError } from '../../contract/errors.ts';

/** What the library needs of an engine process. */
export type Engine = Pick<EngineClient, 'call'>;
export interface Engines {
  /** Thumbnails, views, tiles, crops, exports. */
  imaging: Engine;
  /** Detection, and landmarks of faces that a person draws. */
  interactive: Engine;
}

/** Pack folder and provider; null where there is no pack to measure blur with. */
export type Models = NonNullable<EngineParamsInput<'inspectPhoto'>['models']>;

/**
 * Once more if the engine died: with several calls at work, another picture may have killed it. What kills it twice is
 * given up.
 */
export async function survivingDeath<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof HeirloomError) || error.code !== 'engine/died') throw error;
    return call();
  }
}
