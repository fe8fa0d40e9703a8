import { createHash } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import { openDatabase } from './open-database.ts';

export interface FillOptions {
  /** `library.sqlite` of a library that nobody has open; made where it is not there yet. */
  file: string;
  /** Photos to add. */
  count: number;
  /** A picture that exists: every photo has it as its original in place. */
  original: { path: string; bytes: number; width: number; height: number };
}

const FIRST_YEAR = 1900;
const YEARS = 120;
/** Every how many photos has something. */
const EVERY = { undated: 50, faces: 2, named: 4, album: 10, binned: 100 };
const NAMES = [
  'Anna',
  'Karl',
  'Maria',
  'Josef',
  'Elisabeth',
  'Heinrich',
  'Margarete',
  'Wilhelm',
  'Rosa',
  'Otto',
];

/**
 * Fills a library with made-up rows, for benchmarks: dates over 120 years, faces, names, an album.
 * Answers with the hashes that name their thumbnails.
 */
export function fillLibrary({ file, count, original }: FillOptions): string[] {
  const now = () => new Date();
  const database = openDatabase({ file, backupsFolder: `${file}-backups`, now });
  try {
    return database.transaction(() => insertAll(database, count, original))();
  } finally {
    database.close();
  }
}

function insertAll(database: Database, count: number, original: FillOptions['original']): string[] {
  const first = (database.prepare('SELECT coalesce(max(id), 0) FROM photos').pluck().get() as number) + 1;
  const people = NAMES.map((name) => personId(database, name));
  const album = database.prepare("INSERT INTO albums (name) VALUES ('Attic')").run().lastInsertRowid;
  const photo = photoInserter(database, original);
  const face = database.prepare(
    `INSERT INTO faces (photo_id, x, y, width, height, landmarks, turn, source, size_px, person_id)
     VALUES (?, 0.4, 0.3, 0.2, 0.2, '[]', 0, 'made-up', 200, ?)`,
  );
  const inAlbum = database.prepare('INSERT INTO album_photos VALUES (?, ?)');
  const hashes: string[] = [];
  for (let id = first; id < first + count; id++) {
    hashes.push(photo(id));
    if (id % EVERY.faces === 0) face.run(id, id % EVERY.named === 0 ? people[id % people.length] : null);
    if (id % EVERY.album === 0) inAlbum.run(album, id);
  }
  database
    .prepare(
      'INSERT INTO photo_search (rowid, name, caption, people, albums, date) SELECT * FROM photo_words WHERE id >= ?',
    )
    .run(first);
  return hashes;
}

function personId(database: Database, name: string): number {
  database
    .prepare('INSERT INTO people (name, name_key) VALUES (?, ?) ON CONFLICT DO NOTHING')
    .run(name, name.toLowerCase());
  return database.prepare('SELECT id FROM people WHERE name = ?').pluck().get(name) as number;
}

function photoInserter(
  database: Database,
  { path, bytes, width, height }: FillOptions['original'],
): (id: number) => string {
  const insert = database.prepare(
    `INSERT INTO photos (id, name, sha256, bytes, format, width, height, depth, storage, path, imported_at,
       taken_at, month, caption, detector, face_count, state, binned_at)
     VALUES (?, ?, ?, ?, 'jpeg', ?, ?, 8, 'in-place', ?, ?, ?, ?, ?, 'made-up', ?, ?, ?)`,
  );
  const importedAt = new Date().toISOString();
  return (id) => {
    const sha256 = createHash('sha256').update(`made-up ${id}`).digest('hex');
    const faces = id % EVERY.faces === 0 ? 1 : 0;
    const binned = id % EVERY.binned === 0 ? importedAt : null;
    const name = `scan_${String(id).padStart(6, '0')}.jpg`;
    const caption = `Box ${id % 97}, page ${id % 13}`;
    const takenAt = dateOf(id);
    insert.run(
      ...[
        id,
        name,
        sha256,
        bytes,
        width,
        height,
        path,
        importedAt,
        takenAt,
        takenAt?.slice(0, 7) ?? '',
        caption,
      ],
      ...[faces, faces > 0 ? 'faces' : 'no-faces', binned],
    );
    return sha256;
  };
}

/** Spread over all months; the same for the same id. */
function dateOf(id: number): string | null {
  if (id % EVERY.undated === 0) return null;
  const two = (value: number) => String(value).padStart(2, '0');
  const year = FIRST_YEAR + ((id * 7919) % YEARS);
  const time = `${two((id * 13) % 24)}:${two((id * 17) % 60)}:${two((id * 19) % 60)}`;
  return `${year}-${two(1 + (Math.floor(id / YEARS) % 12))}-${two(1 + ((id * 37) % 28))}T${time}`;
}
