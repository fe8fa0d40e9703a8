import type { HeirloomBridge } from '../../contract/bridge.ts';
import type { Transport } from './transport.ts';

/** Electron: the preload's bridge, which is there as long as the window is. */
export function bridgeTransport(bridge: HeirloomBridge): Transport {
  return {
    // As the socket sends it: the window's proxies of reactive state cannot cross the bridge.
    call: (method, params) => bridge.call(method, JSON.parse(JSON.stringify(params)) as unknown),
    onEvent: (listener) => bridge.onEvent(listener),
    onConnection(listener) {
      listener(true);
      return () => {};
    },
  };
}
