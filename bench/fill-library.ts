import { createHash } from 'node:crypto';
import { linkSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { insertFace, type NewFace } from '../main/library/database/face-rows.ts';
import {
  insertPhoto,
  photoIds,
  photoRow,
  setDetector,
  type PhotoRow,
} from '../main/library/database/photo-rows.ts';
import type { Library } from '../main/library/open-library.ts';

/** As many different pictures as the timeline shows in turn. */
const PICTURES = 8;
const FIRST_YEAR = 1950;
const YEARS = 75;
const ROWS_A_WRITE = 5000;
const DETECTOR = 'bench 1';
const FACE: NewFace = {
  box: { x: 0.4, y: 0.3, width: 0.2, height: 0.2 },
  ...{ landmarks: [], turn: 0, confidence: 0.9, source: DETECTOR, sizePx: 300, stdHat: 2, start: 400 },
};

/**
 * Grows a library that holds some imported photos to `total`: the further ones have rows, originals and thumbnails of
 * their own, which are hard links to those of the first.
 */
export function fillLibrary(library: Library, total: number): void {
  const { db } = library.context;
  const ids = photoIds(db);
  const models = ids.slice(0, PICTURES).map((id) => photoRow(db, id));
  for (let first = ids.length; first < total; first += ROWS_A_WRITE)
    db.write(null, () => {
      for (let i = first; i < Math.min(total, first + ROWS_A_WRITE); i++)
        addPhoto(library, models[i % models.length]!, i);
    });
}

function addPhoto({ context: { db, folder } }: Library, model: PhotoRow, index: number): void {
  const { bytes, format, width, height, depth } = model;
  const name = `Scan ${String(index).padStart(6, '0')}.jpg`;
  const sha256 = createHash('sha256').update(name).digest('hex');
  const path = folder.originalPath(sha256, name);
  link(folder.absolute(model.path), folder.absolute(path));
  for (const size of ['small', 'large'] as const)
    link(folder.thumbnail(model.sha256, size), folder.thumbnail(sha256, size));
  const id = insertPhoto(db, {
    ...{
      name,
      sha256,
      bytes,
      format,
      width,
      height,
      depth,
      path,
      storage: 'copied',
      notes: '[]',
      seen_ms: null,
    },
    ...{ imported_at: new Date(0).toISOString(), taken_at: dateOf(index) },
  });
  setDetector(db, id, DETECTOR);
  if (index % 3 > 0) insertFace(db, id, FACE);
}

function link(existing: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  linkSync(existing, path);
}

/** Spread over the months; every hundredth photo has no date. */
function dateOf(index: number): string | null {
  if (index % 100 === 0) return null;
  const day = (index * 7919) % (YEARS * 365);
  return new Date(Date.UTC(FIRST_YEAR, 0, 1 + day, 12)).toISOString().slice(0, 19);
}
