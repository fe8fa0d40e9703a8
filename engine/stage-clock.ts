import type { EngineEvent, Stage } from '../contract/engine.ts';

/** Adds up how long each stage takes, and tells when one begins. */
export class StageClock {
  readonly timings: Partial<Record<Stage, number>> = {};
  readonly #onEvent: (event: EngineEvent) => void;
  readonly #began = performance.now();
  #stage: Stage | undefined;
  #since = 0;

  constructor(onEvent: (event: EngineEvent) => void = () => undefined) {
    this.#onEvent = onEvent;
  }

  get seconds(): number {
    return (performance.now() - this.#began) / 1000;
  }

  enter(stage: Stage): void {
    this.leave();
    this.#stage = stage;
    this.#since = performance.now();
    this.#onEvent({ kind: 'stage', stage, milliseconds: this.#since - this.#began });
  }

  leave(): void {
    if (this.#stage === undefined) return;
    this.timings[this.#stage] = (this.timings[this.#stage] ?? 0) + performance.now() - this.#since;
    this.#stage = undefined;
  }
}
