import type { EngineParams, EngineResult, Score } from '../../contract/engine.ts';
import { HeirloomError } from '../../contract/errors.ts';
import { restoreSettingsSchema } from '../../contract/restore.ts';
import { identityDistance, landmarkDistance } from '../faces/identity.ts';
import type { FaceDetector } from '../faces/types.ts';
import { decodeBytes } from '../image/decode.ts';
import { resizeFloat, toFloat, toRgb } from '../image/geometry.ts';
import { psnr, ssim } from '../image/metrics.ts';
import type { FloatImage } from '../image/types.ts';
import { resolvePlan } from '../method/presets.ts';
import type { OpenModels } from '../open-models.ts';
import { restoreFace } from '../restore-face.ts';

type Request = Omit<EngineParams<'evaluatePair'>, 'models'>;
type Pair = EngineResult<'evaluatePair'>;

/** PSNR of equal pictures, which is infinite. */
const MAX_PSNR = 100;

/** Restores one degraded aligned face in every way that was asked for, and scores each against the truth. */
export async function evaluatePair(
  request: Request,
  detector: FaceDetector,
  { pack, sessions }: OpenModels,
  signal: AbortSignal,
): Promise<Pair> {
  const size = pack.manifest.resolution;
  const lq = await readCrop(request.lq, `${request.name} (lq)`, size);
  const hq = await readCrop(request.hq, `${request.name} (hq)`, size);
  const judge = await createJudge(hq, detector);
  const scores: Score[] = [await judge('lq', lq, 0)];
  const pictures: Labelled[] = [{ label: 'lq', image: lq }];
  const add = async (method: string, image: FloatImage, seconds: number) => {
    scores.push(await judge(method, image, seconds));
    pictures.push({ label: method, image });
  };
  const began = performance.now();
  const { picture: rm } = await sessions.restoration(lq.data);
  await add('rm', { ...lq, data: rm }, secondsSince(began));
  for (const { label, preset, speed } of runs(request)) {
    const settings = restoreSettingsSchema.parse({ preset, speed, seed: request.seed });
    const plan = resolvePlan(pack.manifest, settings);
    const started = performance.now();
    const { image } = await restoreFace(lq, { sessions, pack, plan, face: request.index, signal });
    await add(label, image, secondsSince(started));
  }
  return {
    scores,
    pictures: request.pictures ? [...pictures, { label: 'truth', image: hq }].map(toSheetPicture) : [],
  };
}

interface Labelled {
  label: string;
  image: FloatImage;
}

function runs({ presets, speeds }: Request) {
  return presets.flatMap((preset) =>
    speeds.map((speed) => ({ preset, speed, label: presets.length === 1 ? speed : `${preset}/${speed}` })),
  );
}

export function secondsSince(began: number): number {
  return (performance.now() - began) / 1000;
}

/** A square picture at the pack's size. Throws `input/*`. */
export async function readCrop(bytes: Uint8Array, name: string, size: number): Promise<FloatImage> {
  const { image } = await decodeBytes(bytes, name);
  const { width, height } = image;
  if (width !== height)
    throw new HeirloomError('input/not-square', `${name} is ${width} x ${height} pixels; a crop is square`);
  return width === size ? toFloat(image) : resizeFloat(toFloat(image), size, size);
}

export type Judge = (method: string, image: FloatImage, seconds: number) => Promise<Score>;

/** Measures pictures against one truth, whose face is looked at once. */
export async function createJudge(truth: FloatImage, detector: FaceDetector): Promise<Judge> {
  const landmarks = await detector.landmarks(toRgb(truth, 8));
  const descriptor = await detector.descriptor(toRgb(truth, 8));
  return async (method, image, seconds) => {
    const rgb = toRgb(image, 8);
    const found = await detector.landmarks(rgb);
    return {
      method,
      psnr: Math.min(MAX_PSNR, psnr(toFloat(rgb), truth)),
      ssim: ssim(toFloat(rgb), truth),
      identity: identityDistance(await detector.descriptor(rgb), descriptor),
      ...(landmarks && found && { landmarks: landmarkDistance(landmarks, found, truth.width) }),
      seconds,
    };
  };
}

/** In 8 bits, as a contact sheet takes it. */
export function toSheetPicture({ label, image }: Labelled): Pair['pictures'][number] {
  const { width, height, data } = toRgb(image, 8);
  return { label, picture: { width, height, data: new Uint8Array(data) } };
}
