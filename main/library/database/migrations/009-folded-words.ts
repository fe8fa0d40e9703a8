/** The words of the search without ł, ø, ß and the like (`fold-letters.ts`), of photos whose words have any. */
export const foldedWords = `
CREATE TEMP TABLE folded AS
SELECT * FROM (
  SELECT id, name, caption, people, albums, date, fold_letters(name) AS plain_name,
    fold_letters(caption) AS plain_caption, fold_letters(people) AS plain_people, fold_letters(albums) AS plain_albums
  FROM photo_words
)
WHERE plain_name <> name OR plain_caption <> caption OR plain_people <> people OR plain_albums <> albums;

DELETE FROM photo_search WHERE rowid IN (SELECT id FROM folded);
INSERT INTO photo_search (rowid, name, caption, people, albums, date)
  SELECT id, plain_name, plain_caption, plain_people, plain_albums, date FROM folded;
DROP TABLE folded;
`;
