import type { ApiEvent, ApiMethod } from '../../../../contract/api.ts';
import type { ApiClient } from '../../../../renderer/api/client.ts';

type Answer = (params: never) => unknown;

function refuse(method: ApiMethod): Answer {
  return () => {
    throw new Error(`Expected no call of ${method}`);
  };
}

/** An application of a few answers: what is not named is refused. Records every call. */
export class FakeApi {
  readonly calls: { method: ApiMethod; params: unknown }[] = [];
  readonly #listeners = new Set<(event: ApiEvent) => void>();
  readonly #connections = new Set<(connected: boolean) => void>();
  answers: Partial<Record<ApiMethod, Answer>>;

  constructor(answers: Partial<Record<ApiMethod, Answer>>) {
    this.answers = answers;
  }

  readonly client = {
    call: (method: ApiMethod, params: unknown) => {
      this.calls.push({ method, params });
      const answer = this.answers[method] ?? refuse(method);
      return new Promise((resolve) => resolve(answer(params as never)));
    },
    on: (kind: ApiEvent['kind'], listener: (event: never) => void) => {
      const guarded = (event: ApiEvent) => event.kind === kind && listener(event as never);
      this.#listeners.add(guarded);
      return () => this.#listeners.delete(guarded);
    },
    onConnection: (listener: (connected: boolean) => void) => {
      this.#connections.add(listener);
      listener(true);
      return () => this.#connections.delete(listener);
    },
  } as unknown as Pick<ApiClient, 'call' | 'on' | 'onConnection'>;

  emit(event: ApiEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  connect(connected: boolean): void {
    for (const listener of this.#connections) listener(connected);
  }

  callsOf(method: ApiMethod): unknown[] {
    return this.calls.filter((call) => call.method === method).map((call) => call.params);
  }
}
