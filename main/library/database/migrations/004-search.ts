/**
 * Words over names, captions, people, albums and dates. Two characters and up are found by prefix index; accents do
 * not matter. `refresh-photos.ts` writes the same columns for photos that change.
 */
export const search = `
CREATE VIRTUAL TABLE photo_search USING fts5 (
  name, caption, people, albums, date,
  content = '', contentless_delete = 1, prefix = '1 2 3', tokenize = 'unicode61 remove_diacritics 2'
);

CREATE VIEW photo_words AS
SELECT
  photos.id AS id,
  photos.name AS name,
  photos.caption AS caption,
  (SELECT group_concat(people.name, ' ') FROM faces JOIN people ON people.id = faces.person_id
    WHERE faces.photo_id = photos.id) AS people,
  (SELECT group_concat(albums.name, ' ') FROM album_photos JOIN albums ON albums.id = album_photos.album_id
    WHERE album_photos.photo_id = photos.id) AS albums,
  substr(photos.taken_at, 1, 10) AS date
FROM photos;

INSERT INTO photo_search (rowid, name, caption, people, albums, date)
  SELECT id, name, caption, people, albums, date FROM photo_words;
`;
