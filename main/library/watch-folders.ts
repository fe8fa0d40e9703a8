import { access, realpath, stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { watch, type FSWatcher } from 'chokidar';
import type { ApiParams } from '../../contract/api.ts';
import { HeirloomError } from '../../contract/errors.ts';
import type { WatchedFolder } from '../../contract/library.ts';
import { isPictureName } from '../../contract/picture-names.ts';
import {
  deleteFolder,
  listFolders,
  markSeen,
  upsertFolder,
  wasSeen,
  type FolderRow,
  type SeenFile,
} from './database/folder-rows.ts';
import { notFound } from './database/rows.ts';
import type { Imports } from './import/imports.ts';
import type { LibraryContext } from './library-context.ts';

/** A file is whole when it has not grown for so long. */
const STABLE_MS = 1500;
const POLL_MS = 200;
/** Files that come one after another are imported together. */
const GATHER_MS = 500;
/** How often a folder that cannot be seen is looked for. */
const RETRY_MS = 30_000;

interface Watched extends FolderRow {
  watcher: FSWatcher | undefined;
  reachable: boolean;
  arrived: SeenFile[];
  gather: NodeJS.Timeout | undefined;
}

export interface WatchOptions {
  imports: Imports;
  /** A folder came or went out of sight. */
  onChange: () => void;
}

/** Folders whose new files are imported by themselves, also those that came while Heirloom was closed. */
export class WatchedFolders {
  readonly #context: LibraryContext;
  readonly #options: WatchOptions;
  readonly #watched = new Map<number, Watched>();
  #retry: NodeJS.Timeout | undefined;
  #syncing: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(context: LibraryContext, options: WatchOptions) {
    this.#context = context;
    this.#options = options;
    this.#retry = setInterval(() => void this.sync(), RETRY_MS);
    this.#retry.unref();
  }

  list(): WatchedFolder[] {
    return listFolders(this.#context.db).map(({ id, path, mode }) => ({
      ...{ id, path, mode },
      reachable: this.#watched.get(id)?.reachable ?? false,
    }));
  }

  /** Throws `input/not-found`, and `argument/invalid` for the library's own folder or one around it. */
  async watch({ path, mode }: ApiParams<'folders.watch'>): Promise<WatchedFolder> {
    const { db, folder } = this.#context;
    const absolute = resolve(path);
    if (!(await isFolder(absolute)))
      throw new HeirloomError('input/not-found', `${absolute}: there is no such folder`, { path: absolute });
    if (folder.contains(absolute) || folder.contains(await realpath(absolute)))
      throw new HeirloomError('argument/invalid', `${absolute} belongs to the library itself`, {
        path: absolute,
      });
    const id = db.write('folders.watch', () => upsertFolder(db, absolute, mode));
    await this.sync();
    return this.#find(id);
  }

  async unwatch(id: number): Promise<void> {
    this.#context.db.write('folders.unwatch', () => deleteFolder(this.#context.db, id));
    await this.sync();
  }

  /** Watches what the library says, after whatever changed it: a call, undo, a drive that came back. */
  sync(): Promise<void> {
    return (this.#syncing = this.#syncing.then(() => this.#sync()).catch(() => undefined));
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#retry);
    await this.#syncing;
    for (const id of [...this.#watched.keys()]) await this.#stop(id);
  }

  #find(id: number): WatchedFolder {
    const folder = this.list().find((one) => one.id === id);
    if (!folder) throw notFound('watched_folders', id);
    return folder;
  }

  async #sync(): Promise<void> {
    if (this.#closed) return;
    const rows = listFolders(this.#context.db);
    const ids = new Set(rows.map(({ id }) => id));
    for (const id of [...this.#watched.keys()]) if (!ids.has(id)) await this.#stop(id);
    for (const row of rows) await this.#follow(row);
  }

  async #follow(row: FolderRow): Promise<void> {
    const known = this.#watched.get(row.id);
    const reachable = await isFolder(row.path);
    if (known?.reachable === reachable && known.path === row.path) {
      known.mode = row.mode;
      return;
    }
    if (known) await this.#stop(row.id);
    const watched: Watched = { ...row, reachable, watcher: undefined, arrived: [], gather: undefined };
    this.#watched.set(row.id, watched);
    if (reachable) watched.watcher = this.#start(watched);
    if (known) this.#options.onChange();
  }

  #start(watched: Watched): FSWatcher {
    const watcher = watch(watched.path, {
      ignored: (path, stats) => this.#isIgnored(watched.path, path, stats?.isFile() === true),
      awaitWriteFinish: { stabilityThreshold: STABLE_MS, pollInterval: POLL_MS },
      followSymlinks: false,
      ignorePermissionErrors: true,
    });
    const onFile = (path: string) => void this.#arrive(watched, path).catch(console.error);
    return watcher
      .on('add', onFile)
      .on('change', onFile)
      .on('unlinkDir', (path) => path === watched.path && void this.sync())
      .on('error', () => void this.sync());
  }

  #isIgnored(root: string, path: string, isFile: boolean): boolean {
    if (path === root) return false;
    if (basename(path).startsWith('.') || this.#context.folder.contains(path)) return true;
    return isFile && !isPictureName(path);
  }

  async #arrive(watched: Watched, path: string): Promise<void> {
    const info = await stat(path).catch(() => undefined);
    if (!info?.isFile() || this.#closed) return;
    const file = { path, bytes: info.size, modifiedMs: Math.floor(info.mtimeMs) };
    if (wasSeen(this.#context.db, file)) return;
    watched.arrived.push(file);
    // What cannot be noted down (a full disk) is seen again at the next start.
    watched.gather ??= setTimeout(() => void this.#takeIn(watched).catch(console.error), GATHER_MS);
  }

  async #takeIn(watched: Watched): Promise<void> {
    watched.gather = undefined;
    const files = watched.arrived.splice(0);
    const { state } = await this.#options.imports.takeIn(
      files.map(({ path }) => path),
      watched.mode,
    );
    if (state !== 'done' || this.#closed) return;
    const { db } = this.#context;
    db.write(null, () => files.forEach((file) => markSeen(db, file)));
  }

  async #stop(id: number): Promise<void> {
    const watched = this.#watched.get(id);
    this.#watched.delete(id);
    clearTimeout(watched?.gather);
    await watched?.watcher?.close();
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    await access(path);
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}
