import { identityDistance } from './faces/identity.ts';
import type { FaceDetector } from './faces/types.ts';
import { toRgb } from './image/geometry.ts';
import type { FloatImage } from './image/types.ts';

/** The face descriptor of an aligned crop, or undefined where none can be taken: a score is worth no failure. */
export async function takeDescriptor(
  detector: Pick<FaceDetector, 'descriptor'>,
  crop: FloatImage,
): Promise<Float32Array | undefined> {
  const descriptor = await detector.descriptor(toRgb(crop, 8)).catch(() => undefined);
  return descriptor?.every(Number.isFinite) ? descriptor : undefined;
}

/** Distance of two descriptors, as a part of a report; nothing where one is missing. */
export function likenessOf(
  before: Float32Array | undefined,
  after: Float32Array | undefined,
): { likeness?: number } {
  return before && after ? { likeness: identityDistance(before, after) } : {};
}
