import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ApiEnvelope, ApiEvent } from '../../../../contract/api.ts';
import { CHANNELS } from '../../../../contract/bridge.ts';
import { HeirloomError } from '../../../../contract/errors.ts';
import { settingsSchema, type Settings } from '../../../../contract/library.ts';
import { startShell, type ShellApplication } from '../../../../main/electron/shell.ts';
import type { Updater } from '../../../../main/electron/updates.ts';
import { app, BrowserWindow, dialog, INTERFACE_FRAME, ipcMain, Menu } from './electron-stand-in.ts';
import { nativeTheme, protocol, resetElectron } from './electron-stand-in.ts';

vi.mock('electron', () => import('./electron-stand-in.ts'));

const APP_FOLDER = resolve(import.meta.dirname, '../../../..');

class ApplicationStandIn {
  settings: Settings = settingsSchema.parse({});
  refusal: ApiEnvelope | undefined;
  listeners: ((event: ApiEvent) => void)[] = [];
  call = vi.fn<ShellApplication['call']>((method) =>
    Promise.resolve(
      method === 'settings.get'
        ? { ok: true, value: this.settings }
        : (this.refusal ?? { ok: true, value: null }),
    ),
  );
  onEvent = (listener: (event: ApiEvent) => void) => {
    this.listeners.push(listener);
    return () => undefined;
  };
  pictureFile = vi.fn(() => Promise.resolve({ path: '/nowhere', contentType: 'image/webp' }));
  close = vi.fn(() => Promise.resolve());
  emit(event: ApiEvent) {
    for (const listener of this.listeners) listener(event);
  }
  get imports() {
    return this.call.mock.calls.filter(([method]) => method === 'import.start').map(([, params]) => params);
  }
}

