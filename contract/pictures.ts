/**
 * [Note: Picture addresses] A picture is named by ids, never by a path: `photo/12/large`. Electron serves them as
 * `heirloom://picture/photo/12/large`, browser mode as `/picture/photo/12/large`. A `?r=` revision may follow; it is
 * for caches only.
 */

/** `small` and `large`: thumbnails of 256 and 640 pixels on the long side. `view`: up to 2048. `full`: every pixel, in a format that browsers show. */
export const PICTURE_SIZES = ['small', 'large', 'view', 'full'] as const;
export type PictureSize = (typeof PICTURE_SIZES)[number];

/** Side of a tile in pixels. */
export const TILE_SIZE = 512;
/** A picture with more pixels than this is shown in tiles instead of `full`. */
export const TILED_ABOVE_PIXELS = 24_000_000;

export type PictureAddress =
  | { kind: 'photo' | 'version'; id: number; size: PictureSize }
  /** The aligned square around a face of the original, 256 pixels. */
  | { kind: 'face'; id: number }
  /** The same square of a version. */
  | { kind: 'face-of-version'; id: number; versionId: number }
  /** Level 0 is full size, each further one half of it; column and row from the top left. */
  | { kind: 'photo-tile' | 'version-tile'; id: number; level: number; column: number; row: number };

const ID = '([1-9][0-9]{0,14})';
const SMALL = '(0|[1-9][0-9]{0,4})';
const PATTERNS: readonly [RegExp, (parts: string[]) => PictureAddress][] = [
  [
    new RegExp(`^(photo|version)/${ID}/(${PICTURE_SIZES.join('|')})$`),
    ([kind, id, size]) => ({ kind: kind as 'photo', id: Number(id), size: size as PictureSize }),
  ],
  [
    new RegExp(`^(photo|version)/${ID}/tile/${SMALL}/${SMALL}/${SMALL}$`),
    ([kind, id, level, column, row]) => ({
      kind: `${kind as 'photo'}-tile`,
      id: Number(id),
      level: Number(level),
      column: Number(column),
      row: Number(row),
    }),
  ],
  [new RegExp(`^face/${ID}$`), ([id]) => ({ kind: 'face', id: Number(id) })],
  [
    new RegExp(`^face/${ID}/version/${ID}$`),
    ([id, versionId]) => ({ kind: 'face-of-version', id: Number(id), versionId: Number(versionId) }),
  ],
];

/** The part of an address after its scheme and host: `photo/12/large`. */
export function picturePath(address: PictureAddress): string {
  switch (address.kind) {
    case 'photo':
    case 'version':
      return `${address.kind}/${address.id}/${address.size}`;
    case 'photo-tile':
    case 'version-tile': {
      const { level, column, row } = address;
      return `${address.kind.replace('-tile', '')}/${address.id}/tile/${level}/${column}/${row}`;
    }
    case 'face':
      return `face/${address.id}`;
    case 'face-of-version':
      return `face/${address.id}/version/${address.versionId}`;
  }
}

/** Reads what `picturePath` wrote; null for anything else. */
export function parsePicturePath(path: string): PictureAddress | null {
  for (const [pattern, read] of PATTERNS) {
    const match = pattern.exec(path);
    if (match) return read(match.slice(1));
  }
  return null;
}
