import type { FaceReport } from '../contract/engine.ts';
import { HeirloomError } from '../contract/errors.ts';
import { facesWithOwn, settingsOfFace } from '../contract/own-settings.ts';
import { MAX_PIXELS } from '../contract/picture-limits.ts';
import type { RestoreSettings } from '../contract/restore.ts';
import { say } from '../contract/sentences.ts';
import { faceSizePx } from './faces/alignment.ts';
import type { DetectedFace } from './faces/types.ts';
import { resolvePlan, type SamplingPlan } from './method/presets.ts';
import type { Manifest } from './models/manifest.ts';

/** A face whose aligned square is smaller than this, in pixels of the original, shows too little to restore. */
const MIN_FACE_PX = 20;
/** `auto` takes faces of this part of S for large enough. */
const AUTO_SCALE_REACH = 0.9;
/** A face on its way: where it stands and what was taken of it. */
export interface Candidate {
  index: number;
  face: DetectedFace;
  /** Side of the aligned square in pixels of the original. */
  sizePx: number;
  /** Why it cannot be aligned. */
  flaw?: string;
}

interface PictureSize {
  width: number;
  height: number;
}

export function createCandidates(faces: DetectedFace[], picture: PictureSize): Candidate[] {
  return faces.map((face, index) => ({ index, face, ...alignedSize(face, picture) }));
}

/** The detector may see a face where no two eyes and mouth can be; that face alone then fails. */
function alignedSize(face: DetectedFace, { width, height }: PictureSize): { sizePx: number; flaw?: string } {
  try {
    return { sizePx: faceSizePx(face, width, height) };
  } catch (error) {
    return { sizePx: 0, flaw: (error as Error).message };
  }
}

/** What is known before restoring: `restored` stands for a face that is to be. */
export function firstReport({ index, face, sizePx, flaw }: Candidate, wanted: 'all' | number[]): FaceReport {
  const report = { index, box: face.box, sizePx };
  if (wanted !== 'all' && !wanted.includes(index)) return { ...report, status: 'skipped' };
  if (flaw !== undefined) return { ...report, status: 'failed', note: flaw };
  if (sizePx >= MIN_FACE_PX) return { ...report, status: 'restored' };
  const note = say('face_pixels', { pixels: Math.round(sizePx), least: MIN_FACE_PX });
  return { ...report, status: 'too-small', note };
}

/** A note for each face that was asked for and is not there. */
export function missingFaces(wanted: 'all' | number[], found: number): string[] {
  if (wanted === 'all') return [];
  const missing = wanted.filter((index) => index >= found);
  return missing.map((index) => say('no_such_face', { number: index + 1, found }));
}

/**
 * What each face is sampled by, by its index. Throws `argument/invalid` as `resolvePlan` does, naming the face where
 * its own settings are meant.
 */
export function planFaces(manifest: Manifest, settings: RestoreSettings): (index: number) => SamplingPlan {
  const general = resolvePlan(manifest, settings);
  const own = new Map(facesWithOwn(settings).map((index) => [index, ownPlan(manifest, settings, index)]));
  return (index) => own.get(index) ?? general;
}

function ownPlan(manifest: Manifest, settings: RestoreSettings, index: number): SamplingPlan {
  try {
    return resolvePlan(manifest, settingsOfFace(settings, index));
  } catch (error) {
    if (!(error instanceof HeirloomError)) throw error;
    throw new HeirloomError(error.code, `Face ${index + 1}: ${error.message}`);
  }
}

/** Throws `argument/invalid` for settings of a face that is not there. */
export function expectOwnFaces(settings: RestoreSettings, found: number): void {
  const missing = facesWithOwn(settings).find((index) => index >= found);
  if (missing === undefined) return;
  throw new HeirloomError('argument/invalid', say('no_such_face', { number: missing + 1, found }));
}

/** The smallest of 1, 2 and 4 with which the median face reaches about S, as far as 200 megapixels allow. */
export function autoScale(
  sizesPx: readonly number[],
  { width, height }: PictureSize,
  resolution: number,
): 1 | 2 | 4 {
  const sorted = [...sizesPx].sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? resolution;
  const allowed = ([1, 2, 4] as const).filter((factor) => factor ** 2 * width * height <= MAX_PIXELS);
  const reached = allowed.find((factor) => factor * median >= AUTO_SCALE_REACH * resolution);
  return reached ?? allowed.at(-1) ?? 1;
}
