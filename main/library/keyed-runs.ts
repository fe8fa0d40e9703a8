import { HeirloomError } from '../../contract/errors.ts';

interface Running {
  cancel: AbortController;
  done: Promise<unknown>;
}

/** What is in work and can be cancelled, by the key that the interface gave each. */
export abstract class KeyedRuns {
  readonly #noun: string;
  readonly #running = new Map<string, Running>();

  /** @param noun what one is, with its article, for messages */
  constructor(noun: string) {
    this.#noun = noun;
  }

  /** Throws `argument/invalid` for a key in use, and what `work` throws. */
  protected async runAs<Result>(
    key: string,
    work: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    if (this.#running.has(key))
      throw new HeirloomError('argument/invalid', `${this.#noun} ${key} is in work already`);
    const cancel = new AbortController();
    const done = work(cancel.signal);
    this.#running.set(key, { cancel, done });
    try {
      return await done;
    } finally {
      this.#running.delete(key);
    }
  }

  /** What is done stays; one that has ended is left as it is. */
  cancel(key: string): void {
    this.#running.get(key)?.cancel.abort();
  }

  /** Ends what is in work and waits for the file that each is at. */
  async close(): Promise<void> {
    const running = [...this.#running.values()];
    for (const { cancel } of running) cancel.abort();
    await Promise.allSettled(running.map(({ done }) => done));
  }
}
