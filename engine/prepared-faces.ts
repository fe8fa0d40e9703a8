import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import type { KnownFace } from '../contract/engine.ts';
import { alignFace, photoTone } from './align-face.ts';
import type { FaceDetector } from './faces/types.ts';
import type { Tone } from './image/colour.ts';
import { decodePhoto } from './image/decode.ts';
import type { FloatImage } from './image/types.ts';
import { takeDescriptor } from './likeness.ts';
import type { Networks } from './method/types.ts';
import type { OpenModels } from './open-models.ts';

/** Everything about a face that stays the same while a person moves the sliders. */
export interface PreparedFace {
  crop: FloatImage;
  /** The photo's own tone. */
  tone: Tone;
  /** The photo's colour space. */
  icc?: Uint8Array;
  /** The pack's networks; RM and SE run once, since they only ever see this crop. */
  networks: Networks;
  /** Face descriptor of the crop, taken once. */
  descriptor: () => Promise<Float32Array | undefined>;
}

/** A face of a pack of 512 pixels takes about 10 MB. */
const MAX_FACES = 8;

/** The faces that were drafted last: their crops and what RM and SE make of them, without the photos. */
export class PreparedFaces {
  readonly #faces = new Map<string, Promise<PreparedFace>>();

  /** Throws `input/*`, and `argument/invalid` for landmarks of no face. */
  async get(
    input: string,
    face: KnownFace,
    models: Pick<OpenModels, 'pack' | 'provider' | 'sessions'>,
    detector: Pick<FaceDetector, 'descriptor'>,
  ): Promise<PreparedFace> {
    const key = await keyOf(input, face, models);
    const prepared = this.#faces.get(key) ?? prepareFace(input, face, models, detector);
    this.#faces.delete(key);
    this.#faces.set(key, prepared);
    prepared.catch(() => this.#faces.delete(key));
    for (const old of [...this.#faces.keys()].slice(0, -MAX_FACES)) this.#faces.delete(old);
    return prepared;
  }
}

async function keyOf(
  input: string,
  { landmarks }: KnownFace,
  { pack, provider }: Pick<OpenModels, 'pack' | 'provider'>,
): Promise<string> {
  const file = await stat(input).catch(() => undefined);
  const what = JSON.stringify([input, file?.size, file?.mtimeMs, landmarks, pack.hash, provider]);
  return createHash('sha256').update(what).digest('hex');
}

async function prepareFace(
  input: string,
  face: KnownFace,
  { pack, sessions }: Pick<OpenModels, 'pack' | 'sessions'>,
  detector: Pick<FaceDetector, 'descriptor'>,
): Promise<PreparedFace> {
  const { image, metadata } = await decodePhoto(input);
  const crop = alignFace(image, face, pack.manifest.resolution);
  return {
    crop,
    tone: photoTone(image, 'auto'),
    ...(metadata.icc && { icc: metadata.icc }),
    networks: networksOfFace(sessions, crop),
    descriptor: once(() => takeDescriptor(detector, crop)),
  };
}

/** The networks for one crop: RM and SE only ever see it, and run once. */
export function networksOfFace(networks: Networks, crop: FloatImage): Networks {
  const restoration = once(() => networks.restoration(crop.data));
  return {
    ...networks,
    restoration,
    estimator: once(async () => networks.estimator(crop.data, await restoration())),
  };
}

/** Runs `work` at the first call and gives its result to every call; a failure is forgotten. */
function once<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => {
    result ??= work();
    result.catch(() => (result = undefined));
    return result;
  };
}
