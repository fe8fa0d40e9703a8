import type { EngineParams, Inspection } from '../contract/engine.ts';
import { HeirloomError } from '../contract/errors.ts';
import { cropTransform, faceSizePx } from './faces/alignment.ts';
import { drawFaces } from './faces/draw.ts';
import type { DetectedFace, FaceDetector } from './faces/types.ts';
import { decodePhoto } from './image/decode.ts';
import { encodePhoto } from './image/encode.ts';
import { warpAffine } from './image/geometry.ts';
import type { DecodedPhoto, RgbImage } from './image/types.ts';
import { chooseLevel } from './method/auto-guides.ts';
import { mapBlurLevel } from './method/dblm.ts';
import { startingStep } from './method/dsst.ts';
import type { AutoTable } from './models/manifest.ts';
import type { OpenModels } from './open-models.ts';
import { formatOfName, writeOutput } from './output-file.ts';

type InspectedFace = Inspection['faces'][number];

/** What is in a photo: its faces, and with a pack their blur and where restoring would start. Throws `input/*`. */
export async function inspectPhoto(
  { input, drawing }: Omit<EngineParams<'inspectPhoto'>, 'models'>,
  detector: FaceDetector,
  models: OpenModels | undefined,
  signal: AbortSignal,
): Promise<Inspection> {
  const photo = await decodePhoto(input);
  const detected = await detector.detect(photo.image);
  const faces: InspectedFace[] = [];
  for (const [index, face] of detected.entries()) {
    if (signal.aborted) throw new HeirloomError('job/cancelled', 'Cancelled');
    faces.push({ index, ...face, ...(await measureFace(photo.image, face, models)) });
  }
  if (drawing) await draw(photo, detected, input, drawing);
  const { format, width, height, depth, notes } = photo.metadata;
  return {
    input,
    format,
    width,
    height,
    depth,
    notes,
    detector: detector.name,
    ...(models && { pack: models.pack.manifest.id }),
    faces,
    ...(drawing && { drawing: drawing.path }),
  };
}

/** How large a face is and, with models, how blurred. Throws `argument/invalid` for landmarks of no face. */
export async function measureFace(
  image: RgbImage,
  face: Pick<DetectedFace, 'landmarks'>,
  models: OpenModels | undefined,
): Promise<Pick<InspectedFace, 'sizePx' | 'stdHat' | 'stdGrid' | 'stdError' | 'auto' | 'start'>> {
  const { width, height } = image;
  const sizePx = faceSizePx(face, width, height);
  if (!models) return { sizePx };
  const { sessions, pack } = models;
  const size = pack.manifest.resolution;
  const crop = warpAffine(image, cropTransform(face, width, height, size), size, size);
  const { stdHat, grid, error } = await mapBlurLevel(sessions, crop.data, pack.manifest.stdAxis);
  return {
    ...{ sizePx, stdHat, start: startingStep(pack.dsst, stdHat) },
    ...(grid && { stdGrid: Array.from(grid) }),
    ...(error !== undefined && describeError(pack.manifest.auto, stdHat, error)),
  };
}

/** How far off the blur may be, and the guides that this makes. */
function describeError(
  table: AutoTable | undefined,
  stdHat: number,
  error: number,
): Pick<InspectedFace, 'stdError' | 'auto'> {
  if (!table) return { stdError: error };
  const { guides, spacing } = chooseLevel(table, stdHat, error);
  return { stdError: error, auto: { error, guides, spacing } };
}

async function draw(
  { image, metadata }: DecodedPhoto,
  faces: DetectedFace[],
  input: string,
  { path, overwrite }: NonNullable<EngineParams<'inspectPhoto'>['drawing']>,
): Promise<void> {
  const format = formatOfName(path);
  const bytes = await encodePhoto(drawFaces(image, faces), metadata, { format });
  await writeOutput(path, bytes, { original: input, overwrite });
}
