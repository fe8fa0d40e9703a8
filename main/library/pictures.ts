import { createHash } from 'node:crypto';
import { access } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { HeirloomError } from '../../contract/errors.ts';
import {
  TILE_SIZE,
  TILED_ABOVE_PIXELS,
  picturePath,
  type PictureAddress,
  type PictureSize,
} from '../../contract/pictures.ts';
import { faceById } from './database/face-rows.ts';
import { photoRow } from './database/photo-rows.ts';
import { versionRow } from './database/version-rows.ts';
import { survivingDeath } from './engine.ts';
import { knownFace } from './faces.ts';
import type { LibraryContext } from './library-context.ts';
import { originalFile } from './originals.ts';
import { PictureCache } from './picture-cache.ts';
import { THUMBNAIL_PX } from './thumbnails.ts';

export interface PictureFile {
  path: string;
  contentType: string;
}

/** What a picture is made of; `file` is asked only when something has to be made, or to be shown itself. */
interface Source {
  sha256: string;
  format: string;
  width: number;
  height: number;
  file: () => Promise<string>;
}

type TileAddress = Extract<PictureAddress, { level: number }>;

/** Formats that browsers show by themselves, right way up. */
const SHOWN: Readonly<Record<string, string>> = {
  jpeg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
  avif: 'image/avif',
  gif: 'image/gif',
};
const VIEW_PX = 2048;
/** WebP holds no more on a side. */
const MAX_WEBP_PX = 16_383;
const FACE_PX = 256;
/** Characters of a hash that tell two places of one face apart. */
const PLACE_HASH_LENGTH = 12;

/** Pictures by address: thumbnails, views, tiles, face crops. What is missing is made, once, however many ask for it. */
export class Pictures {
  readonly #context: LibraryContext;
  readonly #making = new Map<string, Promise<void>>();
  readonly cache: PictureCache;

  constructor(context: LibraryContext) {
    this.#context = context;
    this.cache = new PictureCache(context);
  }

  /** Throws `library/not-found`, `library/missing-original`, `input/*`. */
  async file(address: PictureAddress): Promise<PictureFile> {
    switch (address.kind) {
      case 'photo':
        return this.#sized(this.#photo(address.id), address.size);
      case 'version':
        return this.#sized(this.#version(address.id), address.size);
      case 'photo-tile':
        return this.#tile(this.#photo(address.id), address);
      case 'version-tile':
        return this.#tile(this.#version(address.id), address);
      case 'face':
        return this.#face(address.id, this.#photo(faceById(this.#context.db, address.id).photoId));
      case 'face-of-version':
        return this.#faceOfVersion(address.id, address.versionId);
    }
  }

  #photo(id: number): Source {
    const row = photoRow(this.#context.db, id);
    return { ...row, file: () => originalFile(this.#context, id) };
  }

  #version(id: number): Source {
    const row = versionRow(this.#context.db, id);
    return { ...row, file: () => Promise.resolve(this.#context.folder.absolute(row.path)) };
  }

  async #sized(source: Source, size: PictureSize): Promise<PictureFile> {
    const { folder } = this.#context;
    const longSide = Math.max(source.width, source.height);
    if (size === 'small' || size === 'large')
      return this.#rendered(source, folder.thumbnail(source.sha256, size), THUMBNAIL_PX[size]);
    const contentType = SHOWN[source.format];
    // As it is, and so without a loss, wherever that is small enough.
    if (contentType && (size === 'full' || longSide <= VIEW_PX))
      return { path: await source.file(), contentType };
    if (size === 'view')
      return this.#rendered(source, folder.cached('views', `${source.sha256}.webp`), VIEW_PX);
    // Two gigabytes and more of memory for the largest; the interface asks for tiles.
    if (source.width * source.height > TILED_ABOVE_PIXELS)
      throw new HeirloomError('library/not-found', 'A picture as large as this is shown in tiles');
    const extension = longSide > MAX_WEBP_PX ? 'jpg' : 'webp';
    return this.#rendered(source, folder.cached('full', `${source.sha256}.${extension}`), null);
  }

  async #rendered(source: Source, output: string, longSide: number | null): Promise<PictureFile> {
    await this.#once(output, async () => {
      const input = await source.file();
      await this.#context.engines.imaging.call('renderPicture', { input, output, longSide });
    });
    return { path: output, contentType: extname(output) === '.jpg' ? 'image/jpeg' : 'image/webp' };
  }

  async #tile(source: Source, address: TileAddress): Promise<PictureFile> {
    if (!isInside(source, address)) throw noPicture(address);
    const folder = this.#context.folder.cached('tiles', source.sha256);
    await this.#once(folder, async () => {
      const input = await source.file();
      await this.#context.engines.imaging.call('makeTiles', { input, folder, tileSize: TILE_SIZE });
    });
    const path = join(folder, String(address.level), `${address.column}_${address.row}.webp`);
    if (!(await isThere(path))) throw noPicture(address);
    return { path, contentType: 'image/webp' };
  }

  #faceOfVersion(faceId: number, versionId: number): Promise<PictureFile> {
    const { photo_id } = versionRow(this.#context.db, versionId);
    if (faceById(this.#context.db, faceId).photoId !== photo_id)
      throw new HeirloomError('library/not-found', `Version ${versionId} shows no face ${faceId}`);
    return this.#face(faceId, this.#version(versionId));
  }

  async #face(faceId: number, source: Source): Promise<PictureFile> {
    const face = knownFace(faceById(this.#context.db, faceId));
    const place = createHash('sha256').update(JSON.stringify(face)).digest('hex').slice(0, PLACE_HASH_LENGTH);
    const output = this.#context.folder.cached('faces', `${source.sha256}-${place}.webp`);
    await this.#once(output, async () => {
      const input = await source.file();
      await this.#context.engines.imaging.call('cropFace', { input, face, size: FACE_PX, output });
    });
    return { path: output, contentType: 'image/webp' };
  }

  /** Makes what is not there; a failure is forgotten, so that the next one who asks tries again. */
  async #once(path: string, make: () => Promise<void>): Promise<void> {
    const running = this.#making.get(path);
    if (running) return running;
    const making = (async () => {
      const made = !(await isThere(path));
      if (made) await survivingDeath(make);
      await this.cache.shown(path, made);
    })();
    this.#making.set(path, making);
    try {
      await making;
    } finally {
      this.#making.delete(path);
    }
  }
}

function isInside({ width, height }: Source, { level, column, row }: TileAddress): boolean {
  const side = TILE_SIZE * 2 ** level;
  const isLast = side >= 2 * Math.max(width, height, TILE_SIZE);
  return !isLast && column * side < width && row * side < height;
}

function noPicture(address: PictureAddress): HeirloomError {
  return new HeirloomError('library/not-found', `There is no picture ${picturePath(address)}`);
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
