/** Photos, faces, people, versions, albums, settings. */
export const library = `
CREATE TABLE photos (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL,
  sha256 TEXT NOT NULL UNIQUE,
  bytes INTEGER NOT NULL,
  format TEXT NOT NULL,
  width INTEGER NOT NULL,
  height INTEGER NOT NULL,
  depth INTEGER NOT NULL,
  storage TEXT NOT NULL CHECK (storage IN ('copied', 'in-place')),
  -- copied: below the library's folder, with slashes; in-place: absolute
  path TEXT NOT NULL,
  imported_at TEXT NOT NULL,
  taken_at TEXT,
  -- '' without a date, so that one index orders everything (which would not cover a generated column)
  month TEXT NOT NULL DEFAULT '' CHECK (month = coalesce(substr(taken_at, 1, 7), '')),
  turn INTEGER NOT NULL DEFAULT 0,
  caption TEXT NOT NULL DEFAULT '',
  notes TEXT NOT NULL DEFAULT '[]',
  binned_at TEXT,
  missing INTEGER NOT NULL DEFAULT 0,
  current_version_id INTEGER REFERENCES versions (id) ON DELETE SET NULL,
  -- null: faces were not looked for yet
  detector TEXT,
  problem_code TEXT,
  problem_message TEXT,
  revision INTEGER NOT NULL DEFAULT 1,
  -- number of the next version; grows even when versions go
  next_version INTEGER NOT NULL DEFAULT 1,
  -- kept by refresh-photos.ts
  face_count INTEGER NOT NULL DEFAULT 0,
  version_count INTEGER NOT NULL DEFAULT 0,
  state TEXT NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'no-faces', 'faces', 'restored', 'failed'))
) STRICT;

-- Covering: whatever the timeline asks but a page's own rows is answered by the index alone.
CREATE INDEX photos_timeline ON photos
  (month DESC, taken_at DESC, id DESC, state, version_count, face_count, missing, binned_at)
  WHERE binned_at IS NULL;
CREATE INDEX photos_bin ON photos
  (month DESC, taken_at DESC, id DESC, state, version_count, face_count, missing, binned_at)
  WHERE binned_at IS NOT NULL;
CREATE INDEX photos_bytes ON photos (bytes);
CREATE INDEX photos_current_version ON photos (current_version_id) WHERE current_version_id IS NOT NULL;
CREATE INDEX photos_undetected ON photos (id) WHERE detector IS NULL AND binned_at IS NULL AND missing = 0;

CREATE TABLE people (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL,
  -- what makes two names one: NFC, lower case
  name_key TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE faces (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  photo_id INTEGER NOT NULL REFERENCES photos (id) ON DELETE CASCADE,
  x REAL NOT NULL,
  y REAL NOT NULL,
  width REAL NOT NULL,
  height REAL NOT NULL,
  landmarks TEXT NOT NULL,
  turn INTEGER NOT NULL,
  confidence REAL,
  source TEXT NOT NULL,
  size_px REAL NOT NULL,
  off INTEGER NOT NULL DEFAULT 0,
  std_hat REAL,
  start INTEGER,
  person_id INTEGER REFERENCES people (id) ON DELETE SET NULL
) STRICT;
CREATE INDEX faces_photo ON faces (photo_id);
CREATE INDEX faces_person ON faces (person_id, photo_id) WHERE person_id IS NOT NULL;

CREATE TABLE versions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  photo_id INTEGER NOT NULL REFERENCES photos (id) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  path TEXT NOT NULL,
  format TEXT NOT NULL,
  width INTEGER NOT NULL,
  height INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  recipe TEXT NOT NULL,
  faces TEXT NOT NULL,
  notes TEXT NOT NULL,
  seconds REAL NOT NULL
) STRICT;
CREATE INDEX versions_photo ON versions (photo_id);

CREATE TABLE albums (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL
) STRICT;

CREATE TABLE album_photos (
  album_id INTEGER NOT NULL REFERENCES albums (id) ON DELETE CASCADE,
  photo_id INTEGER NOT NULL REFERENCES photos (id) ON DELETE CASCADE,
  PRIMARY KEY (album_id, photo_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX album_photos_photo ON album_photos (photo_id);

CREATE TABLE settings (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Files of rows that are gone. They are deleted when no undo can bring the row back: at close, or at the next open.
CREATE TABLE discarded_files (
  path TEXT PRIMARY KEY,
  sha256 TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TRIGGER photos_discard AFTER DELETE ON photos WHEN old.storage = 'copied' BEGIN
  INSERT INTO discarded_files VALUES (old.path, old.sha256) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER versions_discard AFTER DELETE ON versions BEGIN
  INSERT INTO discarded_files VALUES (old.path, old.sha256) ON CONFLICT DO NOTHING;
END;
`;
