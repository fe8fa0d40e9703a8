import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import {
  ENGINE_CALLS,
  fromEngineSchema,
  type EngineEvent,
  type EngineMethod,
  type EngineParamsInput,
  type EngineResult,
  type EngineRole,
  type FromEngine,
  type ToEngine,
} from '../contract/engine.ts';
import { HeirloomError, throwIfCancelled } from '../contract/errors.ts';
import { say } from '../contract/sentences.ts';

export interface EngineClientOptions {
  role: EngineRole;
  /** The process's script; another one only in tests. */
  entry?: string;
  /** Node 24's binary; needed where the caller itself is not plain Node. */
  execPath?: string;
  /** How long a process with something to do may be silent before it is taken for hung; shorter only in tests. */
  silenceMs?: number;
}

export interface CallOptions {
  signal?: AbortSignal;
  onEvent?: (event: EngineEvent) => void;
}

interface PendingCall {
  method: EngineMethod;
  onEvent: (event: EngineEvent) => void;
  resolve: (value: unknown) => void;
  reject: (error: Error) => void;
}

interface EngineProcess {
  child: ChildProcess;
  ready: Promise<void>;
  gone: Promise<void>;
}

const ENTRY = fileURLToPath(new URL('./process.ts', import.meta.url));
const START_TIMEOUT_MS = 60_000;
/** A step of the exact sampler on a slow machine ends well within this; an engine that does not is killed. */
const CANCEL_GRACE_MS = 20_000;
const SHUTDOWN_GRACE_MS = 3_000;
const STDERR_KEPT = 4_000;
/** The longest silence of a sound engine is the encoding of a huge picture: minutes on a slow machine. */
const SILENCE_MS = 10 * 60_000;
/** Silence is counted in such parts: sleep of the whole machine, or a clock that jumps, counts as one at most. */
const SILENCE_PARTS = 20;
/** Node's own program is one for a terminal: without this, Windows opens one beside Heirloom. */
const WITHOUT_TERMINAL = { windowsHide: true };

/**
 * The engine process as an object: starts it at the first call, restarts it at the next call after a death.
 * The calls that a death interrupts are rejected with `engine/died` and the end of what it wrote to stderr.
 *
 * @example
 * const engine = new EngineClient({ role: 'imaging' });
 * const { faces } = await engine.call('inspectPhoto', { input: 'wedding.jpg' });
 * await engine.close();
 */
export class EngineClient {
  readonly #options: EngineClientOptions;
  readonly #pending = new Map<number, PendingCall>();
  #process: EngineProcess | undefined;
  #stderr = '';
  #nextId = 1;
  #watchdog: NodeJS.Timeout | undefined;
  #silentParts = 0;
  #hung = false;

  constructor(options: EngineClientOptions) {
    this.#options = options;
  }

  /** The process's id while it runs. */
  get pid(): number | undefined {
    return this.#process?.child.pid;
  }

