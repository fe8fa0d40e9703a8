import { beforeEach, describe, expect, it, vi } from 'vitest';
import { CHANNELS } from '../../../../contract/bridge.ts';
import { serveIpc, type TransportHandlers } from '../../../../main/electron/transport.ts';
import { INTERFACE_FRAME, ipcMain, resetElectron } from './electron-stand-in.ts';

vi.mock('electron', () => import('./electron-stand-in.ts'));

const STRANGERS = [null, { url: 'https://example.com/', parent: null }, { ...INTERFACE_FRAME, parent: {} }];

describe('serveIpc', () => {
  const handlers = {
    call: vi.fn<TransportHandlers['call']>((method) => Promise.resolve({ ok: true, value: method })),
    pickFiles: vi.fn<TransportHandlers['pickFiles']>(() => Promise.resolve(['/a.jpg'])),
    pickFolder: vi.fn<TransportHandlers['pickFolder']>(() => Promise.resolve(null)),
  };
  beforeEach(() => {
    resetElectron();
    serveIpc(handlers);
  });

  async function ask(frame: unknown, channel: string, ...parameters: unknown[]): Promise<unknown> {
    return await ipcMain.handlers.get(channel)!({ senderFrame: frame }, ...parameters);
  }

  it('hands the interface’s calls on as they are, whatever they hold', async () => {
    expect(await ask(INTERFACE_FRAME, CHANNELS.call, 'app.info', {})).toEqual({
      ok: true,
      value: 'app.info',
    });
    await ask(INTERFACE_FRAME, CHANNELS.call, 7, undefined);
    expect(handlers.call.mock.calls).toEqual([
      ['app.info', {}],
      [7, undefined],
    ]);
  });

  it.each(STRANGERS)('answers %j with an error envelope and calls nothing', async (frame) => {
    expect(await ask(frame, CHANNELS.call, 'app.info', {})).toMatchObject({
      ok: false,
      error: { code: 'api/invalid' },
    });
    expect(handlers.call).not.toHaveBeenCalled();
  });

  it('opens dialogs for the interface', async () => {
    expect(await ask(INTERFACE_FRAME, CHANNELS.pickFiles, 'photos')).toEqual(['/a.jpg']);
    expect(await ask(INTERFACE_FRAME, CHANNELS.pickFolder, 'export')).toBeNull();
    expect(handlers.pickFolder).toHaveBeenCalledWith('export');
  });

  it.each(STRANGERS)('opens no dialog for %j', async (frame) => {
    await expect(ask(frame, CHANNELS.pickFiles, 'photos')).rejects.toThrow('own window');
    await expect(ask(frame, CHANNELS.pickFolder, 'import')).rejects.toThrow('own window');
    expect(handlers.pickFiles).not.toHaveBeenCalled();
    expect(handlers.pickFolder).not.toHaveBeenCalled();
  });

  it('refuses a purpose that is none', async () => {
    for (const purpose of ['everything', undefined, { properties: ['openFile'] }]) {
      await expect(ask(INTERFACE_FRAME, CHANNELS.pickFiles, purpose)).rejects.toThrow();
      await expect(ask(INTERFACE_FRAME, CHANNELS.pickFolder, purpose)).rejects.toThrow();
    }
    expect(handlers.pickFiles).not.toHaveBeenCalled();
  });
});
