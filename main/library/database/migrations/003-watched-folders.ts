/** Folders whose new files are imported, and which of their files were looked at. */
export const watchedFolders = `
CREATE TABLE watched_folders (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  path TEXT NOT NULL UNIQUE,
  mode TEXT NOT NULL CHECK (mode IN ('copy', 'in-place'))
) STRICT;

CREATE TABLE seen_files (
  path TEXT PRIMARY KEY,
  bytes INTEGER NOT NULL,
  modified_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`;
