/**
 * The first schema, in the schema `dfns` of the database. Keys are compared as bytes (COLLATE "C"): an index on text in
 * the order of a locale is damaged by an update of the C library. Times are double precision, since a time may have a
 * fraction. Values that the engine packs are `bytea` or plain text; nothing is `jsonb`, which refuses the character 0.
 *
 * The indexes of `run` are those of the SQLite store, and one by id for lists by prefix; `run_open` serves placement too.
 * `attribute.value` holds a keyword's digest where it is too long for an index.
 */
export const TABLES = `
CREATE TABLE dfns.run (
  eid bigint PRIMARY KEY,
  first bigint NOT NULL,
  namespace text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  run_id text NOT NULL,
  workflow text COLLATE "C" NOT NULL,
  version integer NOT NULL,
  build text NOT NULL,
  shard integer NOT NULL,
  status integer NOT NULL,
  started_at double precision NOT NULL,
  closed_at double precision,
  wake_at double precision,
  seed bigint NOT NULL,
  lineage text,
  parent bigint,
  details text,
  deadline double precision,
  run_deadline double precision,
  started_by text,
  turns bigint NOT NULL,
  bytes bigint NOT NULL,
  last_error text,
  held text,
  attributes text,
  waiting text,
  headers text,
  input bytea,
  output bytea,
  carry bytea
);
CREATE INDEX run_due ON dfns.run (shard, wake_at, eid) WHERE wake_at IS NOT NULL AND status = 0 AND held IS NULL;
CREATE INDEX run_held ON dfns.run (shard, eid) WHERE held IS NOT NULL AND status = 0;
CREATE INDEX run_open ON dfns.run (shard, workflow, version, namespace) WHERE status = 0;
CREATE INDEX run_later ON dfns.run (first, eid) WHERE first <> eid;
CREATE INDEX run_status ON dfns.run (namespace, status, started_at, eid);
CREATE INDEX run_workflow ON dfns.run (namespace, workflow, status, started_at, eid);
CREATE INDEX run_id ON dfns.run (namespace, id, eid);
CREATE INDEX run_closed ON dfns.run (workflow, status, closed_at, shard) WHERE status NOT IN (0, 6);

CREATE TABLE dfns.current (
  namespace text COLLATE "C",
  id text COLLATE "C",
  eid bigint NOT NULL,
  PRIMARY KEY (namespace, id)
);

CREATE TABLE dfns.journal (
  eid bigint,
  seq integer,
  commit_id text NOT NULL,
  turn bytea NOT NULL,
  PRIMARY KEY (eid, seq)
);

CREATE TABLE dfns.snapshot (
  eid bigint,
  first_seq integer,
  last_seq integer NOT NULL,
  commit_id text NOT NULL,
  turns bytea NOT NULL,
  PRIMARY KEY (eid, first_seq)
);

CREATE TABLE dfns.inbox (
  shard integer,
  receiver bigint,
  accepted double precision,
  sender bigint,
  number bigint,
  message bytea NOT NULL,
  PRIMARY KEY (shard, receiver, accepted, sender, number)
);

CREATE TABLE dfns.attribute (
  eid bigint,
  name text COLLATE "C",
  namespace text COLLATE "C" NOT NULL,
  type integer NOT NULL,
  value text COLLATE "C" NOT NULL,
  started_at double precision NOT NULL,
  PRIMARY KEY (eid, name)
);
CREATE INDEX attribute_value ON dfns.attribute (namespace, name, type, value, started_at, eid);

CREATE TABLE dfns.idempotency (
  namespace text COLLATE "C",
  key text COLLATE "C",
  hash text NOT NULL,
  eid bigint NOT NULL,
  expires_at double precision NOT NULL,
  PRIMARY KEY (namespace, key)
);

CREATE INDEX idempotency_expiry ON dfns.idempotency (expires_at);

CREATE TABLE dfns.shard (
  shard integer PRIMARY KEY,
  epoch bigint NOT NULL,
  owner text,
  build text,
  clean boolean NOT NULL,
  hand_over bytea
);

-- One row an incarnation; one whose lease is over never lives again. The ordinal is the first that it was given.
CREATE TABLE dfns.node (
  incarnation text PRIMARY KEY,
  ordinal bigint NOT NULL,
  address text NOT NULL,
  build text NOT NULL,
  lease_ms double precision NOT NULL,
  lease_until double precision NOT NULL,
  dead boolean NOT NULL,
  duty text NOT NULL,
  workflows text NOT NULL,
  transport boolean NOT NULL,
  state text NOT NULL,
  residents bigint NOT NULL,
  loop_lag_ms double precision NOT NULL
);

-- Whose code took a node down: what stood on its stage. Kept for a day.
CREATE TABLE dfns.death (
  incarnation text PRIMARY KEY,
  at double precision NOT NULL,
  build text NOT NULL,
  eid bigint NOT NULL,
  command bigint NOT NULL,
  is_body boolean NOT NULL,
  namespace text,
  id text
);

-- The last try of a commit of an incarnation: one that comes later than the next is not done any more. How often a shard
-- that it had became another's, or got another epoch: who does that locks the row that each of its commits locks.
CREATE TABLE dfns.lane (
  incarnation text PRIMARY KEY,
  try bigint NOT NULL,
  moves bigint NOT NULL
);

-- 'membership' rises with each change of who is there: last in a transaction, since others wait for it.
INSERT INTO dfns.meta VALUES ('ordinal', 0), ('membership', 0);

-- The clock of leases and of idempotency, in milliseconds since the epoch.
CREATE FUNCTION dfns.clock_ms() RETURNS double precision LANGUAGE sql VOLATILE AS
$$ SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::double precision $$;
`;
