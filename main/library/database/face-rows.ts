import type { Box, Face, Turn } from '../../../contract/library.ts';
import { readingOrder } from '../../../contract/reading-order.ts';
import type { LibraryDatabase } from './library-database.ts';
import { notFound } from './rows.ts';

/** A face whose aligned square is smaller than this, in pixels of the original, shows too little to restore. */
const MIN_FACE_PX = 20;
/** In place of a detector's name for a face that a person drew or moved. */
export const BY_PERSON = 'person';

export interface NewFace {
  box: Box;
  landmarks: { x: number; y: number }[];
  turn: Turn;
  confidence: number | null;
  source: string;
  sizePx: number;
  stdHat: number | null;
  start: number | null;
}

interface FaceRow {
  id: number;
  photo_id: number;
  x: number;
  y: number;
  width: number;
  height: number;
  landmarks: string;
  turn: Turn;
  confidence: number | null;
  source: string;
  size_px: number;
  off: 0 | 1;
  std_hat: number | null;
  start: number | null;
  person_id: number | null;
  person_name: string | null;
}

const SELECT = `
  SELECT faces.*, people.name AS person_name FROM faces LEFT JOIN people ON people.id = faces.person_id`;

function toFace(row: FaceRow, number: number): Face {
  const { x, y, width, height } = row;
  return {
    id: row.id,
    photoId: row.photo_id,
    number,
    box: { x, y, width, height },
    landmarks: JSON.parse(row.landmarks) as Face['landmarks'],
    turn: row.turn,
    ...(row.confidence !== null && { confidence: row.confidence }),
    source: row.source,
    sizePx: row.size_px,
    tooSmall: row.size_px < MIN_FACE_PX,
    off: row.off === 1,
    ...(row.std_hat !== null && { stdHat: row.std_hat }),
    ...(row.start !== null && { start: row.start }),
    person: row.person_id === null ? null : { id: row.person_id, name: row.person_name ?? '' },
  };
}

/** In reading order, numbered from 1. */
export function facesOfPhoto(db: LibraryDatabase, photoId: number): Face[] {
  const rows = db.all<FaceRow>(`${SELECT} WHERE faces.photo_id = ? ORDER BY faces.id`, photoId);
  return readingOrder(rows.map((row) => toFace(row, 1))).map((face, i) => ({ ...face, number: i + 1 }));
}

/** Throws `library/not-found`. */
export function faceById(db: LibraryDatabase, id: number): Face {
  const photoId = db.value<number>('SELECT photo_id FROM faces WHERE id = ?', id);
  const face = photoId !== undefined && facesOfPhoto(db, photoId).find((one) => one.id === id);
  if (!face) throw notFound('faces', id);
  return face;
}

function valuesOf({ box, landmarks, turn, confidence, source, sizePx, stdHat, start }: NewFace): unknown[] {
  const { x, y, width, height } = box;
  return [x, y, width, height, JSON.stringify(landmarks), turn, confidence, source, sizePx, stdHat, start];
}

export function insertFace(db: LibraryDatabase, photoId: number, face: NewFace): number {
  return db.run(
    `INSERT INTO faces (photo_id, x, y, width, height, landmarks, turn, confidence, source, size_px, std_hat, start)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ...[photoId, ...valuesOf(face)],
  ).id;
}

/** Everything but its person and whether it is switched off. */
export function updateFace(db: LibraryDatabase, id: number, face: NewFace): void {
  db.run(
    `UPDATE faces SET x = ?, y = ?, width = ?, height = ?, landmarks = ?, turn = ?, confidence = ?, source = ?,
       size_px = ?, std_hat = ?, start = ? WHERE id = ?`,
    ...[...valuesOf(face), id],
  );
}

export function setFaceOff(db: LibraryDatabase, id: number, off: boolean): void {
  db.run('UPDATE faces SET off = ? WHERE id = ?', off ? 1 : 0, id);
}

export function setFacePerson(db: LibraryDatabase, id: number, personId: number | null): void {
  db.run('UPDATE faces SET person_id = ? WHERE id = ?', personId, id);
}

export function deleteFace(db: LibraryDatabase, id: number): void {
  db.run('DELETE FROM faces WHERE id = ?', id);
}
