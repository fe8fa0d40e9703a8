import type { HeirloomBridge } from '../../contract/bridge.ts';
import { SOCKET_PATH } from '../../contract/browser-mode.ts';
import { bridgeTransport } from './bridge-transport.ts';
import { ApiClient } from './client.ts';
import { SocketTransport } from './socket-transport.ts';

declare global {
  interface Window {
    heirloom?: HeirloomBridge;
  }
}

/** Electron's bridge; undefined in a browser. */
export const bridge: HeirloomBridge | undefined = window.heirloom;

function socketAddress(): string {
  const { protocol, host } = window.location;
  return `${protocol === 'https:' ? 'wss:' : 'ws:'}//${host}${SOCKET_PATH}`;
}

/** The one connection of this window. */
export const api = new ApiClient(bridge ? bridgeTransport(bridge) : new SocketTransport(socketAddress()));
