import { ipcMain, type IpcMainInvokeEvent } from 'electron';
import { z } from 'zod';
import type { ApiEnvelope } from '../../contract/api.ts';
import { CHANNELS, type FilePurpose, type FolderPurpose } from '../../contract/bridge.ts';
import { isInterface } from './lock-down.ts';

const filePurposeSchema = z.enum(['photos', 'photo', 'pack']);
const folderPurposeSchema = z.enum(['import', 'pack', 'export']);

const REFUSED: ApiEnvelope & { ok: false } = {
  ok: false,
  error: { code: 'api/invalid', message: 'Only Heirloom’s own window may ask.' },
};

export interface TransportHandlers {
  call: (method: unknown, params: unknown) => Promise<ApiEnvelope>;
  pickFiles: (purpose: FilePurpose) => Promise<string[]>;
  pickFolder: (purpose: FolderPurpose) => Promise<string | null>;
}

/** Answers the preload's three questions, and nobody but the interface's own page. */
export function serveIpc({ call, pickFiles, pickFolder }: TransportHandlers): void {
  ipcMain.handle(CHANNELS.call, (event, method: unknown, params: unknown) =>
    isInterface(event.senderFrame) ? call(method, params) : REFUSED,
  );
  ipcMain.handle(CHANNELS.pickFiles, (event, purpose: unknown) => {
    refuseOthers(event);
    return pickFiles(filePurposeSchema.parse(purpose));
  });
  ipcMain.handle(CHANNELS.pickFolder, (event, purpose: unknown) => {
    refuseOthers(event);
    return pickFolder(folderPurposeSchema.parse(purpose));
  });
}

function refuseOthers(event: IpcMainInvokeEvent): void {
  if (!isInterface(event.senderFrame)) throw new Error(REFUSED.error.message);
}
