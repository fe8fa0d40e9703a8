import type { Database } from 'better-sqlite3';
import { FORGET_SEARCH, SEARCH_TABLES } from './search-hits.ts';

/** What a transaction changed, for the events that follow it. */
export interface Changes {
  photoIds: number[];
  albums: boolean;
  people: boolean;
  folders: boolean;
  settings: boolean;
}

/** Triggers that note what changed: the photos to bring up to date, the lists to read again. */
const TRIGGERS = `
CREATE TEMP TABLE changed (kind TEXT NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (kind, id)) WITHOUT ROWID;

CREATE TEMP TRIGGER changed_photo_new AFTER INSERT ON main.photos BEGIN
  INSERT OR IGNORE INTO changed VALUES ('photo', new.id), ('search', new.id);
END;
CREATE TEMP TRIGGER changed_photo_gone AFTER DELETE ON main.photos BEGIN
  INSERT OR IGNORE INTO changed VALUES ('photo', old.id), ('search', old.id), ('people', 0), ('albums', 0);
END;
CREATE TEMP TRIGGER changed_photo AFTER UPDATE OF
  name, path, storage, sha256, taken_at, turn, caption, missing, changed, current_version_id, detector, problem_code, problem_message
ON main.photos BEGIN
  INSERT OR IGNORE INTO changed VALUES ('photo', new.id);
END;
CREATE TEMP TRIGGER changed_photo_words AFTER UPDATE OF name, caption, taken_at ON main.photos BEGIN
  INSERT OR IGNORE INTO changed VALUES ('search', new.id);
END;
CREATE TEMP TRIGGER changed_photo_content AFTER UPDATE OF sha256 ON main.photos BEGIN
  INSERT OR IGNORE INTO changed VALUES ('people', 0), ('albums', 0);
END;
CREATE TEMP TRIGGER changed_photo_bin AFTER UPDATE OF binned_at ON main.photos BEGIN
  INSERT OR IGNORE INTO changed VALUES ('photo', new.id), ('people', 0), ('albums', 0);
END;

CREATE TEMP TRIGGER changed_face_new AFTER INSERT ON main.faces BEGIN
  INSERT OR IGNORE INTO changed VALUES ('photo', new.photo_id);
  INSERT OR IGNORE INTO changed SELECT 'search', new.photo_id WHERE new.person_id IS NOT NULL
    UNION ALL SELECT 'people', 0 WHERE new.person_id IS NOT NULL;
END;
CREATE TEMP TRIGGER changed_face_gone AFTER DELETE ON main.faces BEGIN
  INSERT OR IGNORE INTO changed VALUES ('photo', old.photo_id);
  INSERT OR IGNORE INTO changed SELECT 'search', old.photo_id WHERE old.person_id IS NOT NULL
    UNION ALL SELECT 'people', 0 WHERE old.person_id IS NOT NULL;
END;
CREATE TEMP TRIGGER changed_face AFTER UPDATE ON main.faces BEGIN
  INSERT OR IGNORE INTO changed VALUES ('photo', new.photo_id);
END;
CREATE TEMP TRIGGER changed_face_place AFTER UPDATE OF x, y, width, height, size_px ON main.faces
WHEN new.person_id IS NOT NULL BEGIN
  INSERT OR IGNORE INTO changed VALUES ('people', 0);
END;
CREATE TEMP TRIGGER changed_face_person AFTER UPDATE OF person_id ON main.faces BEGIN
  INSERT OR IGNORE INTO changed VALUES ('search', new.photo_id), ('people', 0);
END;

CREATE TEMP TRIGGER changed_version_new AFTER INSERT ON main.versions BEGIN
  INSERT OR IGNORE INTO changed VALUES ('photo', new.photo_id);
END;
CREATE TEMP TRIGGER changed_version_gone AFTER DELETE ON main.versions BEGIN
  INSERT OR IGNORE INTO changed VALUES ('photo', old.photo_id);
END;

CREATE TEMP TRIGGER changed_person_new AFTER INSERT ON main.people BEGIN
  INSERT OR IGNORE INTO changed VALUES ('people', 0);
END;
CREATE TEMP TRIGGER changed_person_gone AFTER DELETE ON main.people BEGIN
  INSERT OR IGNORE INTO changed VALUES ('people', 0);
END;
CREATE TEMP TRIGGER changed_person AFTER UPDATE ON main.people BEGIN
  INSERT OR IGNORE INTO changed VALUES ('people', 0);
  INSERT OR IGNORE INTO changed SELECT 'photo', photo_id FROM faces WHERE person_id = new.id;
  INSERT OR IGNORE INTO changed SELECT 'search', photo_id FROM faces WHERE person_id = new.id;
END;

CREATE TEMP TRIGGER changed_album_new AFTER INSERT ON main.albums BEGIN
  INSERT OR IGNORE INTO changed VALUES ('albums', 0);
END;
CREATE TEMP TRIGGER changed_album_gone AFTER DELETE ON main.albums BEGIN
  INSERT OR IGNORE INTO changed VALUES ('albums', 0);
END;
CREATE TEMP TRIGGER changed_album AFTER UPDATE ON main.albums BEGIN
  INSERT OR IGNORE INTO changed VALUES ('albums', 0);
  INSERT OR IGNORE INTO changed SELECT 'search', photo_id FROM album_photos WHERE album_id = new.id;
END;
CREATE TEMP TRIGGER changed_album_photo_new AFTER INSERT ON main.album_photos BEGIN
  INSERT OR IGNORE INTO changed VALUES ('photo', new.photo_id), ('search', new.photo_id), ('albums', 0);
END;
CREATE TEMP TRIGGER changed_album_photo_gone AFTER DELETE ON main.album_photos BEGIN
  INSERT OR IGNORE INTO changed VALUES ('photo', old.photo_id), ('search', old.photo_id), ('albums', 0);
END;

CREATE TEMP TRIGGER changed_job_new AFTER INSERT ON main.jobs BEGIN
  INSERT OR IGNORE INTO changed VALUES ('photo', new.photo_id);
END;
CREATE TEMP TRIGGER changed_job_gone AFTER DELETE ON main.jobs WHEN old.state IN ('waiting', 'running') BEGIN
  INSERT OR IGNORE INTO changed VALUES ('photo', old.photo_id);
END;
CREATE TEMP TRIGGER changed_job AFTER UPDATE OF state ON main.jobs BEGIN
  INSERT OR IGNORE INTO changed VALUES ('photo', new.photo_id);
END;

CREATE TEMP TRIGGER changed_folder_new AFTER INSERT ON main.watched_folders BEGIN
  INSERT OR IGNORE INTO changed VALUES ('folders', 0);
END;
CREATE TEMP TRIGGER changed_folder_gone AFTER DELETE ON main.watched_folders BEGIN
  INSERT OR IGNORE INTO changed VALUES ('folders', 0);
END;
CREATE TEMP TRIGGER changed_setting_new AFTER INSERT ON main.settings BEGIN
  INSERT OR IGNORE INTO changed VALUES ('settings', 0);
END;
CREATE TEMP TRIGGER changed_setting_gone AFTER DELETE ON main.settings BEGIN
  INSERT OR IGNORE INTO changed VALUES ('settings', 0);
END;
CREATE TEMP TRIGGER changed_setting AFTER UPDATE ON main.settings BEGIN
  INSERT OR IGNORE INTO changed VALUES ('settings', 0);
END;
`;

