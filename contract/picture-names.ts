import type { OutputFormat } from './restore.ts';

/** Of the files that a folder's pictures are looked for among; without a dot. A file that is named is read whatever its name. */
export const PICTURE_EXTENSIONS: readonly string[] =
  'jpg jpeg jpe jfif png webp tif tiff avif gif heic heif hif'.split(' ');

/** Whether a name ends as a picture's does. */
export function isPictureName(name: string): boolean {
  const dot = name.lastIndexOf('.');
  return dot > 0 && PICTURE_EXTENSIONS.includes(name.slice(dot + 1).toLowerCase());
}

/** What each format's names may end in; the first is what a new file gets. */
export const FORMAT_EXTENSIONS = {
  jpeg: ['.jpg', '.jpeg', '.jpe', '.jfif'],
  png: ['.png'],
  webp: ['.webp'],
  tiff: ['.tif', '.tiff'],
} as const satisfies Record<Exclude<OutputFormat, 'same'>, readonly string[]>;
