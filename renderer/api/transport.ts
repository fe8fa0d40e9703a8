import type { ApiEnvelope, ApiEvent, ApiMethod } from '../../contract/api.ts';

/** What carries calls and events: Electron's bridge or a WebSocket. */
export interface Transport {
  call(method: ApiMethod, params: unknown): Promise<ApiEnvelope>;
  onEvent(listener: (event: ApiEvent) => void): () => void;
  /** Tells at once and with every change whether the application can be reached. */
  onConnection(listener: (connected: boolean) => void): () => void;
  /** Tells once the application was started anew and this page may no longer ask: no attempt follows. */
  onRefused?(listener: () => void): () => void;
}
