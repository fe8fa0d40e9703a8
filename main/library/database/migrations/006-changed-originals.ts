/**
 * Originals whose file holds other bytes than those that were imported: `missing` and `changed`. What the file was like
 * when its bytes were last compared says whether they have to be compared again. The picture of a photo that takes new
 * bytes as its original is another one for every cache, also when that is undone.
 */
export const changedOriginals = `
ALTER TABLE photos ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE photos ADD COLUMN seen_bytes INTEGER;
-- milliseconds since 1970; null: not looked at yet
ALTER TABLE photos ADD COLUMN seen_ms INTEGER;
CREATE INDEX photos_path ON photos (path);

-- Files are found by content; that of an original in place is not the library's to delete.
CREATE TRIGGER photos_content AFTER UPDATE OF sha256 ON photos WHEN old.sha256 <> new.sha256 BEGIN
  UPDATE photos SET revision = revision + 1 WHERE id = new.id;
  INSERT INTO discarded_files VALUES (iif(old.storage = 'copied', old.path, 'originals/' || old.sha256), old.sha256)
    ON CONFLICT DO NOTHING;
END;
`;
