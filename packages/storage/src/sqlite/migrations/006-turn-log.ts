/**
 * The turns of a batch in one row, until they are put where they are found by run: a batch of turns of many runs changes
 * as many pages of `journal`, and a few of this.
 */
export const TURN_LOG = `
CREATE TABLE turn_log (
  number INTEGER PRIMARY KEY,
  commit_id TEXT NOT NULL,
  turns BLOB NOT NULL
);
`;
