import type { LibraryFolder, ThumbnailSize } from './library-folder.ts';

/** Pixels of the long side. */
export const THUMBNAIL_PX: Record<ThumbnailSize, number> = { small: 256, large: 640 };

/** What the engine is to write for a picture of these bytes. */
export function thumbnailsOf(folder: LibraryFolder, sha256: string): { path: string; longSide: number }[] {
  return (['small', 'large'] as const).map((size) => ({
    path: folder.thumbnail(sha256, size),
    longSide: THUMBNAIL_PX[size],
  }));
}
