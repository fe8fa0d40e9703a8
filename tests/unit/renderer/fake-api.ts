import { vi } from 'vitest';
import type { ApiEvent, ApiMethod } from '../../../contract/api.ts';

type Answers = Partial<Record<ApiMethod, (params: never) => unknown>>;

/** Stands in for `renderer/api/api.ts`: answers as told, and lets a test send events. */
export class FakeApi {
  readonly calls: { method: ApiMethod; params: unknown }[] = [];
  answers: Answers = {};
  readonly #listeners = new Set<(event: ApiEvent) => void>();
  readonly #connections = new Set<(connected: boolean) => void>();

  readonly call = vi.fn((method: ApiMethod, params: unknown): Promise<unknown> => {
    this.calls.push({ method, params });
    const answer = this.answers[method] as ((params: unknown) => unknown) | undefined;
    if (!answer) return Promise.reject(new Error(`Expected no call of ${method}`));
    return Promise.resolve(answer(params));
  });

  readonly on = (kind: ApiEvent['kind'], listener: (event: never) => void): (() => void) => {
    const heard = (event: ApiEvent): void => void (event.kind === kind && listener(event as never));
    this.#listeners.add(heard);
    return () => this.#listeners.delete(heard);
  };

  readonly onConnection = (listener: (connected: boolean) => void): (() => void) => {
    this.#connections.add(listener);
    listener(true);
    return () => this.#connections.delete(listener);
  };

  readonly onRefused = (): (() => void) => () => undefined;

  send(event: ApiEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  connect(connected: boolean): void {
    for (const listener of this.#connections) listener(connected);
  }

  called(method: ApiMethod): unknown[] {
    return this.calls.filter((call) => call.method === method).map(({ params }) => params);
  }

  reset(answers: Answers = {}): void {
    this.calls.length = 0;
    this.answers = answers;
  }
}

export const fakeApi = new FakeApi();
