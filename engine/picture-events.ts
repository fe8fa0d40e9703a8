import type { EngineEvent } from '../contract/engine.ts';

/**
 * Sends events whose pictures take a while to encode, in their order. While one is being encoded only the newest of
 * the others waits: a slow encoder shows fewer steps and never falls behind. The last one given is always sent.
 */
export class PictureEvents {
  readonly #onEvent: (event: EngineEvent) => void;
  #waiting: (() => Promise<EngineEvent>) | undefined;
  #running: Promise<void> | undefined;

  constructor(onEvent: (event: EngineEvent) => void) {
    this.#onEvent = onEvent;
  }

  add(make: () => Promise<EngineEvent>): void {
    this.#waiting = make;
    this.#running ??= this.#run();
    // Whoever flushes hears of a failure.
    this.#running.catch(() => undefined);
  }

  /** Resolves when everything is sent; rejects where a picture could not be encoded. */
  async flush(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    try {
      for (let make = this.#take(); make; make = this.#take()) this.#onEvent(await make());
    } finally {
      this.#running = undefined;
    }
  }

  #take(): (() => Promise<EngineEvent>) | undefined {
    const make = this.#waiting;
    this.#waiting = undefined;
    return make;
  }
}
