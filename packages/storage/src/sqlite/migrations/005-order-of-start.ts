/**
 * Lists stand in order of start, whichever node numbered their runs (the rowid, last in every index, is the eid), and a
 * span of time is a part of each index. Retention finds what a workflow closed long ago, and how.
 */
export const ORDER_OF_START = `
DROP INDEX run_started;
DROP INDEX run_status;
DROP INDEX run_workflow;
DROP INDEX run_closed;
CREATE INDEX run_status ON run (namespace, status, started_at);
CREATE INDEX run_workflow ON run (namespace, workflow, status, started_at);
CREATE INDEX run_closed ON run (workflow, status, closed_at) WHERE status NOT IN (0, 6);

CREATE TABLE attribute_by_start (
  namespace TEXT NOT NULL,
  name TEXT NOT NULL,
  type INTEGER NOT NULL,
  value,
  started_at INTEGER NOT NULL,
  eid INTEGER NOT NULL,
  PRIMARY KEY (namespace, name, type, value, started_at, eid)
) WITHOUT ROWID;
INSERT INTO attribute_by_start
  SELECT a.namespace, a.name, a.type, a.value, run.started_at, a.eid FROM attribute AS a JOIN run ON run.eid = a.eid;
DROP TABLE attribute;
ALTER TABLE attribute_by_start RENAME TO attribute;
`;
