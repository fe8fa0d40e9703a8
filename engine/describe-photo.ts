import type { EngineParams, EngineResult } from '../contract/engine.ts';
import { openPhotoFile, type PhotoFile } from './image/decode.ts';
import { decoding, displayPipeline, encodeThumbnails } from './image/display.ts';
import { dateTaken } from './image/exif.ts';
import { writeOutput } from './output-file.ts';

/** Side in pixels at which a picture is decoded that needs no thumbnail. */
const CHECK_PX = 16;

/**
 * What a file is, and its thumbnails. All of it is decoded, JPEG at an eighth of its size, so that a damaged file is
 * refused here and not at its restoration. Throws `input/*` and `output/unwritable`.
 */
export async function describePhoto({
  input,
  thumbnails,
}: EngineParams<'describePhoto'>): Promise<EngineResult<'describePhoto'>> {
  const file = await openPhotoFile(input);
  if (thumbnails.length > 0) await writeThumbnails(file, thumbnails);
  else await checkPixels(file);
  const { format, width, height, depth, exif, notes } = file.metadata;
  return { format, width, height, depth, takenAt: exif ? dateTaken(exif) : null, notes };
}

async function writeThumbnails(
  file: PhotoFile,
  thumbnails: EngineParams<'describePhoto'>['thumbnails'],
): Promise<void> {
  const pictures = await encodeThumbnails(
    file,
    thumbnails.map(({ longSide }) => longSide),
  );
  await Promise.all(
    thumbnails.map(({ path }, i) =>
      writeOutput(path, pictures[i]!.bytes, { overwrite: true, original: file.source.name }),
    ),
  );
}

async function checkPixels(file: PhotoFile): Promise<void> {
  await decoding(file, async () => (await displayPipeline(file, CHECK_PX)).raw().toBuffer());
}
