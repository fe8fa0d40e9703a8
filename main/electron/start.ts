import { join } from 'node:path';
import { app } from 'electron';
import { openApplication } from '../application.ts';
import { defaultLibraryFolder } from '../default-folders.ts';
import { startShell } from './shell.ts';

const appFolder = app.getAppPath();
// Plain Node reads no archive, so an installed Heirloom has the engine beside it (build/electron-builder.yml).
const programFolder = app.isPackaged ? join(process.resourcesPath, 'program') : appFolder;

// Not awaited: the app becomes ready only after this module was run to its end.
void startShell({ appFolder, programFolder, defaultLibraryFolder, openApplication });
