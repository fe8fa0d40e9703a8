import type { Stats } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
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
import { doneWith } from './import/done-with.ts';
import type { Imports } from './import/imports.ts';
import type { LibraryContext } from './library-context.ts';
import { LibraryFolder } from './library-folder.ts';

/** A file is whole when it has not grown for so long. */
const STABLE_MS = 1500;
const POLL_MS = 200;
/** Files that come one after another are imported together. */
const GATHER_MS = 500;
/** How often a folder that cannot be seen is looked for. */
const RETRY_MS = 30_000;

interface Watched extends FolderRow {
  watcher: FSWatcher | undefined;
  /** Where it really lies: its path may be a link, or lead through one. Undefined while it cannot be seen. */
  root: string | undefined;
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
      reachable: this.#watched.get(id)?.root !== undefined,
    }));
  }

  /** Throws `input/not-found`, and `argument/invalid` for the library's own folder or one around it. */
  async watch({ path, mode }: ApiParams<'folders.watch'>): Promise<WatchedFolder> {
    const { db, folder } = this.#context;
    const absolute = resolve(path);
    const root = await realFolder(absolute);
    if (root === undefined)
      throw new HeirloomError('input/not-found', `${absolute}: there is no such folder`, { path: absolute });
    if (folder.contains(absolute) || folder.contains(root))
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
    const root = await realFolder(row.path);
    if (known && known.root === root && known.path === row.path) {
      known.mode = row.mode;
      return;
    }
    if (known) await this.#stop(row.id);
    const watched: Watched = { ...row, root, watcher: undefined, arrived: [], gather: undefined };
    this.#watched.set(row.id, watched);
    if (root !== undefined) watched.watcher = await this.#start(watched, root);
    if (known) this.#options.onChange();
  }

  /** Links below the folder are not followed, so that every path that comes is a real one. */
  async #start(watched: Watched, root: string): Promise<FSWatcher> {
    const { folder } = this.#context;
    const library = new LibraryFolder((await realFolder(folder.root)) ?? folder.root);
    const watcher = watch(root, {
      ignored: (path, stats) => path !== root && (library.contains(path) || isIgnored(path, stats)),
      awaitWriteFinish: { stabilityThreshold: STABLE_MS, pollInterval: POLL_MS },
      followSymlinks: false,
      ignorePermissionErrors: true,
    });
    // Known by the name that the person gave the folder.
    const onFile = (path: string) =>
      void this.#arrive(watched, join(watched.path, relative(root, path))).catch(console.error);
    return watcher
      .on('add', onFile)
      .on('change', onFile)
      .on('unlinkDir', (path) => path === root && void this.sync())
      .on('error', () => void this.sync());
  }

  async #arrive(watched: Watched, path: string): Promise<void> {
    const info = await stat(path).catch(() => undefined);
    if (!info?.isFile() || this.#closed) return;
    const file = { path, bytes: info.size, modifiedMs: Math.floor(info.mtimeMs) };
    if (wasSeen(this.#context.db, file)) return;
    watched.arrived.push(file);
    watched.gather ??= setTimeout(() => void this.#takeIn(watched).catch(console.error), GATHER_MS);
  }

  async #takeIn(watched: Watched): Promise<void> {
    watched.gather = undefined;
    const files = watched.arrived.splice(0);
    const paths = files.map(({ path }) => path);
    const report = await this.#options.imports.takeIn(paths, watched.mode);
    if (report.state !== 'done' || this.#closed) return;
    // The others are seen again at the next start, as is what cannot be noted down (a full disk).
    const done = new Set(doneWith(report, paths));
    const { db } = this.#context;
    db.write(null, () => files.filter(({ path }) => done.has(path)).forEach((file) => markSeen(db, file)));
  }

  async #stop(id: number): Promise<void> {
    const watched = this.#watched.get(id);
    this.#watched.delete(id);
    clearTimeout(watched?.gather);
    await watched?.watcher?.close();
  }
}

function isIgnored(path: string, stats: Stats | undefined): boolean {
  return basename(path).startsWith('.') || (stats?.isFile() === true && !isPictureName(path));
}

/** Where a folder really lies; undefined where there is none. */
async function realFolder(path: string): Promise<string | undefined> {
  try {
    const real = await realpath(path);
    return (await stat(real)).isDirectory() ? real : undefined;
  } catch {
    return undefined;
  }
}
