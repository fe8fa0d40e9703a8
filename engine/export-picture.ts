import { readFile } from 'node:fs/promises';
import type { EngineParams, EngineResult } from '../contract/engine.ts';
import { HeirloomError } from '../contract/errors.ts';
import { decodePhoto, openPhotoFile } from './image/decode.ts';
import { encodePhoto, flattenOnWhite, type WritableFormat } from './image/encode.ts';
import { fitWithin, rotateQuarter, rotateSamples } from './image/geometry.ts';
import { joinSideBySide } from './image/side-by-side.ts';
import type { DecodedPhoto, PhotoMetadata, RgbImage } from './image/types.ts';
import { asFormatError, expectFree, isSameFile, outputFile, writeOutput } from './output-file.ts';

type Request = EngineParams<'exportPicture'>;
type Exported = EngineResult<'exportPicture'>;

/**
 * Writes a version, or an original, for the outside. An original that nothing is to change about is copied byte for
 * byte, whatever the quality. Neither file is ever replaced.
 *
 * Throws `input/*`, and `output/exists` or `output/unwritable`; nothing is written then.
 */
export async function exportPicture(request: Request): Promise<Exported> {
  const { metadata: original } = await openPhotoFile(request.original);
  const { path, format } = outputFile(request.output, request.format, request.original, original);
  await expectWritable(path, request);
  if (await changesNothing(request, original, format)) return copyOriginal(path, request, original);
  const photo = turnPhoto(await decodePhoto(request.input), request.turn);
  const image = await arrange(photo, request);
  const metadata = carriedMetadata(photo.metadata, original, request);
  const options = { format, quality: request.quality, ...(request.note !== null && { note: request.note }) };
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

async function copyOriginal(
  path: string,
  { original, overwrite }: Request,
  { width, height }: PhotoMetadata,
): Promise<Exported> {
  await writeOutput(path, await readFile(original), { original, overwrite });
  return { output: path, width, height };
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
