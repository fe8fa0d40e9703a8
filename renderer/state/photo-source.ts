import type { PhotoDetail } from '../../contract/library.ts';
import type { Side } from './compare.svelte.ts';
import type { AlignedSquare } from './photo-square.ts';

/** A picture that a stage can show: an original or a version, and its size in pixels. */
export interface Source {
  kind: 'photo' | 'version';
  id: number;
  width: number;
  height: number;
  revision: number;
  /** Laid over it, in the units of the original. */
  patch?: Patch;
}

/** A square picture of a face, and its place. */
export interface Patch {
  square: AlignedSquare;
  picture: string;
}

/** The original for null, and for a version that is gone; with the patch for a draft. */
export function sourceOf(photo: PhotoDetail, side: Side, patch: Patch | null = null): Source {
  const version = photo.versions.find(({ id }) => id === side);
  return version
    ? {
        kind: 'version',
        id: version.id,
        width: version.width,
        height: version.height,
        revision: photo.revision,
      }
    : {
        kind: 'photo',
        id: photo.id,
        width: photo.width,
        height: photo.height,
        revision: photo.revision,
        ...(side === 'draft' && patch ? { patch } : {}),
      };
}
