import { setImmediate } from 'node:timers/promises';
import type { EngineEvent, EngineParams, FaceReport, PhotoReport } from '../contract/engine.ts';
import { HeirloomError, throwIfCancelled } from '../contract/errors.ts';
import { ownSettingsNote, settingsOfFace } from '../contract/own-settings.ts';
import { alignFace, clamped, photoTone } from './align-face.ts';
import { Checkpoint, type FinishedFace } from './checkpoint.ts';
import { cropTransform } from './faces/alignment.ts';
import type { DetectedFace, FaceDetector } from './faces/types.ts';
import { blendFace } from './image/blend.ts';
import { applyTone, fitTone, type Tone } from './image/colour.ts';
import { decodePhoto } from './image/decode.ts';
import { encodePieces } from './image/encode.ts';
import { enlarge, resizeFloat, toFloat, toRgb } from './image/geometry.ts';
import { encodePreview } from './image/preview.ts';
import type { Affine, DecodedPhoto, FloatImage, RgbImage } from './image/types.ts';
import { likenessOf, takeDescriptor } from './likeness.ts';
import type { SamplingPlan } from './method/presets.ts';
import type { Networks } from './method/types.ts';
import type { Pack } from './models/manifest.ts';
import {
  asFormatError,
  copyUnchanged,
  expectFree,
  outputFile,
  writeOutput,
  type OutputFile,
} from './output-file.ts';
import {
  autoScale,
  createCandidates,
  expectOwnFaces,
  firstReport,
  missingFaces,
  planFaces,
  type Candidate,
} from './plan-faces.ts';
import { PictureEvents } from './picture-events.ts';
import { restoreFace, type FaceStep } from './restore-face.ts';
import { StageClock } from './stage-clock.ts';

export type RestorePhotoRequest = Omit<EngineParams<'restorePhoto'>, 'models'>;

/** What a restoration works with; a test may give its own. */
export interface PhotoTools {
  detector: FaceDetector;
  sessions: Networks;
  pack: Pick<Pack, 'manifest' | 'dsst' | 'facePower' | 'hash'>;
  provider: string;
  /** Heirloom's own, for the recipe and the photo's XMP note. */
  version: string;
}

export interface PhotoContext {
  signal?: AbortSignal | undefined;
  onEvent?: ((event: EngineEvent) => void) | undefined;
}

const PREVIEW_PX = 128;

/**
 * One photo: decode, detect, align, restore each face, blend it in, encode, write. A face that fails is left as it
 * was and noted. A photo in which nothing was restored is copied byte for byte.
 *
 * Throws `input/*` (the photo), `output/*` (where it goes), `argument/invalid` (settings against the pack),
 * `pack/*`, `provider/unavailable` and `job/cancelled`; nothing is written then.
 */
export async function restorePhoto(
  request: RestorePhotoRequest,
  tools: PhotoTools,
  context: PhotoContext = {},
): Promise<PhotoReport> {
  const planOf = planFaces(tools.pack.manifest, request.settings);
  const clock = new StageClock(context.onEvent);
  clock.enter('decode');
  const photo = await decodePhoto(request.input);
  const output = await planOutput(request, photo);
  const checkpoint = await openCheckpoint(request, tools);
  const job: Job = { request, tools, context, planOf, clock, photo, checkpoint };
  const work = request.aligned ? await restoreAligned(job) : await restoreFaces(job);
  const status = statusOf(work.faces);
  clock.enter('encode');
  throwIfCancelled(context.signal);
  const path = output && (await save(job, output, work.image, status));
  await checkpoint?.remove();
  clock.leave();
  const restored = status === 'restored';
  const { width, height } = restored ? work.image : photo.metadata;
  const formatNote = restored && output?.note !== undefined ? [output.note] : [];
  return {
    input: request.input,
    ...(path !== undefined && { output: path }),
    status,
    faces: work.faces,
    width,
    height,
    recipe: recipe(job),
    seconds: clock.seconds,
    timings: clock.timings,
    notes: [...photo.metadata.notes, ...work.notes, ...formatNote],
  };
}

interface Job {
  request: RestorePhotoRequest;
  tools: PhotoTools;
  context: PhotoContext;
  /** By the index of the face. */
  planOf: (index: number) => SamplingPlan;
  clock: StageClock;
  photo: DecodedPhoto;
  checkpoint: Checkpoint | undefined;
}

async function openCheckpoint(
  { checkpoint, input }: RestorePhotoRequest,
  { pack, provider, version }: PhotoTools,
): Promise<Checkpoint | undefined> {
  return checkpoint === undefined
    ? undefined
    : Checkpoint.open(checkpoint, input, [version, pack.hash, provider]);
}

interface Work {
  image: RgbImage;
  faces: FaceReport[];
  notes: string[];
}