/** People whom no face shows any more go. */
const TIDY_PEOPLE = `
DELETE FROM people WHERE NOT EXISTS (SELECT 1 FROM faces WHERE faces.person_id = people.id)`;

/** What the timeline shows of a photo's faces, versions and problem, so that it need not look for it. */
const REFRESH_STATE = `
UPDATE photos SET
  face_count = (SELECT count(*) FROM faces WHERE faces.photo_id = photos.id),
  version_count = (SELECT count(*) FROM versions WHERE versions.photo_id = photos.id)
WHERE id IN (SELECT id FROM changed WHERE kind = 'photo');
UPDATE photos SET state = CASE
  WHEN problem_code IS NOT NULL THEN 'failed'
  WHEN version_count > 0 THEN 'restored'
  WHEN face_count > 0 THEN 'faces'
  WHEN detector IS NOT NULL THEN 'no-faces'
  ELSE 'new' END
WHERE id IN (SELECT id FROM changed WHERE kind = 'photo');`;

const REFRESH_WORDS = `
${FORGET_SEARCH}
DELETE FROM photo_search WHERE rowid IN (SELECT id FROM changed WHERE kind = 'search');
INSERT INTO photo_search (rowid, name, caption, people, albums, date)
  SELECT id, fold_letters(name), fold_letters(caption), fold_letters(people), fold_letters(albums), date
  FROM photo_words
  WHERE id IN (SELECT id FROM changed WHERE kind = 'search');`;

/** Notes what each transaction changes, and keeps derived columns and the words for the search true to it. */
export class ChangeLog {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
    database.exec(TRIGGERS + SEARCH_TABLES);
  }

  /** At the end of a transaction, inside it. */
  settle(): Changes {
    if (this.#has('people')) this.#database.exec(TIDY_PEOPLE);
    if (this.#has('photo')) this.#database.exec(REFRESH_STATE);
    if (this.#has('search')) this.#database.exec(REFRESH_WORDS);
    const changes = {
      photoIds: this.#database
        .prepare("SELECT id FROM changed WHERE kind = 'photo'")
        .pluck()
        .all() as number[],
      albums: this.#has('albums'),
      people: this.#has('people'),
      folders: this.#has('folders'),
      settings: this.#has('settings'),
    };
    this.#database.exec('DELETE FROM changed');
    return changes;
  }

  #has(kind: string): boolean {
    return this.#database.prepare('SELECT 1 FROM changed WHERE kind = ? LIMIT 1').get(kind) !== undefined;
  }
}
