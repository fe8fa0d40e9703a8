import type { ApiEnvelope, ApiEvent, ApiMethod } from './api.ts';

/**
 * What Electron's preload hands to the interface as `window.heirloom`; in a plain browser it is absent. Types and
 * names only: the preload is one small file without packages.
 */

/** Of photos, of a model pack, or to save in: `export` lets a person make a new one. */
export type FolderPurpose = 'import' | 'pack' | 'export';
/** `pack` shows zip files, the others pictures. `photo` is one file, `photos` any number. */
export type FilePurpose = 'photos' | 'photo' | 'pack';

export interface HeirloomBridge {
  /** `process.platform`. */
  readonly platform: string;
  /** `params` is plain JSON: Electron clones it, and refuses proxies. A failed call is an envelope, no rejection. */
  call(method: ApiMethod, params: unknown): Promise<ApiEnvelope>;
  /** Answers with a function that stops it. */
  onEvent(listener: (event: ApiEvent) => void): () => void;
  /** Where a dropped file or folder lies; empty for one that is not on disk. */
  pathForFile(file: File): string;
  /** Empty where the person cancelled. */
  pickFiles(purpose: FilePurpose): Promise<string[]>;
  /** Null where the person cancelled. */
  pickFolder(purpose: FolderPurpose): Promise<string | null>;
}

/** Electron's IPC channels. */
export const CHANNELS = {
  call: 'heirloom:call',
  event: 'heirloom:event',
  pickFiles: 'heirloom:pick-files',
  pickFolder: 'heirloom:pick-folder',
} as const;

/** The interface's own origin in Electron. */
export const INTERFACE_ORIGIN = 'heirloom://app';
/** Followed by what `picturePath` writes; `?r=` is the revision. */
export const ELECTRON_PICTURES = 'heirloom://picture/';