async function restoreFaces(job: Job): Promise<Work> {
  const { clock, photo, request, context } = job;
  const found = await facesOf(job);
  expectOwnFaces(request.settings, found.length);
  context.onEvent?.({ kind: 'faces', count: found.length });
  const candidates = createCandidates(found, photo.image);
  const reports = candidates.map((candidate) => firstReport(candidate, request.settings.faces));
  const chosen = candidates.filter(({ index }) => reports[index]?.status === 'restored');
  const notes = missingFaces(request.settings.faces, found.length);
  if (chosen.length === 0) return { image: photo.image, faces: reports, notes };
  // Every crop is taken before the first face is blended in: faces may overlap.
  clock.enter('align');
  const size = job.tools.pack.manifest.resolution;
  const crops = chosen.map(({ face }) => alignFace(photo.image, face, size));
  const tone = photoTone(photo.image, request.settings.tone);
  const canvas = await enlargedCanvas(job, chosen);
  for (const [i, candidate] of chosen.entries()) {
    const { index, face } = candidate;
    context.onEvent?.({ kind: 'face', index, number: i + 1, count: chosen.length, box: face.box });
    reports[index] = await restoreCandidate(job, candidate, crops[i]!, canvas, tone);
  }
  return { image: canvas, faces: reports, notes };
}

async function facesOf({ request, tools, clock, photo }: Job): Promise<DetectedFace[]> {
  if (request.known) return request.known.map((face) => ({ ...face, confidence: 1 }));
  clock.enter('detect');
  return tools.detector.detect(photo.image);
}

function transformOf(face: DetectedFace, { width, height }: RgbImage, { tools }: Job): Affine {
  return cropTransform(face, width, height, tools.pack.manifest.resolution);
}

/** The picture that the faces go into: the decoded one itself, or an enlarged copy. */
async function enlargedCanvas(job: Job, chosen: Candidate[]): Promise<RgbImage> {
  const { image } = job.photo;
  const sizes = chosen.map(({ sizePx }) => sizePx);
  const { scale } = job.request.settings;
  const factor = scale === 'auto' ? autoScale(sizes, image, job.tools.pack.manifest.resolution) : scale;
  if (factor === 1) return image;
  job.clock.enter('enlarge');
  return enlarge(image, factor);
}

async function restoreCandidate(
  job: Job,
  { index, face, sizePx }: Candidate,
  crop: FloatImage,
  canvas: RgbImage,
  tone: Tone,
): Promise<FaceReport> {
  const { clock, request } = job;
  const { seed } = job.planOf(index);
  const began = performance.now();
  const report = { index, box: face.box, sizePx, seed };
  try {
    const { image, ...finished } = await finishFace(job, crop, index, face, tone);
    clock.enter('blend');
    blendFace(canvas, crop, image, transformOf(face, canvas, job), {
      tone,
      grain: settingsOfFace(request.settings, index).grain,
      seed: seed + index,
    });
    return { ...report, status: 'restored', ...finished };
  } catch (error) {
    rethrowUnlessOfFace(error, job.context.signal);
    const note = error instanceof Error ? error.message : String(error);
    return { ...report, status: 'failed', note, seconds: secondsSince(began) };
  }
}

/** The restored face, from the checkpoint where a run before this one got that far. */
async function finishFace(
  job: Job,
  crop: FloatImage,
  index: number,
  { landmarks }: DetectedFace,
  tone: Tone,
): Promise<FinishedFace> {
  const { checkpoint, context, request } = job;
  const key = { index, landmarks, settings: settingsOfFace(request.settings, index) };
  const kept = await checkpoint?.recall(key);
  if (kept) {
    const { steps } = kept;
    context.onEvent?.({ kind: 'step', face: index, step: steps, steps });
    return kept;
  }
  const finished = await restoreCrop(job, crop, index, tone);
  await checkpoint?.keep(key, finished);
  return finished;
}

function secondsSince(began: number): number {
  return (performance.now() - began) / 1000;
}

/** Only what concerns one face may end with a note; the rest concerns the photo or every photo. */
function rethrowUnlessOfFace(error: unknown, signal: AbortSignal | undefined): void {
  throwIfCancelled(signal);
  if (error instanceof HeirloomError && error.code !== 'face/failed') throw error;
}

async function restoreCrop(
  job: Job,
  crop: FloatImage,
  face: number,
  tone: Tone | 'auto',
): Promise<FinishedFace> {
  const { tools, context, clock } = job;
  const began = performance.now();
  clock.enter('restore');
  // Lets a cancel be heard that arrived while the last face was blended in.
  await setImmediate();
  throwIfCancelled(context.signal);
  const { sessions, pack, detector } = tools;
  const steps = new StepReporter(job, face);
  const signal = context.signal && { signal: context.signal };
  const onStep = (step: FaceStep) => steps.report(step);
  const options = { sessions, pack, plan: job.planOf(face), face, onStep, ...signal };
  const { image, stdHat, start, auto } = await restoreFace(crop, options);
  await steps.pictures.flush();
  const toned = fitTone(image, crop, tone);
  const likeness = likenessOf(await takeDescriptor(detector, crop), await takeDescriptor(detector, toned));
  return {
    ...{ image, stdHat, start, steps: steps.count, seconds: secondsSince(began) },
    ...likeness,
    ...(auto && { auto }),
  };
}