describe('startShell', () => {
  const { argv } = process;
  let folder: string;
  let photo: string;
  let application: ApplicationStandIn;
  const openApplication = vi.fn<(options: { fromBackup?: boolean }) => Promise<ShellApplication>>();
  const updater = {
    checkForUpdates: vi.fn(() =>
      Promise.resolve({ isUpdateAvailable: true, updateInfo: { version: '9.0.0' } }),
    ),
    downloadUpdate: vi.fn(() => Promise.resolve([])),
    quitAndInstall: vi.fn(),
  };
  const loadUpdater = vi.fn(() => Promise.resolve(updater as unknown as Updater));
  beforeEach(async () => {
    resetElectron();
    loadUpdater.mockClear();
    application = new ApplicationStandIn();
    openApplication.mockReset().mockImplementation(() => Promise.resolve(application));
    folder = await mkdtemp(join(tmpdir(), 'heirloom-shell-'));
    photo = join(folder, 'wedding.jpg');
    await writeFile(photo, 'x');
    const node = join(folder, 'program', 'node_modules', 'node');
    await mkdir(join(node, 'bin'), { recursive: true });
    await writeFile(join(node, 'package.json'), '{"name":"node"}');
    await writeFile(join(node, 'bin', process.platform === 'win32' ? 'node.exe' : 'node'), '');
    app.userData = folder;
    process.argv = ['/opt/heirloom'];
  });
  afterEach(async () => {
    process.argv = argv;
    await rm(folder, { recursive: true });
  });

  function start(): Promise<void> {
    const defaultLibraryFolder = () => Promise.resolve('/home/anna/Pictures/Heirloom');
    const programFolder = join(folder, 'program');
    return startShell({
      ...{ appFolder: APP_FOLDER, programFolder, defaultLibraryFolder, openApplication },
      updatesFile: join(folder, 'app-update.yml'),
      loadUpdater,
    });
  }
  const theWindow = () => BrowserWindow.all.at(-1)!;
  const sent = () => theWindow().webContents.sent;

  it('opens the library, the scheme, the calls and one window', async () => {
    await start();
    expect(app.enableSandbox).toHaveBeenCalledOnce();
    expect(protocol.privileged.map(({ scheme }) => scheme)).toEqual(['heirloom']);
    expect(openApplication).toHaveBeenCalledWith({
      libraryFolder: '/home/anna/Pictures/Heirloom',
      host: 'electron',
      appFolder: join(folder, 'program'),
      canUpdate: false,
      engineEntry: join(folder, 'program', 'out', 'app', 'engine', 'process.js'),
      execPath: expect.stringMatching(/program[\\/]node_modules[\\/]node[\\/]bin[\\/]node/) as string,
    });
    expect(BrowserWindow.all).toHaveLength(1);
    expect(theWindow().options['webPreferences']).toMatchObject({
      preload: join(APP_FOLDER, 'out', 'preload', 'bridge.cjs'),
    });
    const answer = await ipcMain.handlers.get(CHANNELS.call)!(
      { senderFrame: INTERFACE_FRAME },
      'undo.undo',
      {},
    );
    expect(answer).toEqual({ ok: true, value: null });
    const picture = new Request('heirloom://picture/face/3');
    await protocol.handlers.get('heirloom')!(picture);
    expect(application.pictureFile).toHaveBeenCalledWith({ kind: 'face', id: 3 });
  });

  it('registers the scheme before the app is ready, and opens nothing before', async () => {
    app.holdReady();
    const started = start();
    expect(protocol.privileged).toHaveLength(1);
    expect(openApplication).not.toHaveBeenCalled();
    app.becomeReady();
    await started;
    expect(openApplication).toHaveBeenCalledOnce();
  });

  it('opens another library where the command line names one', async () => {
    app.switches = { library: '/media/usb' };
    await start();
    expect(openApplication.mock.calls[0]?.[0]).toMatchObject({ libraryFolder: '/media/usb' });
  });

  it('hands its files to the Heirloom that is running, and leaves', async () => {
    app.isOnlyInstance = false;
    process.argv = ['/opt/heirloom', '--flag', photo];
    await start();
    expect(app.requestSingleInstanceLock).toHaveBeenCalledWith({ files: [photo] });
    expect(app.quit).toHaveBeenCalledOnce();
    expect(openApplication).not.toHaveBeenCalled();
    expect(BrowserWindow.all).toEqual([]);
  });

  it('says why a library cannot be opened, and leaves', async () => {
    openApplication.mockRejectedValue(
      new HeirloomError('library/too-new', 'Library version 99 at /media/usb'),
    );
    await start();
    expect(dialog.showErrorBox).toHaveBeenCalledWith(
      'Library of a newer Heirloom',
      'Library version 99 at /media/usb\n\nUpdate Heirloom; nothing was changed.',
    );
    expect(app.exit).toHaveBeenCalledWith(1);
    expect(BrowserWindow.all).toEqual([]);
  });

  it('offers the backup of a damaged library, and opens it', async () => {
    const details = { backup: '/media/usb/backups/library-2026-11-21T154530.sqlite' };
    openApplication.mockRejectedValueOnce(
      new HeirloomError('library/damaged', 'library.sqlite: malformed', details),
    );
    dialog.showMessageBox.mockResolvedValue({ response: 0 });
    await start();
    expect(dialog.showMessageBox.mock.calls[0]?.[0]).toMatchObject({
      detail: 'library.sqlite: malformed',
      buttons: ['Open the Backup', 'Quit Heirloom'],
    });
    expect(openApplication.mock.calls.map(([options]) => options.fromBackup)).toEqual([undefined, true]);
    expect(BrowserWindow.all).toHaveLength(1);
  });

  it('leaves a damaged library as it is where the person wants that, or no backup is good', async () => {
    const damaged = (backup: string | null) =>
      new HeirloomError('library/damaged', 'library.sqlite: malformed', { backup });
    openApplication.mockRejectedValueOnce(damaged('/b.sqlite')).mockRejectedValueOnce(damaged(null));
    dialog.showMessageBox.mockResolvedValue({ response: 1 });
    await start();
    await start();
    expect(openApplication).toHaveBeenCalledTimes(2);
    expect(dialog.showMessageBox).toHaveBeenCalledOnce();
    expect(dialog.showErrorBox).toHaveBeenCalledTimes(2);
  });

  it('imports the files it was started with, as the settings say, and remembers them', async () => {
    application.settings.importMode = 'in-place';
    process.argv = ['/opt/heirloom', photo, join(folder, 'missing.jpg')];
    await start();
    expect(application.imports).toEqual([{ paths: [photo], mode: 'in-place' }]);
    expect(app.addRecentDocument.mock.calls).toEqual([[photo]]);
  });

  it('takes its own folder for no file, as `electron . --flag` names it', async () => {
    process.argv = ['/opt/electron', '--inspect=0', APP_FOLDER, photo];
    await start();
    expect(application.imports).toEqual([{ paths: [photo], mode: 'copy' }]);
  });

  it('imports what a second start brings, and comes forward', async () => {
    await start();
    theWindow().minimised = true;
    app.emit('second-instance', {}, ['--reordered'], '/', { files: [photo] });
    await vi.waitFor(() => expect(application.imports).toEqual([{ paths: [photo], mode: 'copy' }]));
    expect(theWindow().restore).toHaveBeenCalledOnce();
    expect(theWindow().focus).toHaveBeenCalledOnce();
  });

  it('only comes forward for a second start without files, or with what is none', async () => {
    await start();
    app.emit('second-instance', {}, [], '/', { files: 'everything' });
    await vi.waitFor(() => expect(theWindow().focus).toHaveBeenCalledOnce());
    expect(application.imports).toEqual([]);
  });

  it('imports a file that macOS opened before anything was ready', async () => {
    app.holdReady();
    const started = start();
    const event = { preventDefault: vi.fn() };
    app.emit('open-file', event, photo);
    expect(event.preventDefault).toHaveBeenCalledOnce();
    app.becomeReady();
    await started;
    await vi.waitFor(() => expect(application.imports).toEqual([{ paths: [photo], mode: 'copy' }]));
    expect(BrowserWindow.all).toHaveLength(1);
  });

  it('tells the window why an opened file was refused', async () => {
    application.refusal = { ok: false, error: { code: 'input/not-found', message: 'gone' } };
    process.argv = ['/opt/heirloom', photo];
    await start();
    expect(sent()).toEqual([[CHANNELS.event, { kind: 'notice', code: 'input/not-found', message: 'gone' }]]);
  });

  it('looks for new versions where it was told an address and a person wants it, and closes in order', async () => {
    await writeFile(join(folder, 'app-update.yml'), 'provider: generic');
    dialog.showMessageBox.mockResolvedValue({ response: 0 });
    await start();
    expect(openApplication.mock.calls[0]?.[0]).toMatchObject({ canUpdate: true });
    expect(loadUpdater).not.toHaveBeenCalled();
    application.emit({ kind: 'settings', settings: { ...application.settings, lookForUpdates: true } });
    await vi.waitFor(() => expect(updater.checkForUpdates).toHaveBeenCalledOnce());
    if (process.platform === 'linux') {
      await vi.waitFor(() => expect(dialog.showMessageBox).toHaveBeenCalledOnce());
      expect(dialog.showMessageBox.mock.calls[0]?.at(-1)).toMatchObject({
        message: 'Heirloom 9.0.0 is out.',
        buttons: ['OK'],
      });
    } else {
      await vi.waitFor(() => expect(updater.quitAndInstall).toHaveBeenCalledOnce());
      expect(application.close).toHaveBeenCalledOnce();
    }
  });

  it('looks for none where it was told no address, whatever the settings say', async () => {
    application.settings.lookForUpdates = true;
    await start();
    expect(loadUpdater).not.toHaveBeenCalled();
  });

  it('passes the application’s events to the window, and to nobody once it is closed', async () => {
    await start();
    application.emit({ kind: 'albums' });
    expect(sent()).toEqual([[CHANNELS.event, { kind: 'albums' }]]);
    theWindow().close();
    expect(() => application.emit({ kind: 'people' })).not.toThrow();
    expect(sent()).toHaveLength(1);
  });

  it('follows the settings: theme and the menu’s language', async () => {
    application.settings.theme = 'dark';
    await start();
    expect(nativeTheme.themeSource).toBe('dark');
    expect(Menu.shown[0]?.label).toBe('File');
    application.emit({
      kind: 'settings',
      settings: { ...application.settings, theme: 'light', language: 'es' },
    });
    expect(nativeTheme.themeSource).toBe('light');
    expect(Menu.shown[0]?.label).toBe('Archivo');
  });

  it('sends the menu’s commands to the window, and opens one where there is none', async () => {
    await start();
    const settings = Menu.shown
      .flatMap((menu) => menu.submenu ?? [])
      .find((item) => item.label === 'Settings…');
    settings?.click?.();
    expect(sent()).toEqual([[CHANNELS.event, { kind: 'command', command: 'settings' }]]);
    theWindow().close();
    settings?.click?.();
    expect(BrowserWindow.all).toHaveLength(2);
  });

  it('remembers picked photos but not packs', async () => {
    await start();
    dialog.showOpenDialog.mockResolvedValue({ canceled: false, filePaths: [photo] });
    const pick = ipcMain.handlers.get(CHANNELS.pickFiles)!;
    expect(await pick({ senderFrame: INTERFACE_FRAME }, 'pack')).toEqual([photo]);
    expect(app.addRecentDocument).not.toHaveBeenCalled();
    await pick({ senderFrame: INTERFACE_FRAME }, 'photos');
    expect(app.addRecentDocument).toHaveBeenCalledWith(photo);
  });

  it('closes the application before it quits, once', async () => {
    await start();
    const event = { preventDefault: vi.fn() };
    app.emit('will-quit', event);
    expect(event.preventDefault).toHaveBeenCalledOnce();
    await vi.waitFor(() => expect(app.quit).toHaveBeenCalledOnce());
    app.emit('will-quit', event);
    expect(event.preventDefault).toHaveBeenCalledOnce();
    expect(application.close).toHaveBeenCalledOnce();
  });

  it('quits though the application could not be closed', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    application.close.mockRejectedValue(new Error('disk full'));
    await start();
    app.emit('will-quit', { preventDefault: vi.fn() });
    await vi.waitFor(() => expect(app.quit).toHaveBeenCalledOnce());
    expect(log).toHaveBeenCalledOnce();
  });

  it('leaves with its last window, and opens a new one when asked on macOS', async () => {
    await start();
    theWindow().close();
    app.emit('window-all-closed');
    expect(app.quit).toHaveBeenCalledTimes(process.platform === 'darwin' ? 0 : 1);
    app.emit('activate');
    expect(BrowserWindow.all).toHaveLength(2);
  });

  it('says so and leaves when the window died twice', async () => {
    await start();
    theWindow().webContents.emit('render-process-gone', {}, { reason: 'crashed' });
    theWindow().webContents.emit('render-process-gone', {}, { reason: 'crashed' });
    expect(dialog.showErrorBox).toHaveBeenCalledWith(
      'Heirloom',
      expect.stringContaining('The library is safe'),
    );
    expect(app.quit).toHaveBeenCalledOnce();
  });
});
