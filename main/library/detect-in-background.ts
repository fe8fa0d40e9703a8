import type { ApiEvent } from '../../contract/api.ts';
import { toErrorEnvelope } from '../../contract/errors.ts';
import { setProblem, undetectedCount, undetectedPhotos } from './database/photo-rows.ts';
import { detectFaces } from './faces.ts';
import type { LibraryContext } from './library-context.ts';

/** One after another: then it is the engine that fails, and the rest waits for the next import or start. */
const MAX_FAILURES = 3;
/** Whoever moves a slider moves it again: detection begins when nobody has held it for so long. */
const QUIET_MS = 3000;

/**
 * Looks for faces in photos that nobody looked at yet, one at a time. The engine process that does it is the one that
 * people wait for: `hold` stops the detection in work, and it begins again some time after.
 */
export class BackgroundDetection {
  readonly #context: LibraryContext;
  readonly #emit: (event: ApiEvent) => void;
  readonly #closing = new AbortController();
  #current: AbortController | undefined;
  #holders = 0;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;

  constructor(context: LibraryContext, emit: (event: ApiEvent) => void) {
    this.#context = context;
    this.#emit = emit;
  }

  /** There may be something to do. */
  wake(): void {
    if (this.#closing.signal.aborted || this.#holders > 0) return;
    // What stops it here (a damaged library) is told where a person asked for something.
    this.#running ??= this.#run()
      .catch(() => undefined)
      .finally(() => (this.#running = undefined));
  }

  /** Answers with what lets it go on. */
  hold(): () => void {
    this.#holders++;
    this.#current?.abort();
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      if (--this.#holders === 0) this.#wakeLater();
    };
  }

  #wakeLater(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.wake(), QUIET_MS);
    this.#timer.unref();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    clearTimeout(this.#timer);
    this.#current?.abort();
    await this.#running;
  }

  /** Resolves when there is nothing left to do, or someone holds. */
  async idle(): Promise<void> {
    await this.#running;
  }

  get #mayRun(): boolean {
    return (
      this.#holders === 0 && !this.#closing.signal.aborted && this.#context.settings.get().detectOnImport
    );
  }

  async #run(): Promise<void> {
    let told = false;
    const tell = (done: number, total: number): void => {
      told = total > 0;
      this.#emit({ kind: 'detection', done, total });
    };
    try {
      await this.#detectAll(tell);
    } finally {
      if (told) tell(0, 0);
    }
  }

  /** `tell` hears before each photo how many are done, and how many there are with those left. */
  async #detectAll(tell: (done: number, total: number) => void): Promise<void> {
    let failures = 0;
    let done = 0;
    let after = 0;
    while (this.#mayRun && failures < MAX_FAILURES) {
      const { db } = this.#context;
      const [id] = undetectedPhotos(db, after, 1);
      if (id === undefined) return;
      tell(done, done + undetectedCount(db, after));
      const outcome = await this.#detect(id);
      if (outcome === 'held') continue;
      after = id;
      done++;
      failures = outcome === 'done' ? 0 : failures + 1;
    }
  }

  /** `failed`: for a reason that is not the photo's. */
  async #detect(photoId: number): Promise<'done' | 'held' | 'failed'> {
    const cancel = (this.#current = new AbortController());
    try {
      await detectFaces(this.#context, photoId, null, cancel.signal);
      return 'done';
    } catch (error) {
      if (cancel.signal.aborted) return 'held';
      return this.#giveUp(photoId, error) ? 'done' : 'failed';
    } finally {
      this.#current = undefined;
    }
  }

  /** A picture that cannot be read is not tried again by itself; a missing original is noted as such already. */
  #giveUp(photoId: number, error: unknown): boolean {
    const { code, message } = toErrorEnvelope(error);
    if (code.startsWith('library/')) return true;
    if (!code.startsWith('input/')) return false;
    this.#context.db.write(null, () => setProblem(this.#context.db, photoId, { code, message }));
    return true;
  }
}
