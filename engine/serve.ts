import {
  ENGINE_CALLS,
  toEngineSchema,
  type EngineEvent,
  type EngineMethod,
  type EngineParams,
  type EngineResult,
  type FromEngine,
} from '../contract/engine.ts';
import { HeirloomError, toErrorEnvelope } from '../contract/errors.ts';

export interface CallContext {
  /** Aborts with a `job/cancelled` error. */
  signal: AbortSignal;
  onEvent: (event: EngineEvent) => void;
}

export type EngineHandlers = {
  [M in EngineMethod]?: (params: EngineParams<M>, context: CallContext) => Promise<EngineResult<M>>;
};

/** Least milliseconds between two step events of one request. */
const STEP_INTERVAL_MS = 100;

function send(message: FromEngine): void {
  if (process.connected) process.send?.(message);
}

/** Passes every event on, but at most ten steps a second; the last step always. */
function throttleSteps(emit: (event: EngineEvent) => void): (event: EngineEvent) => void {
  let last = -Infinity;
  return (event) => {
    if (event.kind === 'step' && event.step < event.steps) {
      if (performance.now() - last < STEP_INTERVAL_MS) return;
      last = performance.now();
    }
    emit(event);
  };
}

function parseParams<M extends EngineMethod>(method: M, params: unknown): EngineParams<M> {
  const parsed = ENGINE_CALLS[method].params.safeParse(params);
  if (parsed.success) return parsed.data as EngineParams<M>;
  const [issue] = parsed.error.issues;
  const where = issue ? `${issue.path.join('.') || 'params'}: ${issue.message}` : 'params';
  throw new HeirloomError('engine/protocol', `Request ${method} not understood: ${where}`);
}

async function dispatch<M extends EngineMethod>(
  handlers: EngineHandlers,
  method: M,
  params: unknown,
  context: CallContext,
): Promise<EngineResult<M>> {
  const handler = handlers[method];
  if (!handler) throw new HeirloomError('engine/protocol', `This engine process does not serve ${method}.`);
  const parsed = parseParams(method, params);
  context.signal.throwIfAborted();
  return handler(parsed, context);
}

/**
 * Answers the requests that arrive over this process's `fork` channel, one after another in the order of their
 * arrival; a cancel is heard at once. Leaves when the channel closes, and leaves SIGINT to whoever started it.
 */
export function serveEngine(handlers: EngineHandlers): void {
  const running = new Map<number, AbortController>();
  let queue = Promise.resolve();

  async function answer(id: number, method: EngineMethod, params: unknown, signal: AbortSignal) {
    const onEvent = throttleSteps((event) => send({ type: 'event', id, event }));
    try {
      const value = await dispatch(handlers, method, params, { signal, onEvent });
      send({ type: 'response', id, envelope: { ok: true, value } });
    } catch (error) {
      const cause = signal.aborted ? (signal.reason as unknown) : error;
      send({ type: 'response', id, envelope: { ok: false, error: toErrorEnvelope(cause) } });
    } finally {
      running.delete(id);
    }
  }

  function request(id: number, method: EngineMethod, params: unknown): void {
    const controller = new AbortController();
    running.set(id, controller);
    queue = queue.then(() => answer(id, method, params, controller.signal));
  }

  process.on('message', (message) => {
    const parsed = toEngineSchema.parse(message);
    if (parsed.type === 'request') request(parsed.id, parsed.method, parsed.params);
    else if (parsed.type === 'cancel')
      running.get(parsed.id)?.abort(new HeirloomError('job/cancelled', 'Cancelled'));
    else process.exit(0);
  });
  process.on('disconnect', () => process.exit(0));
  process.on('SIGINT', () => undefined);
  send({ type: 'ready', pid: process.pid });
}
