import type { ApiEvent, ApiMethod, ApiParamsInput, ApiResult } from '../../contract/api.ts';
import { ApiError } from './api-error.ts';
import type { Transport } from './transport.ts';

type EventKind = ApiEvent['kind'];
type EventOf<K extends EventKind> = Extract<ApiEvent, { kind: K }>;

/** Typed calls and events over either transport. */
export class ApiClient {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Throws an `ApiError`. */
  async call<M extends ApiMethod>(method: M, params: ApiParamsInput<M>): Promise<ApiResult<M>> {
    const envelope = await this.#transport.call(method, params);
    if (envelope.ok) return envelope.value as ApiResult<M>;
    const { code, message, details } = envelope.error;
    throw new ApiError(code, message, details);
  }

  /** Answers with a function that stops it. */
  on<K extends EventKind>(kind: K, listener: (event: EventOf<K>) => void): () => void {
    return this.#transport.onEvent((event) => {
      if (event.kind === kind) listener(event as EventOf<K>);
    });
  }

  onConnection(listener: (connected: boolean) => void): () => void {
    return this.#transport.onConnection(listener);
  }

  /** The connection will not come back: the page was opened with a token of an earlier start. */
  onRefused(listener: () => void): () => void {
    return this.#transport.onRefused?.(listener) ?? (() => undefined);
  }
}
