import type { PhotoQuery, PhotoState, PhotoSummary, Turn } from '../../../contract/library.ts';
import type { LibraryDatabase } from './library-database.ts';
import { searchCondition } from './search-hits.ts';
import { searchWords } from './search-words.ts';

interface Condition {
  sql: string;
  values: unknown[];
}

const STATES: Record<NonNullable<PhotoQuery['state']>, string> = {
  restored: 'version_count > 0',
  'not-restored': 'version_count = 0',
  faces: 'face_count > 0 AND version_count = 0',
  failed: "state = 'failed'",
  missing: 'missing = 1',
};

/** Behind a date: after every day and time within it. */
const END = '~';

function conditionOf(db: LibraryDatabase, query: PhotoQuery): Condition {
  const words = query.text === undefined ? null : searchWords(query.text);
  const parts: [sql: string, ...values: unknown[]][] = [[`binned_at IS ${query.bin ? 'NOT NULL' : 'NULL'}`]];
  if (words !== null) parts.push([searchCondition(db, words)]);
  if (query.state) parts.push([STATES[query.state]]);
  if (query.personId) parts.push(['id IN (SELECT photo_id FROM faces WHERE person_id = ?)', query.personId]);
  if (query.albumId)
    parts.push(['id IN (SELECT photo_id FROM album_photos WHERE album_id = ?)', query.albumId]);
  if (query.from) parts.push([`taken_at || '${END}' >= ?`, query.from]);
  if (query.to) parts.push(['taken_at <= ?', query.to + END]);
  return {
    sql: parts.map(([sql]) => sql).join(' AND '),
    values: parts.flatMap(([, ...values]) => values),
  };
}

/** Months with their number of photos, newest first; of a year alone behind its months, without a date last. */
export function timelineMonths(
  db: LibraryDatabase,
  query: PhotoQuery,
): { month: string | null; count: number }[] {
  const { sql, values } = conditionOf(db, query);
  const rows = db.all<{ month: string; count: number }>(
    `SELECT month, count(*) AS count FROM photos WHERE ${sql} GROUP BY month ORDER BY month DESC`,
    ...values,
  );
  return rows.map(({ month, count }) => ({ month: month === '' ? null : month, count }));
}

export function timelineIds(db: LibraryDatabase, query: PhotoQuery): number[] {
  const { sql, values } = conditionOf(db, query);
  return db.column<number>(
    `SELECT id FROM photos WHERE ${sql} ORDER BY month DESC, taken_at DESC, id DESC`,
    ...values,
  );
}

export interface PageParams {
  query: PhotoQuery;
  month: string | null;
  offset: number;
  limit: number;
}

interface SummaryRow {
  id: number;
  name: string;
  takenAt: string | null;
  width: number;
  height: number;
  turn: Turn;
  state: PhotoState;
  missing: number;
  changed: number;
  faceCount: number;
  busy: number;
  revision: number;
  currentVersionId: number | null;
}

const SUMMARY = `
  photos.id AS id, name, taken_at AS takenAt, width, height, turn, photos.state AS state, missing, changed,
  face_count AS faceCount, revision, current_version_id AS currentVersionId,
  EXISTS (SELECT 1 FROM jobs WHERE jobs.photo_id = photos.id AND jobs.state IN ('waiting', 'running')) AS busy`;

function toSummary(row: SummaryRow): PhotoSummary {
  return { ...row, missing: row.missing === 1, changed: row.changed === 1, busy: row.busy === 1 };
}

/** The ids come from the index alone, whatever the offset; only the page's own rows are read. */
export function timelinePage(
  db: LibraryDatabase,
  { query, month, offset, limit }: PageParams,
): PhotoSummary[] {
  const { sql, values } = conditionOf(db, query);
  const rows = db.all<SummaryRow>(
    `SELECT ${SUMMARY} FROM (
       SELECT id FROM photos WHERE ${sql} AND month = ? ORDER BY month DESC, taken_at DESC, id DESC LIMIT ? OFFSET ?
     ) AS page CROSS JOIN photos ON photos.id = page.id ORDER BY taken_at DESC, photos.id DESC`,
    ...[...values, month ?? '', limit, offset],
  );
  return rows.map(toSummary);
}

export function summaryOf(db: LibraryDatabase, id: number): PhotoSummary | undefined {
  const row = db.get<SummaryRow>(`SELECT ${SUMMARY} FROM photos WHERE photos.id = ?`, id);
  return row && toSummary(row);
}

/** Photos outside of the bin. */
export function photoCount(db: LibraryDatabase): number {
  return db.value<number>('SELECT count(*) FROM photos WHERE binned_at IS NULL') ?? 0;
}
