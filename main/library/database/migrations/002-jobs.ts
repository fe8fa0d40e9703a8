/** The queue of restorations. */
export const jobs = `
CREATE TABLE jobs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  batch_id INTEGER NOT NULL,
  photo_id INTEGER NOT NULL REFERENCES photos (id) ON DELETE CASCADE,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'paused', 'done', 'failed', 'cancelled')),
  settings TEXT NOT NULL,
  -- order of the waiting ones
  position INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  version_id INTEGER REFERENCES versions (id) ON DELETE SET NULL,
  error TEXT,
  notes TEXT NOT NULL DEFAULT '[]',
  created_at TEXT NOT NULL,
  finished_at TEXT
) STRICT;
CREATE INDEX jobs_photo ON jobs (photo_id, state);
CREATE INDEX jobs_state ON jobs (state, position);
CREATE INDEX jobs_batch ON jobs (batch_id);
CREATE INDEX jobs_version ON jobs (version_id) WHERE version_id IS NOT NULL;
`;
