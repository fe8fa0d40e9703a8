import type { Inspection, KnownFace } from '../../contract/engine.ts';
import type { ApiParams } from '../../contract/api.ts';
import type { Box, Face } from '../../contract/library.ts';
import {
  BY_PERSON,
  deleteFace,
  faceById,
  facesOfPhoto,
  insertFace,
  setFaceOff,
  setFacePerson,
  updateFace,
  type NewFace,
} from './database/face-rows.ts';
import type { UndoAs } from './database/library-database.ts';
import { personNamed } from './database/people-rows.ts';
import { photoRow, setDetector } from './database/photo-rows.ts';
import { expectAll } from './database/rows.ts';
import type { LibraryContext } from './library-context.ts';
import { originalFile } from './originals.ts';

/** Two boxes that share this part of their union are one face. */
const SAME_FACE = 0.4;

/** A face as a restoration takes it. */
export interface FaceToRestore {
  faceId: number;
  known: KnownFace;
  off: boolean;
  tooSmall: boolean;
}

export function knownFace({ box, landmarks, turn }: Face): KnownFace {
  return { box, landmarks, turn };
}

/** Looks for faces; see `keepFound` for those that are there already. Throws `library/*`, `input/*`. */
export async function detectFaces(
  context: LibraryContext,
  photoId: number,
  undoAs: UndoAs,
  signal?: AbortSignal,
): Promise<Face[]> {
  const input = await originalFile(context, photoId);
  const models = await context.models();
  const found = await context.engines.interactive.call(
    'inspectPhoto',
    { input, ...(models && { models }) },
    signal && { signal },
  );
  return context.db.write(undoAs, () => {
    expectAll(context.db, 'photos', [photoId]);
    keepFound(context, photoId, found);
    return facesOfPhoto(context.db, photoId);
  });
}

/**
 * Faces that a person drew, named or switched off stay as they are; others are brought to what was seen now, so that
 * the results of older versions still belong to them; those that were not seen again go.
 */
function keepFound({ db }: LibraryContext, photoId: number, { faces, detector }: Inspection): void {
  const before = facesOfPhoto(db, photoId);
  const matched = new Set<number>();
  for (const face of faces) {
    const known = bestMatch(before, face.box, matched);
    const seen = toNewFace(face, detector);
    if (!known) insertFace(db, photoId, seen);
    else if (!isKept(known)) updateFace(db, known.id, seen);
    if (known) matched.add(known.id);
  }
  for (const face of before) if (!matched.has(face.id) && !isKept(face)) deleteFace(db, face.id);
  setDetector(db, photoId, detector);
}

function isKept({ source, person, off }: Face): boolean {
  return source === BY_PERSON || person !== null || off;
}

function bestMatch(faces: readonly Face[], box: Box, matched: ReadonlySet<number>): Face | undefined {
  const likely = faces.filter((face) => !matched.has(face.id) && sharedPart(face.box, box) >= SAME_FACE);
  return likely.sort((a, b) => sharedPart(b.box, box) - sharedPart(a.box, box))[0];
}

/** Intersection over union, 0-1. */
function sharedPart(a: Box, b: Box): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  const both = Math.max(0, width) * Math.max(0, height);
  return both / (a.width * a.height + b.width * b.height - both);
}

function toNewFace(face: Inspection['faces'][number], detector: string): NewFace {
  const { box, landmarks, turn, confidence, sizePx, stdHat = null, start = null } = face;
  return { box, landmarks, turn, confidence, source: detector, sizePx, stdHat, start };
}

/** In reading order, as a restoration counts them; looks for them first where nobody did. */
export async function knownFaces(context: LibraryContext, photoId: number): Promise<FaceToRestore[]> {
  const looked = photoRow(context.db, photoId).detector !== null;
  const faces = looked ? facesOfPhoto(context.db, photoId) : await detectFaces(context, photoId, null);
  return faces.map((face) => ({
    faceId: face.id,
    known: knownFace(face),
    off: face.off,
    tooSmall: face.tooSmall,
  }));
}

/** A face with its index in its photo, from 0. Throws `library/not-found`. */
export function faceForDraft(
  { db }: LibraryContext,
  faceId: number,
): { photoId: number; index: number; known: KnownFace } {
  const face = faceById(db, faceId);
  return { photoId: face.photoId, index: face.number - 1, known: knownFace(face) };
}

/** A face that a person drew. Where no face was looked for yet, that comes first, so that none is forgotten. */
export async function addFace(
  context: LibraryContext,
  { photoId, box }: ApiParams<'faces.add'>,
): Promise<Face> {
  if (photoRow(context.db, photoId).detector === null) await detectFaces(context, photoId, null);
  const drawn = await locate(context, photoId, box);
  return context.db.write('faces.add', () => faceById(context.db, insertFace(context.db, photoId, drawn)));
}

async function locate(context: LibraryContext, photoId: number, box: Box): Promise<NewFace> {
  const input = await originalFile(context, photoId);
  const models = await context.models();
  const { face, sizePx, stdHat, start } = await context.engines.interactive.call('locateFace', {
    input,
    box,
    ...(models && { models }),
  });
  // The box stays as it was drawn: it is what the person sees and moves.
  const measured = { sizePx, stdHat: stdHat ?? null, start: start ?? null };
  return {
    box,
    landmarks: face.landmarks,
    turn: face.turn,
    confidence: null,
    source: BY_PERSON,
    ...measured,
  };
}

export async function changeFace(context: LibraryContext, params: ApiParams<'faces.update'>): Promise<Face> {
  const { id, box, off } = params;
  const { photoId } = faceById(context.db, id);
  const moved = box && (await locate(context, photoId, box));
  return context.db.write('faces.update', () => {
    expectAll(context.db, 'faces', [id]);
    if (moved) updateFace(context.db, id, moved);
    if (off !== undefined) setFaceOff(context.db, id, off);
    return faceById(context.db, id);
  });
}

export function removeFace({ db }: LibraryContext, id: number): void {
  db.write('faces.remove', () => {
    expectAll(db, 'faces', [id]);
    deleteFace(db, id);
  });
}

/** An empty name takes the name away. */
export function nameFace({ db }: LibraryContext, { id, name }: ApiParams<'faces.name'>): Face {
  db.write('faces.name', () => {
    expectAll(db, 'faces', [id]);
    setFacePerson(db, id, name === '' ? null : personNamed(db, name));
  });
  return faceById(db, id);
}
