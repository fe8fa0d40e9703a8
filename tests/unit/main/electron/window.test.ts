import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserWindow as ElectronWindow } from 'electron';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { focusWindow, openWindow } from '../../../../main/electron/window.ts';
import { readWindowState, writeWindowState } from '../../../../main/electron/window-state.ts';
import { BrowserWindow, nativeTheme, resetElectron, screen } from './electron-stand-in.ts';

vi.mock('electron', () => import('./electron-stand-in.ts'));

const STATE = { x: 300, y: 200, width: 1100, height: 800, maximised: false };

describe('openWindow', () => {
  let folder: string;
  let stateFile: string;
  let now: number;
  const onGivenUp = vi.fn();
  beforeEach(async () => {
    resetElectron();
    now = 0;
    folder = await mkdtemp(join(tmpdir(), 'heirloom-window-'));
    stateFile = join(folder, 'window.json');
  });
  afterEach(() => rm(folder, { recursive: true }));

  function open(): BrowserWindow {
    openWindow({ preload: '/out/preload/bridge.cjs', stateFile, onGivenUp, now: () => now });
    return BrowserWindow.all[0]!;
  }

  it('isolates and sandboxes the page', () => {
    const { options, loadURL } = open();
    expect(options['webPreferences']).toEqual({
      preload: '/out/preload/bridge.cjs',
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webSecurity: true,
      spellcheck: false,
    });
    expect(loadURL).toHaveBeenCalledWith('heirloom://app/index.html');
  });

  it('shows itself once there is something to see', () => {
    const window = open();
    expect(window.options['show']).toBe(false);
    expect(window.show).not.toHaveBeenCalled();
    window.emit('ready-to-show');
    expect(window.show).toHaveBeenCalledOnce();
  });

  it('is dark before the first paint where the theme is', () => {
    const light = open().options['backgroundColor'];
    nativeTheme.shouldUseDarkColors = true;
    open();
    expect(BrowserWindow.all[1]?.options['backgroundColor']).not.toBe(light);
  });

  it('opens where it was', () => {
    writeWindowState(stateFile, STATE);
    const window = open();
    expect(window.options).toMatchObject({ x: 300, y: 200, width: 1100, height: 800 });
    expect(window.maximised).toBe(false);
  });

  it('opens maximised where it was', () => {
    writeWindowState(stateFile, { ...STATE, maximised: true });
    const window = open();
    window.emit('ready-to-show');
    expect(window.maximised).toBe(true);
  });

  it('opens in the middle where it was on a screen that is gone', () => {
    writeWindowState(stateFile, { ...STATE, x: 3000 });
    const { options } = open();
    expect(options).toMatchObject({ width: 1440, height: 900 });
    expect(options).not.toHaveProperty('x');
    screen.displays.push({ x: 1920, y: 0, width: 2560, height: 1440 });
    open();
    expect(BrowserWindow.all[1]?.options).toMatchObject({ x: 3000 });
  });

  it('keeps its place when it closes, of a maximised one the place before', () => {
    const window = open();
    window.maximised = true;
    window.close();
    expect(readWindowState(stateFile)).toEqual({ x: 10, y: 20, width: 1000, height: 700, maximised: true });
  });

  it('loads a page again that died, and gives up when it dies at once again', () => {
    const { webContents } = open();
    webContents.emit('render-process-gone', {}, { reason: 'crashed' });
    expect(webContents.reload).toHaveBeenCalledOnce();
    now = 59_999;
    webContents.emit('render-process-gone', {}, { reason: 'oom' });
    expect(webContents.reload).toHaveBeenCalledOnce();
    expect(onGivenUp).toHaveBeenCalledWith('oom');
  });

  it('loads it again after each death that is a rare one', () => {
    const { webContents } = open();
    webContents.emit('render-process-gone', {}, { reason: 'crashed' });
    now = 60_000;
    webContents.emit('render-process-gone', {}, { reason: 'crashed' });
    expect(webContents.reload).toHaveBeenCalledTimes(2);
    expect(onGivenUp).not.toHaveBeenCalled();
  });

  it('takes a page that left in peace for no crash', () => {
    const { webContents } = open();
    webContents.emit('render-process-gone', {}, { reason: 'clean-exit' });
    expect(webContents.reload).not.toHaveBeenCalled();
  });
});

describe('focusWindow', () => {
  it('brings the window forward, from the task bar too', () => {
    const window = new BrowserWindow({});
    focusWindow(window as unknown as ElectronWindow);
    expect(window.restore).not.toHaveBeenCalled();
    window.minimised = true;
    focusWindow(window as unknown as ElectronWindow);
    expect(window.restore).toHaveBeenCalledOnce();
    expect(window.focus).toHaveBeenCalledTimes(2);
  });
});
