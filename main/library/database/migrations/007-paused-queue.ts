/** Whether the whole queue stands still, so that it still does after a restart. */
export const pausedQueue = `
CREATE TABLE queue (
  only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
  paused INTEGER NOT NULL
) STRICT;
INSERT INTO queue VALUES (1, 0);
`;
