import type { Person } from '../../../contract/library.ts';
import type { LibraryDatabase } from './library-database.ts';
import { cleanName, expectAll, notFound } from './rows.ts';

const SELECT = `
  SELECT people.id AS id, people.name AS name,
    (SELECT count(DISTINCT faces.photo_id) FROM faces JOIN photos ON photos.id = faces.photo_id
      WHERE faces.person_id = people.id AND photos.binned_at IS NULL) AS photoCount,
    cover.id AS coverFaceId,
    coalesce((SELECT revision FROM photos WHERE photos.id = cover.photo_id), 0) AS coverRevision
  FROM people LEFT JOIN faces AS cover ON cover.id =
    (SELECT faces.id FROM faces JOIN photos ON photos.id = faces.photo_id
      WHERE faces.person_id = people.id AND photos.binned_at IS NULL ORDER BY size_px DESC, faces.id LIMIT 1)`;

/** Two spellings of one name are one person. */
function keyOf(name: string): string {
  return name.normalize('NFKC').toLowerCase();
}

/** By name. */
export function listPeople(db: LibraryDatabase): Person[] {
  return db.all<Person>(`${SELECT} ORDER BY people.name_key`);
}

/** Throws `library/not-found`. */
export function personById(db: LibraryDatabase, id: number): Person {
  const person = db.get<Person>(`${SELECT} WHERE people.id = ?`, id);
  if (!person) throw notFound('people', id);
  return person;
}

/** The person of that name, made where there is none. */
export function personNamed(db: LibraryDatabase, name: string): number {
  const clean = cleanName(name);
  const known = db.value<number>('SELECT id FROM people WHERE name_key = ?', keyOf(clean));
  return known ?? db.run('INSERT INTO people (name, name_key) VALUES (?, ?)', clean, keyOf(clean)).id;
}

/** Answers with the person that holds the name now: another one where the name was taken. */
export function renamePerson(db: LibraryDatabase, id: number, name: string): number {
  expectAll(db, 'people', [id]);
  const clean = cleanName(name);
  const other = db.value<number>('SELECT id FROM people WHERE name_key = ? AND id <> ?', keyOf(clean), id);
  if (other === undefined) {
    db.run('UPDATE people SET name = ?, name_key = ? WHERE id = ?', clean, keyOf(clean), id);
    return id;
  }
  db.run('UPDATE faces SET person_id = ? WHERE person_id = ?', other, id);
  return other;
}

/** Their faces stay, without a name. */
export function deletePerson(db: LibraryDatabase, id: number): void {
  expectAll(db, 'people', [id]);
  db.run('DELETE FROM people WHERE id = ?', id);
}
