import { homedir } from 'node:os';
import { dialog, type BrowserWindow, type OpenDialogOptions } from 'electron';
import type { FilePurpose, FolderPurpose } from '../../contract/bridge.ts';
import { PICTURE_EXTENSIONS } from '../../contract/picture-names.ts';
import type { Labels } from './labels.ts';

function fileOptions(purpose: FilePurpose, labels: Labels): OpenDialogOptions {
  const pictures = [{ name: labels.pictureFiles, extensions: [...PICTURE_EXTENSIONS] }];
  switch (purpose) {
    case 'photos':
      return { title: labels.choosePhotos, properties: ['openFile', 'multiSelections'], filters: pictures };
    case 'photo':
      return { title: labels.choosePhoto, properties: ['openFile'], filters: pictures };
    case 'pack':
      return {
        title: labels.choosePack,
        properties: ['openFile'],
        filters: [{ name: labels.packFiles, extensions: ['zip'] }],
      };
  }
}

function folderOptions(purpose: FolderPurpose, labels: Labels): OpenDialogOptions {
  switch (purpose) {
    case 'import':
      return { title: labels.chooseImportFolder, properties: ['openDirectory'] };
    case 'pack':
      return { title: labels.choosePack, properties: ['openDirectory'] };
    case 'export':
      return { title: labels.chooseExportFolder, properties: ['openDirectory', 'createDirectory'] };
  }
}

async function pick(window: BrowserWindow, options: OpenDialogOptions): Promise<string[]> {
  const { canceled, filePaths } = await dialog.showOpenDialog(window, { defaultPath: homedir(), ...options });
  return canceled ? [] : filePaths;
}

/** Asks for existing files; empty where the person cancelled. */
export function pickFiles(window: BrowserWindow, purpose: FilePurpose, labels: Labels): Promise<string[]> {
  return pick(window, fileOptions(purpose, labels));
}

/** Asks for a folder; null where the person cancelled. */
export async function pickFolder(
  window: BrowserWindow,
  purpose: FolderPurpose,
  labels: Labels,
): Promise<string | null> {
  const [folder] = await pick(window, folderOptions(purpose, labels));
  return folder ?? null;
}
