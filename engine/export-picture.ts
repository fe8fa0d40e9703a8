import { readFile } from 'node:fs/promises';
import type { EngineParams, EngineResult, PhotoFacts } from '../contract/engine.ts';
import { HeirloomError } from '../contract/errors.ts';
import { attachMetadata } from './image/attach-metadata.ts';
import { decodePhoto, openPhotoFile } from './image/decode.ts';
import { encodePhoto, fitsJpeg, flattenOnWhite, type WritableFormat } from './image/encode.ts';
import { dateTaken, withDateTaken } from './image/exif.ts';
import { fitWithin, rotateQuarter, rotateSamples } from './image/geometry.ts';
import { joinSideBySide } from './image/side-by-side.ts';
import type { DecodedPhoto, PhotoMetadata, RgbImage } from './image/types.ts';
import { factsXmp, hasFacts } from './image/xmp.ts';
import { asFormatError, expectFree, isSameFile, outputFile, writeOutput } from './output-file.ts';

type Request = EngineParams<'exportPicture'>;
type Exported = EngineResult<'exportPicture'>;

/**
 * Writes a version, or an original, for the outside. An original that nothing is to change about is copied byte for
 * byte, whatever the quality; with facts that it does not say itself, a JPEG is copied with them, other formats are
 * written anew. Neither file is ever replaced.
 *
 * Throws `input/*`, and `output/exists` or `output/unwritable`; nothing is written then.
 */
export async function exportPicture(request: Request): Promise<Exported> {
  const { metadata: original } = await openPhotoFile(request.original);
  const { path, format } = outputFile(request.output, request.format, request.original, original);
  await expectWritable(path, request);
  const facts = newFacts(request, original);
  const isCopy = await changesNothing(request, original, format);
  if (isCopy && (facts === undefined || format === 'jpeg'))
    return copyOriginal(path, request, original, facts);
  const photo = turnPhoto(await decodePhoto(request.input), request.turn);
  const image = await arrange(photo, request);
  const metadata = carriedMetadata(photo.metadata, original, request);
  const { quality, note } = request;
  const options = { format, quality, ...(note !== null && { note }), ...(facts && { facts }) };
  const bytes = await encodePhoto(image, metadata, options).catch((error: unknown) => {
    throw asFormatError(path, error);
  });
  await writeOutput(path, bytes, { original: request.original, overwrite: request.overwrite });
  return { output: path, width: image.width, height: image.height };
}

async function expectWritable(path: string, { original, input, overwrite }: Request): Promise<void> {
  await expectFree(path, { original, overwrite });
  if (await isSameFile(path, input))
    throw new HeirloomError(
      'output/exists',
      `${path} is the picture that is to be written, which is never replaced`,
    );
}

async function changesNothing(
  { input, original, format, maxSide, turn, keepMetadata, note, sideBySide }: Request,
  { format: ownFormat, width, height }: PhotoMetadata,
  chosen: WritableFormat,
): Promise<boolean> {
  const asItIs = format === 'same' && chosen === ownFormat && turn === 0 && keepMetadata && note === null;
  const fits = maxSide === null || maxSide >= Math.max(width, height);
  return asItIs && fits && !sideBySide && (await isSameFile(input, original));
}

/** What the library knows and the original does not say; undefined where that is nothing, or is to stay at home. */
function newFacts({ keepMetadata, facts }: Request, { exif }: PhotoMetadata): PhotoFacts | undefined {
  if (!keepMetadata || facts === null) return undefined;
  const known = exif ? dateTaken(exif) : null;
  const added = { ...facts, takenAt: facts.takenAt === known ? null : facts.takenAt };
  return hasFacts(added) ? added : undefined;
}

async function copyOriginal(
  path: string,
  { original, overwrite }: Request,
  metadata: PhotoMetadata,
  facts: PhotoFacts | undefined,
): Promise<Exported> {
  const { width, height } = metadata;
  const file = await readFile(original);
  const bytes = facts ? jpegWithFacts(file, metadata, facts) : file;
  await writeOutput(path, bytes, { original, overwrite });
  return { output: path, width, height };
}

/** Its picture byte for byte; only EXIF and XMP are other ones. */
function jpegWithFacts(file: Uint8Array, { exif, xmp }: PhotoMetadata, facts: PhotoFacts): Uint8Array {
  const packets = [factsXmp(xmp, facts), factsXmp(undefined, facts)];
  return attachMetadata(file, 'jpeg', {
    exif: facts.takenAt === null ? exif : withDateTaken(exif, facts.takenAt),
    xmp: packets.find((packet) => fitsJpeg(packet)),
  });
}

function turnPhoto({ image, metadata }: DecodedPhoto, turn: Request['turn']): DecodedPhoto {
  const turned = rotateQuarter(image, turn);
  const { alpha } = metadata;
  const { width, height } = turned;
  return {
    image: turned,
    metadata: { ...metadata, width, height, ...(alpha && { alpha: rotateSamples(alpha, image, 1, turn) }) },
  };
}

/** The picture at its final size, with the original at its left where that was asked for. */
async function arrange(photo: DecodedPhoto, request: Request): Promise<RgbImage> {
  const longSide = request.maxSide ?? Infinity;
  if (!request.sideBySide) return fitWithin(photo.image, longSide);
  const original = turnPhoto(await decodePhoto(request.original), request.turn);
  return joinSideBySide(opaque(original), opaque(photo), longSide);
}

function opaque({ image, metadata }: DecodedPhoto): RgbImage {
  return metadata.alpha ? flattenOnWhite(image, metadata.alpha) : image;
}

/** The samples' own profile and alpha; what the original says about the photo, unless that is to stay at home. */
function carriedMetadata(
  { exif: _, xmp: __, photoshop: ___, alpha, ...own }: PhotoMetadata,
  { exif, xmp, photoshop, density }: PhotoMetadata,
  { keepMetadata, sideBySide }: Request,
): PhotoMetadata {
  return {
    ...own,
    ...(alpha && !sideBySide && { alpha }),
    ...(density !== undefined && { density }),
    ...(keepMetadata && exif && { exif }),
    ...(keepMetadata && xmp !== undefined && { xmp }),
    ...(keepMetadata && photoshop && { photoshop }),
  };
}
