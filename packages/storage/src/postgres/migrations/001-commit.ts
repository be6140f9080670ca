/**
 * `dfns.commit_1`: a batch as one statement. A function, since each statement in it sees what was committed before that
 * statement began: the owner's lane is locked first, and what is read and checked after it cannot be older. Whoever takes
 * a shard from an owner, or raises its epoch, changes that owner's lane too, and counts it in `moves`: what is read of
 * shards after the lock stands until the commit, and what was read under the same `moves` before stands still. All arrays
 * of a section have one length, and a section without entries is null. `actor` counts from 1.
 *
 * `p_known`: the caller knows the last seq of each actor, under `p_moves` of the server `p_server`, and wants no reads. Where
 * both are so still, it is written at once, as if no actor could be refused; what does not fit then raises an error as well, and
 * is called again to be read first.
 *
 * It answers null where all is written and `p_moves` and `p_server` are what they were, else JSON: [moves, server, null or the
 * verdicts], each of them [code] or [code, eid, status or hash]. What was written by somebody else in between raises an error (unique_violation,
 * or DF001), which undoes all: it is then called again.
 *
 * Plans are made once a connection, perhaps while the tables are empty, so scans of whole tables are ruled out.
 */
export const COMMIT = `
-- What is written to a run, as one value: a function's arrays cost by their number, and these are thirty columns wide.
CREATE TYPE dfns.run_insert_1 AS (
  actor integer, claims boolean, expect bigint,
  eid bigint, first bigint, namespace text, id text, run_id text, workflow text, version integer, build text,
  shard integer, started_at double precision, closed_at double precision, wake_at double precision, seed bigint,
  lineage text, parent bigint, details text, deadline double precision, run_deadline double precision,
  started_by text, turns bigint, bytes bigint, last_error text, status integer, held text, attributes text,
  waiting text, headers text, input bytea, output bytea, carry bytea
);
CREATE TYPE dfns.run_update_1 AS (
  actor integer, eid bigint, columns integer,
  status integer, closed_at double precision, wake_at double precision, output bytea, turns bigint, bytes bigint,
  waiting text, last_error text, build text, held text, attributes text, details text, seed bigint, lineage text
);

CREATE FUNCTION dfns.commit_1(
  p_incarnation text, p_try bigint, p_moves bigint, p_server timestamptz, p_known boolean, p_commit text, p_lock_ms integer,
  p_replaces boolean, p_columns integer,
  f_shard integer[], f_epoch bigint[],
  a_fence integer[], a_eid bigint[], a_prev integer[], a_seq integer[], a_turn bytea[],
  m_actor integer[], m_kind integer[], m_shard integer[], m_receiver bigint[], m_accepted double precision[],
  m_sender bigint[], m_number bigint[], m_message bytea[],
  r dfns.run_insert_1[], u dfns.run_update_1[],
  x_actor integer[], x_eid bigint[], x_name text[], x_type integer[], x_value text[],
  s_actor integer[], s_eid bigint[], s_first integer[], s_last integer[], s_turns bytea[], s_folds boolean[],
  k_actor integer[], k_namespace text[], k_key text[], k_hash text[], k_eid bigint[], k_expires_at double precision[]
) RETURNS json LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  -- A code an actor, null where nothing is read: 0 to be written, 1 landed before, 2 fenced, 3 conflict, 4 already taken, 5 duplicate, 6 exists.
  v integer[];
  seen bigint;
  sure boolean := false;
  held integer[];
  told bigint[];
  statuses integer[];
  hashes text[];
  hit record;
  expected bigint;
  written bigint;
  blind boolean;
  was text;
BEGIN
  -- Assigned, since PERFORM makes a query of what is else an expression. Sessions that are the node's own have a bound.
  IF current_setting('lock_timeout') = '0' THEN
    was := set_config('lock_timeout', p_lock_ms::text, true);
  END IF;
  IF current_setting('synchronous_commit') = 'off' THEN
    was := set_config('synchronous_commit', 'on', true);
  END IF;

  UPDATE dfns.lane SET try = p_try WHERE incarnation = p_incarnation AND try < p_try RETURNING moves INTO seen;
  -- A standby that was promoted counts the same moves, and may lack what was committed last.
  sure := coalesce(seen = p_moves AND pg_postmaster_start_time() = p_server, false);
  IF NOT sure AND seen IS NOT NULL THEN
    SELECT array_agg(f.i) INTO held FROM unnest(f_shard, f_epoch) WITH ORDINALITY AS f(shard, epoch, i)
      JOIN dfns.shard s ON s.shard = f.shard AND s.epoch = f.epoch
      WHERE s.owner = p_incarnation;
  END IF;

  blind := sure AND p_known;
  -- Where nothing is read, what an older snapshot does not show raises an error.
  IF NOT blind AND current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'dfns needs the isolation level READ COMMITTED';
  END IF;

  IF NOT blind THEN
    SELECT array_agg(CASE
    WHEN NOT sure AND (held IS NULL OR a.fence <> ALL (held)) THEN 2
    WHEN last.seq <> a.prev THEN
      CASE WHEN coalesce(
        (SELECT j.commit_id = p_commit FROM dfns.journal j WHERE j.eid = a.eid AND j.seq = a.seq),
        (SELECT s.commit_id = p_commit AND s.last_seq >= a.seq FROM dfns.snapshot s
          WHERE s.eid = a.eid AND s.first_seq <= a.seq ORDER BY s.first_seq DESC LIMIT 1),
        false) THEN 1 ELSE 3 END
    WHEN a.seq <= a.prev THEN 3
    ELSE 0 END ORDER BY a.i)
  INTO v
  FROM unnest(a_fence, a_eid, a_prev, a_seq) WITH ORDINALITY AS a(fence, eid, prev, seq, i)
  CROSS JOIN LATERAL (SELECT coalesce(
    (SELECT j.seq FROM dfns.journal j WHERE j.eid = a.eid ORDER BY j.seq DESC LIMIT 1),
    (SELECT s.last_seq FROM dfns.snapshot s WHERE s.eid = a.eid ORDER BY s.first_seq DESC LIMIT 1),
    0) AS seq) AS last;
  END IF;

  IF u IS NOT NULL AND NOT blind THEN
    FOR hit IN SELECT c.actor FROM unnest(u) AS c
      WHERE v[c.actor] = 0 AND NOT EXISTS (SELECT FROM dfns.run t WHERE t.eid = c.eid) LOOP
      v[hit.actor] := 3;
    END LOOP;
  END IF;

  IF m_actor IS NOT NULL AND NOT blind THEN
    FOR hit IN SELECT DISTINCT m.actor
      FROM unnest(m_actor, m_kind, m_shard, m_receiver, m_accepted, m_sender, m_number)
        AS m(actor, kind, shard, receiver, accepted, sender, number)
      WHERE m.kind = 0 AND v[m.actor] = 0 AND a_seq[m.actor] IS NOT NULL
        AND NOT EXISTS (SELECT FROM dfns.inbox i WHERE i.shard = m.shard AND i.receiver = m.receiver
          AND i.accepted = m.accepted AND i.sender = m.sender AND i.number = m.number) LOOP
      v[hit.actor] := 4;
    END LOOP;
  END IF;

  IF k_actor IS NOT NULL THEN
    FOR hit IN SELECT k.actor, i.eid, i.hash
      FROM unnest(k_actor, k_namespace, k_key, k_eid) AS k(actor, namespace, key, eid)
      JOIN dfns.idempotency i ON i.namespace = k.namespace AND i.key = k.key
      WHERE v[k.actor] = 0 AND i.expires_at > dfns.clock_ms() AND i.eid <> k.eid
        AND EXISTS (SELECT FROM dfns.run t WHERE t.eid = i.eid) LOOP
      v[hit.actor] := 5;
      told[hit.actor] := hit.eid;
      hashes[hit.actor] := hit.hash;
    END LOOP;
  END IF;

  IF r IS NOT NULL AND NOT blind THEN
    FOR hit IN SELECT n.actor, c.eid, t.status, CASE
        WHEN n.claims AND c.eid = n.eid THEN 1
        WHEN n.claims AND c.eid IS NULL AND n.expect IS NOT NULL THEN 3
        WHEN n.claims AND c.eid IS NOT NULL AND c.eid IS DISTINCT FROM n.expect THEN 6
        WHEN EXISTS (SELECT FROM dfns.run o WHERE o.eid = n.eid) THEN 3
        ELSE 0 END AS code
      FROM unnest(r) AS n
      LEFT JOIN dfns.current c ON n.claims AND c.namespace = n.namespace AND c.id = n.id
      LEFT JOIN dfns.run t ON t.eid = c.eid
      WHERE v[n.actor] = 0 LOOP
      v[hit.actor] := hit.code;
      IF hit.code = 6 THEN
        told[hit.actor] := hit.eid;
        statuses[hit.actor] := coalesce(hit.status, 0);
      END IF;
    END LOOP;
  END IF;

  -- What is refused goes from the sections, so that what is written below is all that is in them.
  IF 0 < ANY (v) THEN
    FOR i IN 1 .. cardinality(v) LOOP
      IF v[i] > 0 THEN a_seq[i] := NULL; END IF;
    END LOOP;
    r := (SELECT array_agg(n) FROM unnest(r) AS n WHERE v[n.actor] = 0);
    u := (SELECT array_agg(c) FROM unnest(u) AS c WHERE v[c.actor] = 0);
    SELECT array_agg(m.actor), array_agg(m.kind), array_agg(m.shard), array_agg(m.receiver), array_agg(m.accepted),
        array_agg(m.sender), array_agg(m.number), array_agg(m.message)
      INTO m_actor, m_kind, m_shard, m_receiver, m_accepted, m_sender, m_number, m_message
      FROM unnest(m_actor, m_kind, m_shard, m_receiver, m_accepted, m_sender, m_number, m_message)
        AS m(actor, kind, shard, receiver, accepted, sender, number, message)
      WHERE v[m.actor] = 0;
    SELECT array_agg(x.actor), array_agg(x.eid), array_agg(x.name), array_agg(x.type), array_agg(x.value)
      INTO x_actor, x_eid, x_name, x_type, x_value
      FROM unnest(x_actor, x_eid, x_name, x_type, x_value) AS x(actor, eid, name, type, value)
      WHERE v[x.actor] = 0;
    SELECT array_agg(s.actor), array_agg(s.eid), array_agg(s.first), array_agg(s.last), array_agg(s.turns),
        array_agg(s.folds)
      INTO s_actor, s_eid, s_first, s_last, s_turns, s_folds
      FROM unnest(s_actor, s_eid, s_first, s_last, s_turns, s_folds) AS s(actor, eid, first, last, turns, folds)
      WHERE v[s.actor] = 0;
    SELECT array_agg(k.actor), array_agg(k.namespace), array_agg(k.key), array_agg(k.hash), array_agg(k.eid),
        array_agg(k.expires_at)
      INTO k_actor, k_namespace, k_key, k_hash, k_eid, k_expires_at
      FROM unnest(k_actor, k_namespace, k_key, k_hash, k_eid, k_expires_at)
        AS k(actor, namespace, key, hash, eid, expires_at)
      WHERE v[k.actor] = 0;
  END IF;

  IF r IS NOT NULL THEN
    INSERT INTO dfns.current SELECT n.namespace, n.id, n.eid FROM unnest(r) AS n
      WHERE n.claims AND n.expect IS NULL;
    IF p_replaces THEN
      SELECT count(*) INTO expected FROM unnest(r) AS n WHERE n.claims AND n.expect IS NOT NULL;
      UPDATE dfns.current c SET eid = n.eid FROM unnest(r) AS n
        WHERE n.claims AND c.namespace = n.namespace AND c.id = n.id AND c.eid = n.expect;
      GET DIAGNOSTICS written = ROW_COUNT;
      IF written <> expected THEN RAISE EXCEPTION 'an id was moved meanwhile' USING ERRCODE = 'DF001'; END IF;
    END IF;

    INSERT INTO dfns.run (eid, first, namespace, id, run_id, workflow, version, build, shard, started_at, closed_at,
        wake_at, seed, lineage, parent, details, deadline, run_deadline, started_by, turns, bytes, last_error, status,
        held, attributes, waiting, headers, input, output, carry)
      SELECT n.eid, n.first, n.namespace, n.id, n.run_id, n.workflow, n.version, n.build, n.shard, n.started_at,
        n.closed_at, n.wake_at, n.seed, n.lineage, n.parent, n.details, n.deadline, n.run_deadline, n.started_by,
        n.turns, n.bytes, n.last_error, n.status, n.held, n.attributes, n.waiting, n.headers, n.input, n.output, n.carry
      FROM unnest(r) AS n;
  END IF;

  IF u IS NOT NULL THEN
    -- A bit a column, in the order in which the patch has them. All that end have the first nine of them.
    IF p_columns = 511 THEN
      UPDATE dfns.run t SET status = c.status, closed_at = c.closed_at, wake_at = c.wake_at, output = c.output,
          turns = c.turns, bytes = c.bytes, waiting = c.waiting, last_error = c.last_error, build = c.build
        FROM unnest(u) AS c WHERE t.eid = c.eid;
    ELSE
      UPDATE dfns.run t SET
          status = CASE WHEN c.columns & 1 = 0 THEN t.status ELSE c.status END,
          closed_at = CASE WHEN c.columns & 2 = 0 THEN t.closed_at ELSE c.closed_at END,
          wake_at = CASE WHEN c.columns & 4 = 0 THEN t.wake_at ELSE c.wake_at END,
          output = CASE WHEN c.columns & 8 = 0 THEN t.output ELSE c.output END,
          turns = CASE WHEN c.columns & 16 = 0 THEN t.turns ELSE c.turns END,
          bytes = CASE WHEN c.columns & 32 = 0 THEN t.bytes ELSE c.bytes END,
          waiting = CASE WHEN c.columns & 64 = 0 THEN t.waiting ELSE c.waiting END,
          last_error = CASE WHEN c.columns & 128 = 0 THEN t.last_error ELSE c.last_error END,
          build = CASE WHEN c.columns & 256 = 0 THEN t.build ELSE c.build END,
          held = CASE WHEN c.columns & 512 = 0 THEN t.held ELSE c.held END,
          attributes = CASE WHEN c.columns & 1024 = 0 THEN t.attributes ELSE c.attributes END,
          details = CASE WHEN c.columns & 2048 = 0 THEN t.details ELSE c.details END,
          seed = CASE WHEN c.columns & 4096 = 0 THEN t.seed ELSE c.seed END,
          lineage = CASE WHEN c.columns & 8192 = 0 THEN t.lineage ELSE c.lineage END
        FROM unnest(u) AS c WHERE t.eid = c.eid;
    END IF;
    GET DIAGNOSTICS written = ROW_COUNT;
    IF written <> cardinality(u) THEN RAISE EXCEPTION 'a run went meanwhile' USING ERRCODE = 'DF001'; END IF;
    IF p_columns & 1024 <> 0 THEN
      DELETE FROM dfns.attribute x USING unnest(u) AS c
        WHERE c.columns & 1024 <> 0 AND x.eid = c.eid;
    END IF;
  END IF;

  IF x_actor IS NOT NULL THEN
    INSERT INTO dfns.attribute (eid, name, namespace, type, value, started_at)
      SELECT x.eid, x.name, t.namespace, x.type, x.value, t.started_at
      FROM unnest(x_actor, x_eid, x_name, x_type, x_value) AS x(actor, eid, name, type, value)
      JOIN dfns.run t ON t.eid = x.eid;
  END IF;

  INSERT INTO dfns.journal SELECT a.eid, a.seq, p_commit, a.turn
    FROM unnest(a_eid, a_seq, a_turn) AS a(eid, seq, turn) WHERE a.seq IS NOT NULL;

  IF s_actor IS NOT NULL THEN
    INSERT INTO dfns.snapshot AS t SELECT s.eid, s.first, s.last, p_commit, s.turns
      FROM unnest(s_actor, s_eid, s_first, s_last, s_turns) AS s(actor, eid, first, last, turns)
      ON CONFLICT (eid, first_seq) DO UPDATE
        SET last_seq = excluded.last_seq, commit_id = excluded.commit_id, turns = excluded.turns;
    DELETE FROM dfns.journal j
      USING unnest(s_actor, s_eid, s_first, s_last, s_folds) AS s(actor, eid, first, last, folds)
      WHERE s.folds AND j.eid = s.eid AND j.seq BETWEEN s.first AND s.last;
  END IF;

  IF m_actor IS NOT NULL THEN
    -- Those taken without a turn may be gone.
    SELECT count(*) INTO expected FROM unnest(m_actor, m_kind) AS m(actor, kind)
      WHERE m.kind = 0 AND a_seq[m.actor] IS NOT NULL;
    WITH taken AS (
      DELETE FROM dfns.inbox i
        USING unnest(m_actor, m_kind, m_shard, m_receiver, m_accepted, m_sender, m_number)
          AS m(actor, kind, shard, receiver, accepted, sender, number)
        WHERE m.kind = 0 AND i.shard = m.shard AND i.receiver = m.receiver
          AND i.accepted = m.accepted AND i.sender = m.sender AND i.number = m.number
        RETURNING m.actor
    ) SELECT count(*) INTO written FROM taken WHERE a_seq[taken.actor] IS NOT NULL;
    IF written <> expected THEN RAISE EXCEPTION 'a message went meanwhile' USING ERRCODE = 'DF001'; END IF;

    INSERT INTO dfns.inbox SELECT m.shard, m.receiver, m.accepted, m.sender, m.number, m.message
      FROM unnest(m_actor, m_kind, m_shard, m_receiver, m_accepted, m_sender, m_number, m_message)
        AS m(actor, kind, shard, receiver, accepted, sender, number, message)
      WHERE m.kind = 1;
    INSERT INTO dfns.inbox SELECT m.shard, m.receiver, m.accepted, m.sender, m.number, m.message
      FROM unnest(m_actor, m_kind, m_shard, m_receiver, m_accepted, m_sender, m_number, m_message)
        AS m(actor, kind, shard, receiver, accepted, sender, number, message)
      WHERE m.kind = 2 ON CONFLICT DO NOTHING;
  END IF;

  IF k_actor IS NOT NULL THEN
    -- Two statements, since an upsert would look for the run of a row that it waited for in a view from before.
    DELETE FROM dfns.idempotency i USING unnest(k_actor, k_namespace, k_key, k_eid) AS k(actor, namespace, key, eid)
      WHERE i.namespace = k.namespace AND i.key = k.key
        AND (i.expires_at <= dfns.clock_ms() OR i.eid = k.eid
          OR NOT EXISTS (SELECT FROM dfns.run t WHERE t.eid = i.eid));
    INSERT INTO dfns.idempotency SELECT k.namespace, k.key, k.hash, k.eid, k.expires_at
      FROM unnest(k_actor, k_namespace, k_key, k_hash, k_eid, k_expires_at)
        AS k(actor, namespace, key, hash, eid, expires_at)
      ORDER BY k.namespace, k.key;
  END IF;

  IF 0 < ANY (v) THEN
    RETURN json_build_array(seen, pg_postmaster_start_time(), (SELECT json_agg(CASE
        WHEN code < 5 THEN json_build_array(code)
        ELSE json_build_array(code, told[i], coalesce(to_json(hashes[i]), to_json(statuses[i]))) END ORDER BY i)
      FROM unnest(v) WITH ORDINALITY AS a(code, i)));
  END IF;
  RETURN CASE WHEN sure THEN NULL ELSE json_build_array(seen, pg_postmaster_start_time(), NULL) END;
END
$$;
`;
