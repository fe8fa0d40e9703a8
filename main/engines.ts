import { EngineClient, type CallOptions } from '../engine/client.ts';
import type { EngineMethod, EngineParamsInput, EngineResult, EngineRole } from '../contract/engine.ts';
import { HeirloomError } from '../contract/errors.ts';

/** What the application needs of an engine process; a test gives its own. */
export type Engine = Pick<EngineClient, 'call'>;

export interface EngineOptions {
  /** Script of the engine process; another one in a bundle and in tests. */
  engineEntry?: string;
  /** Node 24's binary; needed where the caller itself is not plain Node. */
  execPath?: string;
  /** See `EngineClientOptions`. */
  silenceMs?: number;
}

/** A process with open models holds some hundred megabytes, and takes a few seconds to start again. */
const IDLE_MS = 5 * 60_000;

/** An engine process that is ended when nothing was asked of it for a while. */
export class IdleEngine implements Engine {
  readonly #client: EngineClient;
  readonly #idleMs: number;
  #calls = 0;
  #timer: NodeJS.Timeout | undefined;
  #resting: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(role: EngineRole, { engineEntry, execPath, silenceMs }: EngineOptions = {}, idleMs = IDLE_MS) {
    this.#client = new EngineClient({
      role,
      ...(engineEntry !== undefined && { entry: engineEntry }),
      ...(execPath !== undefined && { execPath }),
      ...(silenceMs !== undefined && { silenceMs }),
    });
    this.#idleMs = idleMs;
  }

  /** Whether the process is up. */
  get running(): boolean {
    return this.#client.pid !== undefined;
  }

  async call<M extends EngineMethod>(
    method: M,
    params: EngineParamsInput<M>,
    options: CallOptions = {},
  ): Promise<EngineResult<M>> {
    clearTimeout(this.#timer);
    this.#calls++;
    try {
      await this.#resting;
      if (this.#closed) throw new HeirloomError('job/cancelled', 'Heirloom is being closed');
      return await this.#client.call(method, params, options);
    } finally {
      if (--this.#calls === 0 && !this.#closed) this.#restLater();
    }
  }

  /** Ends the process for good; what it was doing is rejected. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#resting;
    await this.#client.close();
  }

  #restLater(): void {
    const rest = () => {
      this.#resting = this.#client.close();
    };
    this.#timer = setTimeout(rest, this.#idleMs).unref();
  }
}

export interface Engines {
  /** Thumbnails, views, tiles, exports: never behind a restoration. */
  imaging: IdleEngine;
  /** The queue's. */
  restore: IdleEngine;
  /** Drafts, detection and checks, which a person waits for. */
  interactive: IdleEngine;
  close(): Promise<void>;
}

/** The three engine processes of the application; none starts before it is needed. */
export function createEngines(options: EngineOptions): Engines {
  const imaging = new IdleEngine('imaging', options);
  const restore = new IdleEngine('restore', options);
  const interactive = new IdleEngine('restore', options);
  const close = async () => {
    await Promise.all([imaging, restore, interactive].map((engine) => engine.close()));
  };
  return { imaging, restore, interactive, close };
}
