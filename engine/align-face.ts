import type { RestoreSettings } from '../contract/restore.ts';
import { cropTransform } from './faces/alignment.ts';
import type { DetectedFace } from './faces/types.ts';
import { detectTone, type Tone } from './image/colour.ts';
import { warpAffine } from './image/geometry.ts';
import type { FloatImage, RgbImage } from './image/types.ts';

/** Side of the small copy by which the photo's tone is told, in pixels. */
const TONE_PX = 256;

/** The face's aligned square at the models' size, RGB in 0-1. Throws `argument/invalid` for landmarks of no face. */
export function alignFace(image: RgbImage, face: Pick<DetectedFace, 'landmarks'>, size: number): FloatImage {
  const crop = warpAffine(image, cropTransform(face, image.width, image.height, size), size, size);
  return clamped(crop);
}

/** Networks were trained on 0-1; cubic lobes reach outside. */
export function clamped(image: FloatImage): FloatImage {
  return { ...image, data: image.data.map((value) => Math.min(1, Math.max(0, value))) };
}

/** The tone of the whole photo, where none was chosen: skin alone can look like a toned print. */
export function photoTone(image: RgbImage, chosen: RestoreSettings['tone']): Tone {
  if (chosen !== 'auto') return chosen;
  const { width, height } = image;
  const scale = Math.max(1, Math.max(width, height) / TONE_PX);
  const size = (side: number) => Math.max(1, Math.floor(side / scale));
  return detectTone(warpAffine(image, [scale, 0, 0, 0, scale, 0], size(width), size(height)));
}
