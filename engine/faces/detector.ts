import { HeirloomError } from '../../contract/errors.ts';
import { warpAffine } from '../image/geometry.ts';
import type { RgbImage } from '../image/types.ts';
import { detectFaces, requirePicture } from './detect-faces.ts';
import { DESCRIPTOR_SIZE, loadFaceNets } from './face-nets.ts';
import type { FaceNets } from './face-nets.ts';
import { fitLandmarks, interleave } from './fit-landmarks.ts';
import { boxOfAlignedCrop } from './mean-face.ts';
import type { FaceDetector, Point } from './types.ts';

/** The part of the FFHQ square, from the left, from above and as a side, that the descriptor network expects. */
const DESCRIPTOR_PART = { x: 0.176, y: 0.276, side: 0.649 };
/** Looks at an aligned crop whose disagreement is larger have seen no face. */
const MAX_CROP_DISAGREEMENT = 0.06;

/**
 * The detector on face-api's networks (SSD-MobileNet, 68 landmarks, dlib's descriptor), run by WebAssembly. They
 * are loaded once a process, from the installed package; a failed load can be tried again.
 */
export async function createFaceDetector(): Promise<FaceDetector> {
  const nets = await loadFaceNets();
  return {
    name: `face-api-ssd/${nets.version}`,
    detect: (image) => detectFaces(nets, image),
    landmarks: (crop) => cropLandmarks(nets, crop),
    descriptor: (crop) => cropDescriptor(nets, crop),
  };
}

async function cropLandmarks(nets: FaceNets, crop: RgbImage): Promise<Point[] | null> {
  requirePicture(crop);
  try {
    const fit = await fitLandmarks(nets, crop, boxOfAlignedCrop(crop), 0);
    return fit.disagreement <= MAX_CROP_DISAGREEMENT ? fit.landmarks : null;
  } catch (error) {
    if (error instanceof HeirloomError) return null;
    throw error;
  }
}

async function cropDescriptor(nets: FaceNets, crop: RgbImage): Promise<Float32Array> {
  requirePicture(crop);
  const { x, y, side } = DESCRIPTOR_PART;
  const step = [(side * crop.width) / DESCRIPTOR_SIZE, (side * crop.height) / DESCRIPTOR_SIZE] as const;
  const part = warpAffine(
    crop,
    [step[0], 0, x * crop.width, 0, step[1], y * crop.height],
    DESCRIPTOR_SIZE,
    DESCRIPTOR_SIZE,
  );
  return nets.descriptor(interleave(part.data));
}
