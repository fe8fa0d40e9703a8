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

/** Passes every event on, but at most ten steps a second; the last step always, and a draft's first picture. */
function throttleSteps(emit: (event: EngineEvent) => void): (event: EngineEvent) => void {
  let last = -Infinity;
  return (event) => {
    if ('steps' in event && event.step > 0 && event.step < event.steps) {
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
 * arrival. A cancel is heard at once: a request that waits is answered then, one that runs ends at its next step.
 * Leaves when the channel closes, and leaves SIGINT to whoever started it.
 */
export function serveEngine(handlers: EngineHandlers): void {
  const waiting = new Set<number>();
  const running = new Map<number, AbortController>();
  let queue = Promise.resolve();

  function refuse(id: number, cause: unknown): void {
    send({ type: 'response', id, envelope: { ok: false, error: toErrorEnvelope(cause) } });
  }

  async function answer(id: number, method: EngineMethod, params: unknown) {
    // Absent: cancelled while it waited, and answered.
    if (!waiting.delete(id)) return;
    const controller = new AbortController();
    const { signal } = controller;
    running.set(id, controller);
    const onEvent = throttleSteps((event) => send({ type: 'event', id, event }));
    try {
      const value = await dispatch(handlers, method, params, { signal, onEvent });
      send({ type: 'response', id, envelope: { ok: true, value } });
    } catch (error) {
      refuse(id, signal.aborted ? signal.reason : error);
    } finally {
      running.delete(id);
    }
  }

  function request(id: number, method: EngineMethod, params: unknown): void {
    waiting.add(id);
    queue = queue.then(() => answer(id, method, params));
  }

  function cancel(id: number): void {
    const cancelled = new HeirloomError('job/cancelled', 'Cancelled');
    running.get(id)?.abort(cancelled);
    if (waiting.delete(id)) refuse(id, cancelled);
  }

  process.on('message', (message) => {
    const parsed = toEngineSchema.parse(message);
    if (parsed.type === 'request') request(parsed.id, parsed.method, parsed.params);
    else if (parsed.type === 'cancel') cancel(parsed.id);
    else process.exit(0);
  });
  process.on('disconnect', () => process.exit(0));
  process.on('SIGINT', () => undefined);
  send({ type: 'ready', pid: process.pid });
}
