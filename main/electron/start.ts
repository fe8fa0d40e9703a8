import { dirname, join } from 'node:path';
import { app } from 'electron';
import { openApplication } from '../application.ts';
import { defaultLibraryFolder } from '../default-folders.ts';
import { startShell } from './shell.ts';
import type { Updater } from './updates.ts';

const appFolder = app.getAppPath();
// Plain Node reads no archive, so an installed Heirloom has the engine beside it (build/electron-builder.yml).
const programFolder = app.isPackaged ? join(dirname(appFolder), 'program') : appFolder;
// Written by electron-builder, where a release is told an address.
const updatesFile = join(dirname(appFolder), 'app-update.yml');

async function loadUpdater(): Promise<Updater> {
  const { default: electronUpdater } = await import('electron-updater');
  return electronUpdater.autoUpdater;
}

// Not awaited: the app becomes ready only after this module was run to its end.
void startShell({
  appFolder,
  programFolder,
  updatesFile,
  loadUpdater,
  defaultLibraryFolder,
  openApplication,
});
