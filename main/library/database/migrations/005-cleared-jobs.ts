/** How many jobs of each batch in work were cleared from the list, so that the batch still adds up at its end. */
export const clearedJobs = `
CREATE TABLE cleared_jobs (
  batch_id INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('done', 'failed', 'cancelled')),
  count INTEGER NOT NULL,
  PRIMARY KEY (batch_id, state)
) STRICT, WITHOUT ROWID;
`;
