import type { OutputFormat } from './restore.ts';

/** Of the files that a folder's pictures are looked for among; without a dot. A file that is named is read whatever its name. */
export const PICTURE_EXTENSIONS: readonly string[] =
  'jpg jpeg jpe jfif png webp tif tiff avif gif heic heif hif'.split(' ');

/** Whether a name ends as a picture's does. */
export function isPictureName(name: string): boolean {
  const dot = name.lastIndexOf('.');
  return dot > 0 && PICTURE_EXTENSIONS.includes(name.slice(dot + 1).toLowerCase());
}

export type WrittenFormat = Exclude<OutputFormat, 'same'>;

/** What each format's names may end in; the first is what a new file gets. */
export const FORMAT_EXTENSIONS: Readonly<Record<WrittenFormat, readonly [string, ...string[]]>> = {
  jpeg: ['.jpg', '.jpeg', '.jpe', '.jfif'],
  png: ['.png'],
  webp: ['.webp'],
  tiff: ['.tif', '.tiff'],
};

/** Of the format of a picture as it was read: HEIC, for one, is not written. */
export function isWritten(format: string): format is WrittenFormat {
  return Object.hasOwn(FORMAT_EXTENSIONS, format);
}

/** The format that an extension (`.JPG`) asks for. */
export function formatOfExtension(extension: string): WrittenFormat | undefined {
  const formats = Object.keys(FORMAT_EXTENSIONS) as WrittenFormat[];
  return formats.find((format) => FORMAT_EXTENSIONS[format].includes(extension.toLowerCase()));
}

/** A name's own extension where it fits the format, in its own spelling: `.JPG` stays `.JPG`. */
export function extensionFor(format: WrittenFormat, own: string): string {
  return formatOfExtension(own) === format ? own : FORMAT_EXTENSIONS[format][0];
}