/** Tells of the steps of one face, with pictures where they were asked for. */
class StepReporter {
  readonly pictures: PictureEvents;
  /** How many steps the face takes; known from its first one on. */
  count = 0;
  readonly #job: Job;
  readonly #face: number;

  constructor(job: Job, face: number) {
    this.#job = job;
    this.#face = face;
    this.pictures = new PictureEvents((event) => job.context.onEvent?.(event));
  }

  report({ step, of, preview }: FaceStep): void {
    const { request, context, photo } = this.#job;
    this.count = of;
    const event = { kind: 'step' as const, face: this.#face, step, steps: of };
    if (!request.previews) return context.onEvent?.(event);
    const { icc } = photo.metadata;
    this.pictures.add(async () => ({ ...event, preview: await encodePreview(preview, icc, PREVIEW_PX) }));
  }
}

/** The whole picture is one aligned face. */
async function restoreAligned(job: Job): Promise<Work> {
  const { photo, request, context, clock, tools } = job;
  const { width, height } = photo.image;
  if (width !== height)
    throw new HeirloomError(
      'input/not-square',
      `${request.input} is ${width} x ${height} pixels; an aligned crop is square`,
    );
  expectOwnFaces(request.settings, 1);
  const box = { x: 0, y: 0, width: 1, height: 1 };
  context.onEvent?.({ kind: 'faces', count: 1 });
  context.onEvent?.({ kind: 'face', index: 0, number: 1, count: 1, box });
  clock.enter('align');
  const size = tools.pack.manifest.resolution;
  const crop = clamped(resizeFloat(toFloat(photo.image), size, size));
  const { tone } = request.settings;
  const { image: restored, ...finished } = await restoreCrop(job, crop, 0, tone);
  clock.enter('blend');
  const image = await alignedPicture(job, crop, applyTone(restored, crop, tone));
  const report = { index: 0, box, sizePx: width, seed: job.planOf(0).seed };
  return { image, faces: [{ ...report, status: 'restored', ...finished }], notes: [] };
}

/** S x S with `auto`, else the picture's own size times the scale; its own detail beyond S stays. */
async function alignedPicture(
  { photo, request }: Job,
  crop: FloatImage,
  face: FloatImage,
): Promise<RgbImage> {
  const { scale } = request.settings;
  const { image } = photo;
  if (scale === 'auto') return toRgb(face, image.depth);
  const canvas = scale === 1 ? image : await enlarge(image, scale);
  const { width, height, depth } = canvas;
  if (width <= face.width) return toRgb(resizeFloat(face, width, height), depth);
  const change = { ...face, data: face.data.map((value, i) => value - crop.data[i]!) };
  const enlarged = resizeFloat(change, width, height).data;
  const own = toFloat(canvas);
  return toRgb({ ...own, data: own.data.map((value, i) => value + enlarged[i]!) }, depth);
}

function statusOf(faces: FaceReport[]): PhotoReport['status'] {
  if (faces.length === 0) return 'no-faces';
  return faces.some((face) => face.status === 'restored') ? 'restored' : 'unchanged';
}

async function planOutput(
  { output, format, input, overwrite }: RestorePhotoRequest,
  { metadata }: DecodedPhoto,
): Promise<OutputFile | undefined> {
  if (output === null) return undefined;
  const file = outputFile(output, format, input, metadata);
  await expectFree(file.path, { original: input, overwrite });
  return file;
}

async function save(
  job: Job,
  { path, format }: OutputFile,
  image: RgbImage,
  status: PhotoReport['status'],
): Promise<string> {
  const { output, input, overwrite } = job.request;
  if (status !== 'restored') return copyUnchanged(output!, input, overwrite);
  const options = { format, note: xmpNote(job) };
  const pieces = await encodePieces(image, job.photo.metadata, options).catch((error: unknown) => {
    throw asFormatError(path, error);
  });
  await writeOutput(path, pieces, { original: input, overwrite });
  return path;
}

function xmpNote({ tools, request: { settings } }: Job): string {
  const { id, version } = tools.pack.manifest;
  const { preset, speed, seed } = settings;
  const how = `preset ${preset}, speed ${speed}, seed ${seed}${ownSettingsNote(settings)}`;
  return `Faces restored by Heirloom ${tools.version} with model pack ${id} ${version} (${how}). Details may be invented.`;
}

/** Faces of a library were found, or drawn, before this restoration. */
const KNOWN_FACES = 'known';

function recipe({ tools, request }: Job): PhotoReport['recipe'] {
  const { id, version } = tools.pack.manifest;
  return {
    heirloom: tools.version,
    pack: { id, version, sha256: tools.pack.hash },
    settings: request.settings,
    detector: request.known ? KNOWN_FACES : tools.detector.name,
    provider: tools.provider,
  };
}
