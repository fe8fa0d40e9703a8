import { mkdirSync } from 'node:fs';
import { extname, join, resolve, sep } from 'node:path';
import { HeirloomError } from '../../contract/errors.ts';

/** Names that an extension may have on disk; anything else is left out. */
const EXTENSION = /^\.[a-z0-9]{1,8}$/;

const CACHE_KINDS = ['views', 'full', 'tiles', 'faces'] as const;
export type CacheKind = (typeof CACHE_KINDS)[number];
/** What rows say of files that Heirloom put there: a library may come from somebody else, and its rows lie. */
const OWN_PATH = /^(originals\/([0-9a-f]{2}\/)?[0-9a-f]{64}|versions\/\d+\/\d+)(\.[a-z0-9]{1,8})?$/;
const SHA_256 = /^[0-9a-f]{64}$/;

/** Whether a row names a file by Heirloom's own rule; nothing else is ever deleted. */
export function isOwnFile({ path, sha256 }: { path: string; sha256: string }): boolean {
  return OWN_PATH.test(path) && SHA_256.test(sha256);
}

export type ThumbnailSize = 'small' | 'large';

/** Where everything of a library lies. Paths that rows keep are below the root, with slashes. */
export class LibraryFolder {
  readonly root: string;

  constructor(folder: string) {
    this.root = resolve(folder);
  }

  get database(): string {
    return join(this.root, 'library.sqlite');
  }

  get lock(): string {
    return join(this.root, 'library.lock');
  }

  get backups(): string {
    return join(this.root, 'backups');
  }

  get tmp(): string {
    return join(this.root, 'tmp');
  }

  /** Files that belong to no row; made when there is one. */
  get recovered(): string {
    return join(this.root, 'recovered');
  }

  create(): void {
    for (const name of ['originals', 'versions', 'thumbnails', 'cache', 'backups', 'tmp'])
      mkdirSync(join(this.root, name), { recursive: true });
  }

  /** The file of a row's path. Throws `library/damaged` for one that leads out of the library. */
  absolute(path: string): string {
    return this.#inside(join(this.root, ...path.split('/')));
  }

  #inside(path: string): string {
    if (this.contains(path)) return path;
    throw new HeirloomError('library/damaged', `${path} is named by the library and lies outside of it`);
  }

  contains(path: string): boolean {
    const absolute = resolve(path);
    return absolute === this.root || absolute.startsWith(this.root + sep);
  }

  /** A row's path: two photos of the same bytes share it. */
  originalPath(sha256: string, name: string): string {
    return `originals/${sha256.slice(0, 2)}/${sha256}${extensionOf(name)}`;
  }

  versionPath(photoId: number, versionId: number, name: string): string {
    return `versions/${photoId}/${versionId}${extensionOf(name)}`;
  }

  /** Thumbnails and everything in the cache are named by content, so that none is ever out of date. */
  thumbnail(sha256: string, size: ThumbnailSize): string {
    return this.#inside(join(this.root, 'thumbnails', sha256.slice(0, 2), `${sha256}-${size}.webp`));
  }

  /** The folders of each kind of cached picture. */
  get cacheGroups(): string[] {
    return CACHE_KINDS.map((kind) => join(this.root, 'cache', kind));
  }

  isCached(path: string): boolean {
    return path.startsWith(join(this.root, 'cache') + sep);
  }

  cached(kind: CacheKind, name: string): string {
    return this.#inside(join(this.root, 'cache', kind, name.slice(0, 2), name));
  }

  temporary(name: string): string {
    return join(this.tmp, name);
  }
}

function extensionOf(name: string): string {
  const extension = extname(name).toLowerCase();
  return EXTENSION.test(extension) ? extension : '';
}
