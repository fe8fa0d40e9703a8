import { EventEmitter } from 'node:events';
import { vi } from 'vitest';

/**
 * A stand-in for the electron module: records what the shell asks of it and lets a test play the system's part.
 * `vi.mock('electron', () => import('./electron-stand-in.ts'))`; `resetElectron()` before each test.
 */

type Handler = (event: { senderFrame: unknown }, ...parameters: unknown[]) => unknown;

class AppStandIn extends EventEmitter {
  isPackaged = false;
  switches: Record<string, string> = {};
  languages = ['en-GB'];
  userData = '/nowhere';
  isOnlyInstance = true;
  becomeReady: () => void = () => undefined;
  #ready: Promise<void> = Promise.resolve();
  quit = vi.fn();
  exit = vi.fn();
  setAppUserModelId = vi.fn();
  enableSandbox = vi.fn();
  setAboutPanelOptions = vi.fn();
  addRecentDocument = vi.fn();
  requestSingleInstanceLock = vi.fn(() => this.isOnlyInstance);
  commandLine = { getSwitchValue: (name: string) => this.switches[name] ?? '' };
  getPreferredSystemLanguages = () => this.languages;
  getVersion = () => '1.2.3';
  getPath = (name: string) => (name === 'userData' ? this.userData : `/nowhere/${name}`);
  whenReady = () => this.#ready;
  holdReady() {
    this.#ready = new Promise((resolve) => (this.becomeReady = resolve));
  }
}

export class WebContentsStandIn extends EventEmitter {
  sent: [channel: string, message: unknown][] = [];
  send = (channel: string, message: unknown) => void this.sent.push([channel, message]);
  reload = vi.fn();
  url = 'heirloom://app/index.html';
  getURL = () => this.url;
  windowOpenHandler: (details: { url: string }) => { action: string } = () => ({ action: 'allow' });
  setWindowOpenHandler = (handler: typeof this.windowOpenHandler) => (this.windowOpenHandler = handler);
}

export class BrowserWindow extends EventEmitter {
  static all: BrowserWindow[] = [];
  options: Record<string, unknown>;
  webContents = new WebContentsStandIn();
  minimised = false;
  maximised = false;
  destroyed = false;
  bounds = { x: 10, y: 20, width: 1000, height: 700 };
  loadURL = vi.fn(() => Promise.resolve());
  show = vi.fn();
  focus = vi.fn();
  restore = vi.fn();
  constructor(options: Record<string, unknown>) {
    super();
    this.options = options;
    BrowserWindow.all.push(this);
    app.emit('web-contents-created', {}, this.webContents);
  }
  maximize() {
    this.maximised = true;
  }
  isMaximized = () => this.maximised;
  isMinimized = () => this.minimised;
  isDestroyed = () => this.destroyed;
  getNormalBounds = () => this.bounds;
  /** As when a person closes it. */
  close() {
    this.emit('close');
    this.destroyed = true;
    this.emit('closed');
  }
}

export const app = new AppStandIn();
export const nativeTheme = { themeSource: 'system', shouldUseDarkColors: false };
export const dialog = {
  showErrorBox: vi.fn(),
  showMessageBox: vi.fn<(options: Record<string, unknown>) => Promise<{ response: number }>>(),
  showOpenDialog:
    vi.fn<
      (
        window: unknown,
        options: Record<string, unknown>,
      ) => Promise<{ canceled: boolean; filePaths: string[] }>
    >(),
};
export const screen = { displays: [{ x: 0, y: 0, width: 1920, height: 1080 }], getAllDisplays };
function getAllDisplays() {
  return screen.displays.map((workArea) => ({ workArea }));
}

export interface MenuItem {
  label?: string;
  role?: string;
  accelerator?: string;
  registerAccelerator?: boolean;
  click?: () => void;
  submenu?: MenuItem[];
}
export const Menu = {
  shown: [] as MenuItem[],
  buildFromTemplate: (template: MenuItem[]) => template,
  setApplicationMenu: (template: MenuItem[]) => void (Menu.shown = template),
};

export const ipcMain = {
  handlers: new Map<string, Handler>(),
  handle: (channel: string, handler: Handler) => void ipcMain.handlers.set(channel, handler),
};

interface SchemePrivileges {
  scheme: string;
  privileges: Record<string, boolean>;
}
type SchemeHandler = (request: Request) => Promise<Response>;

export const protocol = {
  privileged: [] as SchemePrivileges[],
  handlers: new Map<string, SchemeHandler>(),
  registerSchemesAsPrivileged: (schemes: SchemePrivileges[]) => void (protocol.privileged = schemes),
  handle: (scheme: string, handler: SchemeHandler) => void protocol.handlers.set(scheme, handler),
};

type AskHandler = (
  contents: WebContentsStandIn,
  permission: string,
  answer: (granted: boolean) => void,
  details: { requestingUrl: string },
) => void;

export const session = {
  defaultSession: {
    askPermission: undefined as AskHandler | undefined,
    checkPermission: undefined as
      ((contents: null, permission: string, origin: string) => boolean) | undefined,
    devices: undefined as (() => boolean) | undefined,
    setPermissionRequestHandler: (handler: AskHandler) =>
      void (session.defaultSession.askPermission = handler),
    setPermissionCheckHandler: (handler: (contents: null, permission: string, origin: string) => boolean) =>
      void (session.defaultSession.checkPermission = handler),
    setDevicePermissionHandler: (handler: () => boolean) => void (session.defaultSession.devices = handler),
    webRequest: { onBeforeRequest: vi.fn() },
  },
};

/** What the preload sees. */
export const contextBridge = { exposed: {} as Record<string, unknown>, exposeInMainWorld };
function exposeInMainWorld(name: string, value: unknown) {
  contextBridge.exposed[name] = value;
}
class IpcRendererStandIn extends EventEmitter {
  invoke = vi.fn((..._parameters: unknown[]): Promise<unknown> => Promise.resolve(undefined));
}
export const ipcRenderer = new IpcRendererStandIn();
export const webUtils = { getPathForFile: vi.fn((file: File) => `/dropped/${file.name}`) };

export function resetElectron(): void {
  vi.clearAllMocks();
  app.removeAllListeners();
  Object.assign(app, { isPackaged: false, switches: {}, languages: ['en-GB'], isOnlyInstance: true });
  BrowserWindow.all = [];
  Menu.shown = [];
  nativeTheme.themeSource = 'system';
  nativeTheme.shouldUseDarkColors = false;
  screen.displays = [{ x: 0, y: 0, width: 1920, height: 1080 }];
  ipcMain.handlers.clear();
  protocol.handlers.clear();
  protocol.privileged = [];
}

/** What the interface's own page sends with a message. */
export const INTERFACE_FRAME = { url: 'heirloom://app/index.html', parent: null };
