/**
 * Files that exports wrote, by their bytes: found again in a folder, they are no new photos. No reference, since undo
 * takes photos away and brings them back; ids are never used again.
 */
export const exportedFiles = `
CREATE TABLE exported_files (
  sha256 TEXT PRIMARY KEY,
  photo_id INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`;
