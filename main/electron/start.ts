import { app } from 'electron';
import { openApplication } from '../application.ts';
import { defaultLibraryFolder } from '../default-folders.ts';
import { startShell } from './shell.ts';

// Not awaited: the app becomes ready only after this module was run to its end.
void startShell({ appFolder: app.getAppPath(), defaultLibraryFolder, openApplication });
