import { contextBridge, ipcRenderer, webUtils } from 'electron';
import { CHANNELS, type HeirloomBridge } from '../contract/bridge.ts';
import type { ApiEnvelope, ApiEvent } from '../contract/api.ts';

const bridge: HeirloomBridge = {
  platform: process.platform,
  call: (method, params) => ipcRenderer.invoke(CHANNELS.call, method, params) as Promise<ApiEnvelope>,
  onEvent(listener) {
    // Electron's own event object stays on this side: it reaches back into IPC.
    const pass = (_: unknown, event: ApiEvent) => listener(event);
    ipcRenderer.on(CHANNELS.event, pass);
    return () => void ipcRenderer.removeListener(CHANNELS.event, pass);
  },
  pathForFile: (file) => webUtils.getPathForFile(file),
  pickFiles: (purpose) => ipcRenderer.invoke(CHANNELS.pickFiles, purpose) as Promise<string[]>,
  pickFolder: (purpose) => ipcRenderer.invoke(CHANNELS.pickFolder, purpose) as Promise<string | null>,
};

contextBridge.exposeInMainWorld('heirloom', bridge);
