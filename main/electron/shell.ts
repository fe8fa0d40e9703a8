import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { app, dialog, Menu, nativeTheme, type BrowserWindow } from 'electron';
import type { ApiEnvelope, ApiEvent, ApiMethod } from '../../contract/api.ts';
import { CHANNELS } from '../../contract/bridge.ts';
import { ERROR_TABLE, HeirloomError, toErrorEnvelope } from '../../contract/errors.ts';
import { settingsSchema, type Settings } from '../../contract/library.ts';
import type { PictureAddress } from '../../contract/pictures.ts';
import { pickFiles, pickFolder } from './dialogs.ts';
import { findNode } from './find-node.ts';
import { labelsFor, type Labels } from './labels.ts';
import { lockDown } from './lock-down.ts';
import { menuTemplate, type Command } from './menu.ts';
import { filesOfSecondStart, openedFiles } from './opened-files.ts';
import { registerScheme, serveScheme } from './scheme.ts';
import { serveIpc } from './transport.ts';
import { Updates, type Updater } from './updates.ts';
import { focusWindow, openWindow } from './window.ts';

/** What the shell needs of the application that both hosts share. */
export interface ShellApplication {
  call: (method: unknown, params: unknown) => Promise<ApiEnvelope>;
  onEvent: (listener: (event: ApiEvent) => void) => () => void;
  pictureFile: (address: PictureAddress) => Promise<{ path: string; contentType: string }>;
  close: () => Promise<void>;
}

export interface ShellOptions {
  /** Where package.json and out/ lie, inside the archive of an installed Heirloom. */
  appFolder: string;
  /** The same for plain Node: the engine, its Node, packs and samples; never inside an archive. */
  programFolder: string;
  /** Says where new versions are published; absent where nobody said so. */
  updatesFile: string;
  loadUpdater: () => Promise<Updater>;
  /** Asked unless `--library=DIR` names another one. */
  defaultLibraryFolder: () => Promise<string>;
  openApplication: (options: {
    libraryFolder: string;
    host: 'electron';
    appFolder: string;
    engineEntry: string;
    execPath: string;
    canUpdate: boolean;
    fromBackup?: boolean;
  }) => Promise<ShellApplication>;
}

/** Windows groups windows and notifications by it; the same as in build/electron-builder.yml. */
const APP_ID = 'org.heirloom.app';
/** The systems keep about as many. */
const RECENT_DOCUMENTS = 10;

/**
 * Starts Heirloom in Electron, or hands this start's files to the Heirloom that is running. To be called before the
 * app is ready; resolves once the window is open or Heirloom is leaving.
 */
export async function startShell(options: ShellOptions): Promise<void> {
  const files = namedFiles(options.appFolder);
  if (!app.requestSingleInstanceLock({ files })) return app.quit();
  app.setAppUserModelId(APP_ID);
  app.enableSandbox();
  registerScheme();
  const starting = app.whenReady().then(() => openShell(options));
  listenForFiles(starting);
  const shell = await starting.catch(explainAndLeave);
  if (files.length > 0) await shell?.importFiles(files);
}

/** In development the app's own folder is among the arguments, wherever Chromium's flags left it. */
function namedFiles(appFolder: string): string[] {
  return openedFiles(process.argv.slice(1), process.cwd()).filter((path) => path !== resolve(appFolder));
}

async function openShell(options: ShellOptions): Promise<Shell> {
  const { programFolder, defaultLibraryFolder, openApplication } = options;
  const request = {
    libraryFolder: app.commandLine.getSwitchValue('library') || (await defaultLibraryFolder()),
    host: 'electron' as const,
    appFolder: programFolder,
    engineEntry: join(programFolder, 'out', 'app', 'engine', 'process.js'),
    execPath: findNode(programFolder),
    canUpdate: existsSync(options.updatesFile),
  };
  const application = await openApplication(request).catch(async (error: unknown) => {
    if (!(await wantsBackup(error))) throw error;
    return openApplication({ ...request, fromBackup: true });
  });
  const shell = new Shell(application, options);
  await shell.start();
  return shell;
}

/** A damaged library whose newest good backup the person takes instead. */
async function wantsBackup(error: unknown): Promise<boolean> {
  const { code, message, details } = toErrorEnvelope(error);
  if (code !== 'library/damaged' || typeof details?.['backup'] !== 'string') return false;
  const { damaged, openBackup, quit } = labelsFor('system', app.getPreferredSystemLanguages());
  const { response } = await dialog.showMessageBox({
    ...{ type: 'warning', message: damaged, detail: message },
    ...{ buttons: [openBackup, quit], defaultId: 0, cancelId: 1, noLink: true },
  });
  return response === 0;
}

/** A library that cannot be opened must not be left without a word. */
function explainAndLeave(error: unknown): undefined {
  const { code, message } = toErrorEnvelope(error);
  const { title, advice } = ERROR_TABLE[code];
  dialog.showErrorBox(title, [message, advice].filter(Boolean).join('\n\n'));
  app.exit(1);
}

/** A second start, and macOS's `open-file`, which may come before anything is ready. */
function listenForFiles(starting: Promise<Shell>): void {
  const whenStarted = (act: (shell: Shell) => unknown) => {
    starting.then(act).catch(() => undefined);
  };
  app.on('second-instance', (_event, _arguments, _folder, data) =>
    whenStarted((shell) => shell.importFiles(filesOfSecondStart(data))),
  );
  app.on('open-file', (event, path) => {
    event.preventDefault();
    whenStarted((shell) => shell.importFiles([path]));
  });
}