  /** Sends one request; errors are `HeirloomError`s with the engine's code and message. */
  async call<M extends EngineMethod>(
    method: M,
    params: EngineParamsInput<M>,
    { signal, onEvent = () => undefined }: CallOptions = {},
  ): Promise<EngineResult<M>> {
    throwIfCancelled(signal);
    const engine = (this.#process ??= this.#start());
    await engine.ready;
    throwIfCancelled(signal);
    const id = this.#nextId++;
    const answer = new Promise<unknown>((resolve, reject) =>
      this.#pending.set(id, { method, onEvent, resolve, reject }),
    );
    const stopListening = signal && this.#cancelOn(signal, id, engine.child);
    this.#post(engine.child, { type: 'request', id, method, params });
    this.#watch(engine.child);
    try {
      return ENGINE_CALLS[method].result.parse(await answer) as EngineResult<M>;
    } catch (error) {
      throwIfCancelled(signal);
      throw error;
    } finally {
      stopListening?.();
    }
  }

  /** Ends a process that has something to do and says nothing for too long. */
  #watch(child: ChildProcess): void {
    // Beside another call this one is no sign of life: it only waits behind it.
    if (this.#pending.size === 1) this.#silentParts = 0;
    this.#watchdog ??= setInterval(
      () => {
        if (this.#pending.size === 0) return this.#unwatch();
        if (++this.#silentParts < SILENCE_PARTS) return;
        this.#hung = true;
        child.kill('SIGKILL');
      },
      (this.#options.silenceMs ?? SILENCE_MS) / SILENCE_PARTS,
    );
    this.#watchdog.unref();
  }

  #unwatch(): void {
    clearInterval(this.#watchdog);
    this.#watchdog = undefined;
  }

  /** Ends the process; resolves when it is gone. A later call would start a new one. */
  async close(): Promise<void> {
    const engine = this.#process;
    if (!engine) return;
    this.#post(engine.child, { type: 'shutdown' });
    const kill = setTimeout(() => engine.child.kill('SIGKILL'), SHUTDOWN_GRACE_MS);
    await engine.gone;
    clearTimeout(kill);
  }

  #start(): EngineProcess {
    const { role, entry = ENTRY, execPath = process.execPath } = this.#options;
    this.#stderr = '';
    const child = fork(entry, [role], {
      ...WITHOUT_TERMINAL,
      execPath,
      execArgv: ['--disable-warning=ExperimentalWarning'],
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    // What native libraries print must not mix with the caller's own output.
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => this.#keepOutput(text));
    const ready = new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => child.kill('SIGKILL'), START_TIMEOUT_MS);
      child.on('message', (message) => this.#understand(child, message, resolve));
      child.once('message', () => clearTimeout(timer));
      child.once('error', (error) => reject(new HeirloomError('engine/died', error.message)));
      child.once('close', () => {
        clearTimeout(timer);
        reject(this.#deathError(child));
      });
    });
    ready.catch(() => undefined);
    const gone = new Promise<void>((resolve) => child.once('close', () => resolve(this.#buried(child))));
    return { child, ready, gone };
  }

  #keepOutput(text: string): void {
    this.#stderr = (this.#stderr + text).slice(-STDERR_KEPT);
  }

  #post(child: ChildProcess, message: ToEngine): void {
    // A channel that closed meanwhile is reported by 'close'.
    if (child.connected) child.send(message, () => undefined);
  }

  /** The engine reads what strangers wrote: one that talks nonsense may be theirs, and is ended. */
  #understand(child: ChildProcess, message: unknown, onReady: () => void): void {
    const parsed = fromEngineSchema.safeParse(message);
    if (parsed.success) this.#receive(parsed.data, onReady);
    else child.kill('SIGKILL');
  }

  #receive(message: FromEngine, onReady: () => void): void {
    this.#silentParts = 0;
    if (message.type === 'ready') return onReady();
    const call = this.#pending.get(message.id);
    if (!call) return;
    if (message.type === 'event') return call.onEvent(message.event);
    this.#pending.delete(message.id);
    const { envelope } = message;
    if (envelope.ok) call.resolve(envelope.value);
    else
      call.reject(
        new HeirloomError(envelope.error.code, envelope.error.message, envelope.error.details ?? {}),
      );
  }

  #cancelOn(signal: AbortSignal, id: number, child: ChildProcess): () => void {
    let kill: NodeJS.Timeout | undefined;
    const cancel = () => {
      this.#post(child, { type: 'cancel', id });
      kill = setTimeout(() => child.kill('SIGKILL'), CANCEL_GRACE_MS);
    };
    signal.addEventListener('abort', cancel, { once: true });
    return () => {
      signal.removeEventListener('abort', cancel);
      clearTimeout(kill);
    };
  }

  #deathError(child: ChildProcess): HeirloomError {
    const how = this.#hung ? say('hung') : (child.signalCode ?? `exit code ${child.exitCode}`);
    const lastWords = this.#stderr.trim();
    const [lastLine] = lastWords.split('\n').filter((line) => /error/i.test(line));
    return new HeirloomError(
      'engine/died',
      lastLine ? say('engine_ended_saying', { how, reason: lastLine }) : say('engine_ended', { how }),
      {
        exitCode: child.exitCode,
        signal: child.signalCode,
        stderr: lastWords,
      },
    );
  }

  #buried(child: ChildProcess): void {
    this.#process = undefined;
    const error = this.#deathError(child);
    this.#unwatch();
    this.#hung = false;
    for (const call of this.#pending.values()) call.reject(error);
    this.#pending.clear();
  }
}

/**
 * Calls, and calls once more if the engine dies of it: a death may be chance. What kills the engine twice is
 * given up with `engine/died`.
 */
export async function callTwice<M extends EngineMethod>(
  engine: EngineClient,
  method: M,
  params: EngineParamsInput<M>,
  options: CallOptions = {},
): Promise<EngineResult<M>> {
  try {
    return await engine.call(method, params, options);
  } catch (error) {
    if (!isDeath(error)) throw error;
  }
  try {
    return await engine.call(method, params, options);
  } catch (error) {
    if (!isDeath(error)) throw error;
    throw new HeirloomError('engine/died', say('gave_up', { reason: error.message }), { ...error.details });
  }
}

function isDeath(error: unknown): error is HeirloomError {
  return error instanceof HeirloomError && error.code === 'engine/died';
}
