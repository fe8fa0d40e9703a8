/** The picture of a face that was moved is another one for every cache, also when that is undone. */
export const movedFaces = `
CREATE TRIGGER faces_moved AFTER UPDATE OF x, y, width, height, landmarks, turn ON faces
WHEN old.x <> new.x OR old.y <> new.y OR old.width <> new.width OR old.height <> new.height
  OR old.landmarks <> new.landmarks OR old.turn <> new.turn
BEGIN
  UPDATE photos SET revision = revision + 1 WHERE id = new.photo_id;
END;
`;
