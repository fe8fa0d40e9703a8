import { beforeEach, describe, expect, it, vi } from 'vitest';
import { CHANNELS, type HeirloomBridge } from '../../../contract/bridge.ts';
import { contextBridge, ipcRenderer, resetElectron, webUtils } from '../main/electron/electron-stand-in.ts';

vi.mock('electron', () => import('../main/electron/electron-stand-in.ts'));
await import('../../../preload/bridge.ts');

describe('the preload', () => {
  const bridge = contextBridge.exposed['heirloom'] as HeirloomBridge;
  beforeEach(() => {
    resetElectron();
    ipcRenderer.removeAllListeners();
  });

  it('exposes the bridge and nothing else', () => {
    expect(Object.keys(contextBridge.exposed)).toEqual(['heirloom']);
    expect(Object.keys(bridge).sort()).toEqual([
      'call',
      'onEvent',
      'pathForFile',
      'pickFiles',
      'pickFolder',
      'platform',
    ]);
    expect(bridge.platform).toBe(process.platform);
  });

  it('carries calls and their envelopes', async () => {
    ipcRenderer.invoke.mockResolvedValueOnce({ ok: true, value: 7 });
    expect(await bridge.call('app.info', { a: 1 })).toEqual({ ok: true, value: 7 });
    expect(ipcRenderer.invoke).toHaveBeenCalledWith(CHANNELS.call, 'app.info', { a: 1 });
  });

  it('passes events on without Electron’s own event, until told to stop', () => {
    const listener = vi.fn();
    const stop = bridge.onEvent(listener);
    ipcRenderer.emit(CHANNELS.event, { sender: 'electron' }, { kind: 'albums' });
    expect(listener.mock.calls).toEqual([[{ kind: 'albums' }]]);
    stop();
    ipcRenderer.emit(CHANNELS.event, {}, { kind: 'people' });
    expect(listener).toHaveBeenCalledOnce();
  });

  it('stops one listener and not another', () => {
    const [first, second] = [vi.fn(), vi.fn()];
    const stop = bridge.onEvent(first);
    bridge.onEvent(second);
    stop();
    ipcRenderer.emit(CHANNELS.event, {}, { kind: 'queue' });
    expect(first).not.toHaveBeenCalled();
    expect(second).toHaveBeenCalledOnce();
  });

  it('asks for dialogs and knows where a dropped file lies', async () => {
    ipcRenderer.invoke.mockResolvedValueOnce(['/a.jpg']).mockResolvedValueOnce(null);
    expect(await bridge.pickFiles('photos')).toEqual(['/a.jpg']);
    expect(await bridge.pickFolder('export')).toBeNull();
    expect(ipcRenderer.invoke.mock.calls).toEqual([
      [CHANNELS.pickFiles, 'photos'],
      [CHANNELS.pickFolder, 'export'],
    ]);
    expect(bridge.pathForFile(new File(['x'], 'a.jpg'))).toBe('/dropped/a.jpg');
    expect(webUtils.getPathForFile).toHaveBeenCalledOnce();
  });
});
