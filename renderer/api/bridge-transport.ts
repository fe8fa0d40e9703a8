import type { HeirloomBridge } from '../../contract/bridge.ts';
import type { Transport } from './transport.ts';

/** Electron: the preload's bridge, which is there as long as the window is. */
export function bridgeTransport(bridge: HeirloomBridge): Transport {
  return {
    call: (method, params) => bridge.call(method, params),
    onEvent: (listener) => bridge.onEvent(listener),
    onConnection(listener) {
      listener(true);
      return () => {};
    },
  };
}
