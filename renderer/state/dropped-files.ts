import type { ImportReport } from '../../contract/library.ts';
import { isPictureName } from '../../contract/picture-names.ts';
import { say } from '../../contract/sentences.ts';

export interface Dropped {
  files: File[];
  /** What could not be read; the rest goes on. */
  unread: ImportReport['failed'];
  /** A folder was among them. */
  ofFolder: boolean;
}

/** Of a folder that was chosen: its pictures, hidden ones left out. */
export function picturesOf(folder: Iterable<File>): File[] {
  const isHidden = ({ webkitRelativePath }: File) => webkitRelativePath.includes('/.');
  return [...folder].filter((file) => isPictureName(file.name) && !isHidden(file));
}

/** Files of a drop, and the pictures within folders, hidden ones left out. Must be called while the event is handled. */
export async function droppedFiles(transfer: DataTransfer): Promise<Dropped> {
  // Both lists are emptied when the handler returns.
  const files = [...transfer.files];
  const entries = [...transfer.items]
    .map((item) => item.webkitGetAsEntry())
    .filter((entry) => entry !== null);
  const ofFolder = entries.some((entry) => entry.isDirectory);
  const dropped: Dropped = { files: [], unread: [], ofFolder };
  if (!ofFolder) return { ...dropped, files };
  for (const entry of entries) await take(entry, dropped);
  return dropped;
}

/** A stick has folders that nobody may open: they never stop the others. */
async function take(entry: FileSystemEntry, dropped: Dropped): Promise<void> {
  try {
    if (entry.isFile) dropped.files.push(await fileOf(entry as FileSystemFileEntry));
    else
      for (const child of await childrenOf(entry as FileSystemDirectoryEntry))
        if (isWanted(child)) await take(child, dropped);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const message = say('unreadable', { path: entry.fullPath, reason });
    dropped.unread.push({ name: entry.name, code: 'input/unreadable', message });
  }
}

/** As the application chooses where it reads the folder itself. */
function isWanted({ isFile, name }: FileSystemEntry): boolean {
  return !name.startsWith('.') && (!isFile || isPictureName(name));
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

/** A reader answers in portions, and with an empty one at the end. */
async function childrenOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const portion = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (portion.length === 0) return all;
    all.push(...portion);
  }
}