/** The application's one window, and what of the desktop belongs to it. */
class Shell {
  readonly #application: ShellApplication;
  readonly #appFolder: string;
  readonly #updates: Updates | null;
  #window: BrowserWindow | undefined;
  #settings: Settings = settingsSchema.parse({});
  #closed = false;

  constructor(application: ShellApplication, { appFolder, updatesFile, loadUpdater }: ShellOptions) {
    this.#application = application;
    this.#appFolder = appFolder;
    const tools = {
      loadUpdater,
      labels: () => this.#labels,
      ask: (message: string, detail: string, buttons: readonly string[]) =>
        this.#ask(message, detail, buttons),
      closeApplication: () => this.#closeApplication(),
      platform: process.platform,
    };
    this.#updates = existsSync(updatesFile) ? new Updates(tools) : null;
  }

  async start(): Promise<void> {
    lockDown();
    serveScheme({
      rendererFolder: join(this.#appFolder, 'out', 'renderer'),
      pictureFile: (address) => this.#application.pictureFile(address),
    });
    this.#serveWindow();
    this.#application.onEvent((event) => this.#pass(event));
    this.#applySettings(settingsSchema.parse(await this.#call('settings.get', {})));
    app.setAboutPanelOptions({
      applicationName: 'Heirloom',
      applicationVersion: app.getVersion(),
      copyright: 'MIT licence',
    });
    this.#listenToApp();
    this.#showWindow();
  }

  /** Brings the window forward and imports what was opened with Heirloom. */
  async importFiles(paths: string[]): Promise<void> {
    this.#showWindow();
    if (paths.length === 0) return;
    rememberFiles(paths);
    await this.#call('import.start', { paths, mode: this.#settings.importMode }).catch((error: unknown) => {
      const { code, message } = toErrorEnvelope(error);
      this.#pass({ kind: 'notice', code, message });
    });
  }

  get #labels(): Labels {
    return labelsFor(this.#settings.language, app.getPreferredSystemLanguages());
  }

  #serveWindow(): void {
    serveIpc({
      call: (method, params) => this.#application.call(method, params),
      pickFiles: async (purpose) => {
        const files = this.#window ? await pickFiles(this.#window, purpose, this.#labels) : [];
        if (purpose !== 'pack') rememberFiles(files);
        return files;
      },
      pickFolder: async (purpose) => (this.#window ? pickFolder(this.#window, purpose, this.#labels) : null),
    });
  }

  #listenToApp(): void {
    app.on('activate', () => this.#showWindow());
    app.on('window-all-closed', () => {
      if (process.platform !== 'darwin') app.quit();
    });
    app.on('will-quit', (event) => {
      if (this.#closed) return;
      event.preventDefault();
      void this.#close();
    });
  }

  async #close(): Promise<void> {
    await this.#closeApplication();
    app.quit();
  }

  async #closeApplication(): Promise<void> {
    await this.#application.close().catch(console.error);
    this.#closed = true;
  }

  async #ask(message: string, detail: string, buttons: readonly string[]): Promise<number> {
    const question = { message, detail, buttons: [...buttons], cancelId: buttons.length - 1, noLink: true };
    const { response } =
      this.#window && !this.#window.isDestroyed()
        ? await dialog.showMessageBox(this.#window, question)
        : await dialog.showMessageBox(question);
    return response;
  }

  async #call(method: ApiMethod, params: unknown): Promise<unknown> {
    const envelope = await this.#application.call(method, params);
    if (envelope.ok) return envelope.value;
    throw new HeirloomError(envelope.error.code, envelope.error.message, envelope.error.details);
  }

  #pass(event: ApiEvent): void {
    if (event.kind === 'settings') this.#applySettings(event.settings);
    if (this.#window && !this.#window.isDestroyed()) this.#window.webContents.send(CHANNELS.event, event);
  }

  #applySettings(settings: Settings): void {
    this.#settings = settings;
    nativeTheme.themeSource = settings.theme;
    this.#updates?.want(settings.lookForUpdates);
    const template = menuTemplate({
      labels: this.#labels,
      platform: process.platform,
      development: !app.isPackaged,
      onCommand: (command) => this.#command(command),
    });
    Menu.setApplicationMenu(Menu.buildFromTemplate(template));
  }

  /** On macOS the menu outlives the window. */
  #command(command: Command): void {
    this.#showWindow();
    this.#pass({ kind: 'command', command });
  }

  #showWindow(): void {
    if (this.#window && !this.#window.isDestroyed()) return focusWindow(this.#window);
    const window = openWindow({
      preload: join(this.#appFolder, 'out', 'preload', 'bridge.cjs'),
      stateFile: join(app.getPath('userData'), 'window.json'),
      onGivenUp: () => this.#giveUp(),
    });
    window.on('closed', () => (this.#window = undefined));
    this.#window = window;
  }

  #giveUp(): void {
    dialog.showErrorBox('Heirloom', this.#labels.crashed);
    app.quit();
  }
}

function rememberFiles(paths: readonly string[]): void {
  for (const path of paths.slice(-RECENT_DOCUMENTS)) app.addRecentDocument(path);
}
