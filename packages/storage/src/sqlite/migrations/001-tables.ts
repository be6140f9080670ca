/**
 * The first schema. Strings stand in the run row (and its two list indexes) only; everything written per turn is keyed
 * by integers in ascending order.
 *
 * The indexes of `run` and what they cost: `run_due`, `run_held` and `run_later` are partial, so a run that waits on
 * messages, is not held and is the first of its chain is in none of them. `run_status` and `run_workflow` are written
 * at start and close, never per turn; between them each mix of namespace, workflow and status is a seek per status,
 * newest first. The blobs stand last, so that reading the other columns never walks their pages.
 */
export const TABLES = `
CREATE TABLE run (
  eid INTEGER PRIMARY KEY,
  first INTEGER NOT NULL,
  namespace TEXT NOT NULL,
  id TEXT NOT NULL,
  run_id TEXT NOT NULL,
  workflow TEXT NOT NULL,
  version INTEGER NOT NULL,
  build TEXT NOT NULL,
  shard INTEGER NOT NULL,
  status INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  closed_at INTEGER,
  wake_at INTEGER,
  seed INTEGER NOT NULL,
  lineage TEXT,
  parent INTEGER,
  held TEXT,
  attributes TEXT,
  details TEXT,
  headers TEXT,
  deadline INTEGER,
  run_deadline INTEGER,
  started_by TEXT,
  waiting TEXT,
  turns INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  last_error TEXT,
  input BLOB,
  output BLOB,
  carry BLOB
);
CREATE INDEX run_due ON run (shard, wake_at, eid) WHERE wake_at IS NOT NULL AND status = 0 AND held IS NULL;
CREATE INDEX run_held ON run (shard, eid) WHERE held IS NOT NULL AND status = 0;
CREATE INDEX run_later ON run (first, eid) WHERE first <> eid;
CREATE INDEX run_status ON run (namespace, status, eid);
CREATE INDEX run_workflow ON run (namespace, workflow, status, eid);

CREATE TABLE current (
  namespace TEXT NOT NULL,
  id TEXT NOT NULL,
  eid INTEGER NOT NULL,
  PRIMARY KEY (namespace, id)
) WITHOUT ROWID;

CREATE TABLE journal (
  eid INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  commit_id TEXT NOT NULL,
  turn BLOB NOT NULL,
  PRIMARY KEY (eid, seq)
) WITHOUT ROWID;

CREATE TABLE snapshot (
  eid INTEGER NOT NULL,
  first_seq INTEGER NOT NULL,
  last_seq INTEGER NOT NULL,
  commit_id TEXT NOT NULL,
  turns BLOB NOT NULL,
  PRIMARY KEY (eid, first_seq)
) WITHOUT ROWID;

CREATE TABLE inbox (
  shard INTEGER NOT NULL,
  receiver INTEGER NOT NULL,
  accepted INTEGER NOT NULL,
  sender INTEGER NOT NULL,
  number INTEGER NOT NULL,
  message BLOB NOT NULL,
  PRIMARY KEY (shard, receiver, accepted, sender, number)
) WITHOUT ROWID;

CREATE TABLE attribute (
  namespace TEXT NOT NULL,
  name TEXT NOT NULL,
  type INTEGER NOT NULL,
  value,
  eid INTEGER NOT NULL,
  PRIMARY KEY (namespace, name, type, value, eid)
) WITHOUT ROWID;

CREATE TABLE idempotency (
  namespace TEXT NOT NULL,
  key TEXT NOT NULL,
  hash TEXT NOT NULL,
  eid INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (namespace, key)
) WITHOUT ROWID;

CREATE TABLE shard (
  shard INTEGER PRIMARY KEY,
  epoch INTEGER NOT NULL,
  owner TEXT,
  build TEXT,
  clean INTEGER NOT NULL
);

CREATE TABLE node (
  incarnation TEXT PRIMARY KEY,
  ordinal INTEGER NOT NULL,
  address TEXT NOT NULL,
  build TEXT NOT NULL
) WITHOUT ROWID;
`;
