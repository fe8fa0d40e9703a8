import { BrowserWindow, nativeTheme, screen, type Rectangle } from 'electron';
import { INTERFACE_URL } from './scheme.ts';
import { isReachable, readWindowState, writeWindowState, type WindowState } from './window-state.ts';

const DEFAULT_SIZE = { width: 1440, height: 900 };
const SMALLEST = { minWidth: 800, minHeight: 560 };
/** `--surface` of renderer/tokens.css: what is seen before the first paint. */
const BACKGROUND = { light: '#faf9f7', dark: '#171614' };
/** A page that dies again this soon would die for ever. */
const CRASH_PAUSE_MS = 60_000;

export interface WindowOptions {
  preload: string;
  /** File that keeps the window's place. */
  stateFile: string;
  /** The page died a second time within a minute; `reason` is Chromium's word for it. */
  onGivenUp: (reason: string) => void;
  now?: () => number;
}

/** Opens the one window: sandboxed, isolated, where it was last time if a screen is still there. */
export function openWindow(options: WindowOptions): BrowserWindow {
  const state = readWindowState(options.stateFile);
  const window = new BrowserWindow({
    ...(state && isReachable(state, workAreas()) ? boundsOf(state) : DEFAULT_SIZE),
    ...SMALLEST,
    show: false,
    title: 'Heirloom',
    backgroundColor: nativeTheme.shouldUseDarkColors ? BACKGROUND.dark : BACKGROUND.light,
    webPreferences: {
      preload: options.preload,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webSecurity: true,
      // Its dictionaries would be fetched from the network.
      spellcheck: false,
    },
  });
  window.once('ready-to-show', () => (state?.maximised ? window.maximize() : window.show()));
  window.on('close', () => remember(window, options.stateFile));
  reloadOnce(window, options);
  window.loadURL(INTERFACE_URL).catch(console.error);
  return window;
}

/** Brings the window before everything else. */
export function focusWindow(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}

function workAreas(): Rectangle[] {
  return screen.getAllDisplays().map((display) => display.workArea);
}

function boundsOf({ x, y, width, height }: WindowState): Rectangle {
  return { x, y, width, height };
}

function remember(window: BrowserWindow, stateFile: string): void {
  writeWindowState(stateFile, { ...window.getNormalBounds(), maximised: window.isMaximized() });
}

function reloadOnce(window: BrowserWindow, { onGivenUp, now = Date.now }: WindowOptions): void {
  let lastDeath = -Infinity;
  window.webContents.on('render-process-gone', (_, { reason }) => {
    if (reason === 'clean-exit' || window.isDestroyed()) return;
    const again = now() - lastDeath < CRASH_PAUSE_MS;
    lastDeath = now();
    if (again) onGivenUp(reason);
    else window.webContents.reload();
  });
}
