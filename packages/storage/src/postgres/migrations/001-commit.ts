/**
 * `dfns.commit_1`: a batch as one statement. A function, since each statement in it sees what was committed before that
 * statement began: the fence is locked first, and what is read and checked after it cannot be older. All arrays of a
 * section have one length, and a section without entries is null. `actor` counts from 1.
 *
 * It answers null where all is done, else the verdicts as JSON: [code] or [code, eid, status or hash]. What was written
 * by somebody else in between raises an error (unique_violation, or DF001), which undoes all: it is then called again.
 *
 * Plans are made once a connection, perhaps while the tables are empty, so scans of whole tables are ruled out.
 */
export const COMMIT = `
CREATE FUNCTION dfns.commit_1(
  p_incarnation text, p_try bigint, p_commit text, p_lock_ms integer,
  f_shard integer[], f_epoch bigint[],
  a_fence integer[], a_eid bigint[], a_prev integer[], a_seq integer[], a_turn bytea[],
  m_actor integer[], m_kind integer[], m_shard integer[], m_receiver bigint[], m_accepted double precision[],
  m_sender bigint[], m_number bigint[], m_message bytea[],
  r_actor integer[], r_patch integer[], r_claims boolean[], r_expect bigint[],
  r_eid bigint[], r_first bigint[], r_namespace text[], r_id text[], r_run_id text[], r_workflow text[],
  r_version integer[], r_build text[], r_shard integer[], r_started_at double precision[],
  r_closed_at double precision[], r_wake_at double precision[], r_seed bigint[], r_lineage text[], r_parent bigint[],
  r_details text[], r_deadline double precision[], r_run_deadline double precision[], r_started_by text[],
  r_turns bigint[], r_bytes bigint[], r_last_error text[], r_status integer[], r_held text[], r_attributes text[],
  r_waiting text[], r_headers text[], r_input bytea[], r_output bytea[], r_carry bytea[],
  x_actor integer[], x_eid bigint[], x_name text[], x_type integer[], x_value text[],
  s_actor integer[], s_eid bigint[], s_first integer[], s_last integer[], s_turns bytea[], s_folds boolean[],
  k_actor integer[], k_namespace text[], k_key text[], k_hash text[], k_eid bigint[], k_expires_at double precision[]
) RETURNS json LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  -- A code an actor: 0 to be written, 1 landed before, 2 fenced, 3 conflict, 4 already taken, 5 duplicate, 6 exists.
  v integer[];
  held integer[];
  told bigint[];
  statuses integer[];
  hashes text[];
  hit record;
  expected bigint;
  n bigint;
BEGIN
  PERFORM set_config('lock_timeout', p_lock_ms::text, true);
  IF current_setting('synchronous_commit') = 'off' THEN
    PERFORM set_config('synchronous_commit', 'on', true);
  END IF;

  UPDATE dfns.lane SET try = p_try WHERE incarnation = p_incarnation AND try < p_try;
  IF FOUND THEN
    -- The epoch stands in the clause that locks: a row that was changed while this waited is looked at again.
    SELECT array_agg(i) INTO held FROM (
      SELECT f.i FROM dfns.shard s JOIN unnest(f_shard, f_epoch) WITH ORDINALITY AS f(shard, epoch, i)
        ON s.shard = f.shard AND s.epoch = f.epoch
      WHERE s.owner = p_incarnation ORDER BY s.shard FOR SHARE OF s
    ) AS own;
  END IF;

  SELECT array_agg(CASE
    WHEN held IS NULL OR a.fence <> ALL (held) THEN 2
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

  IF r_actor IS NOT NULL THEN
    FOR hit IN SELECT r.actor FROM unnest(r_actor, r_patch, r_eid) AS r(actor, patch, eid)
      WHERE r.patch IS NOT NULL AND v[r.actor] = 0
        AND NOT EXISTS (SELECT FROM dfns.run t WHERE t.eid = r.eid) LOOP
      v[hit.actor] := 3;
    END LOOP;
  END IF;

  IF m_actor IS NOT NULL THEN
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

  IF r_actor IS NOT NULL THEN
    FOR hit IN SELECT r.actor, c.eid, t.status, CASE
        WHEN r.claims AND c.eid = r.eid THEN 1
        WHEN r.claims AND c.eid IS NULL AND r.expect IS NOT NULL THEN 3
        WHEN r.claims AND c.eid IS NOT NULL AND c.eid IS DISTINCT FROM r.expect THEN 6
        WHEN EXISTS (SELECT FROM dfns.run o WHERE o.eid = r.eid) THEN 3
        ELSE 0 END AS code
      FROM unnest(r_actor, r_patch, r_claims, r_expect, r_eid, r_namespace, r_id)
        AS r(actor, patch, claims, expect, eid, namespace, id)
      LEFT JOIN dfns.current c ON r.claims AND c.namespace = r.namespace AND c.id = r.id
      LEFT JOIN dfns.run t ON t.eid = c.eid
      WHERE r.patch IS NULL AND v[r.actor] = 0 LOOP
      v[hit.actor] := hit.code;
      IF hit.code = 6 THEN
        told[hit.actor] := hit.eid;
        statuses[hit.actor] := coalesce(hit.status, 0);
      END IF;
    END LOOP;

    INSERT INTO dfns.current SELECT r.namespace, r.id, r.eid
      FROM unnest(r_actor, r_patch, r_claims, r_expect, r_eid, r_namespace, r_id)
        AS r(actor, patch, claims, expect, eid, namespace, id)
      WHERE r.patch IS NULL AND r.claims AND r.expect IS NULL AND v[r.actor] = 0;
    UPDATE dfns.current c SET eid = r.eid
      FROM unnest(r_actor, r_patch, r_claims, r_expect, r_eid, r_namespace, r_id)
        AS r(actor, patch, claims, expect, eid, namespace, id)
      WHERE r.patch IS NULL AND r.claims AND v[r.actor] = 0
        AND c.namespace = r.namespace AND c.id = r.id AND c.eid = r.expect;
    GET DIAGNOSTICS n = ROW_COUNT;
    SELECT count(*) INTO expected FROM unnest(r_actor, r_patch, r_claims, r_expect) AS r(actor, patch, claims, expect)
      WHERE r.patch IS NULL AND r.claims AND r.expect IS NOT NULL AND v[r.actor] = 0;
    IF n <> expected THEN RAISE EXCEPTION 'an id was moved meanwhile' USING ERRCODE = 'DF001'; END IF;

    INSERT INTO dfns.run (eid, first, namespace, id, run_id, workflow, version, build, shard, started_at, closed_at,
        wake_at, seed, lineage, parent, details, deadline, run_deadline, started_by, turns, bytes, last_error, status,
        held, attributes, waiting, headers, input, output, carry)
      SELECT r.eid, r.first, r.namespace, r.id, r.run_id, r.workflow, r.version, r.build, r.shard, r.started_at,
        r.closed_at, r.wake_at, r.seed, r.lineage, r.parent, r.details, r.deadline, r.run_deadline, r.started_by,
        r.turns, r.bytes, r.last_error, r.status, r.held, r.attributes, r.waiting, r.headers, r.input, r.output, r.carry
      FROM unnest(r_actor, r_patch, r_eid, r_first, r_namespace, r_id, r_run_id, r_workflow, r_version, r_build,
          r_shard, r_started_at, r_closed_at, r_wake_at, r_seed, r_lineage, r_parent, r_details, r_deadline,
          r_run_deadline, r_started_by, r_turns, r_bytes, r_last_error, r_status, r_held, r_attributes, r_waiting,
          r_headers, r_input, r_output, r_carry)
        AS r(actor, patch, eid, first, namespace, id, run_id, workflow, version, build, shard, started_at, closed_at,
          wake_at, seed, lineage, parent, details, deadline, run_deadline, started_by, turns, bytes, last_error,
          status, held, attributes, waiting, headers, input, output, carry)
      WHERE r.patch IS NULL AND v[r.actor] = 0;

    -- A bit a column, in the order in which the patch has them.
    UPDATE dfns.run t SET
        status = CASE WHEN r.patch & 1 = 0 THEN t.status ELSE r.status END,
        closed_at = CASE WHEN r.patch & 2 = 0 THEN t.closed_at ELSE r.closed_at END,
        wake_at = CASE WHEN r.patch & 4 = 0 THEN t.wake_at ELSE r.wake_at END,
        output = CASE WHEN r.patch & 8 = 0 THEN t.output ELSE r.output END,
        turns = CASE WHEN r.patch & 16 = 0 THEN t.turns ELSE r.turns END,
        bytes = CASE WHEN r.patch & 32 = 0 THEN t.bytes ELSE r.bytes END,
        waiting = CASE WHEN r.patch & 64 = 0 THEN t.waiting ELSE r.waiting END,
        last_error = CASE WHEN r.patch & 128 = 0 THEN t.last_error ELSE r.last_error END,
        build = CASE WHEN r.patch & 256 = 0 THEN t.build ELSE r.build END,
        held = CASE WHEN r.patch & 512 = 0 THEN t.held ELSE r.held END,
        attributes = CASE WHEN r.patch & 1024 = 0 THEN t.attributes ELSE r.attributes END,
        details = CASE WHEN r.patch & 2048 = 0 THEN t.details ELSE r.details END,
        seed = CASE WHEN r.patch & 4096 = 0 THEN t.seed ELSE r.seed END,
        lineage = CASE WHEN r.patch & 8192 = 0 THEN t.lineage ELSE r.lineage END
      FROM unnest(r_actor, r_patch, r_eid, r_status, r_closed_at, r_wake_at, r_output, r_turns, r_bytes, r_waiting,
          r_last_error, r_build, r_held, r_attributes, r_details, r_seed, r_lineage)
        AS r(actor, patch, eid, status, closed_at, wake_at, output, turns, bytes, waiting, last_error, build, held,
          attributes, details, seed, lineage)
      WHERE r.patch IS NOT NULL AND v[r.actor] = 0 AND t.eid = r.eid;
    GET DIAGNOSTICS n = ROW_COUNT;
    SELECT count(*) INTO expected FROM unnest(r_actor, r_patch) AS r(actor, patch)
      WHERE r.patch IS NOT NULL AND v[r.actor] = 0;
    IF n <> expected THEN RAISE EXCEPTION 'a run went meanwhile' USING ERRCODE = 'DF001'; END IF;

    DELETE FROM dfns.attribute x USING unnest(r_actor, r_patch, r_eid) AS r(actor, patch, eid)
      WHERE r.patch & 1024 <> 0 AND v[r.actor] = 0 AND x.eid = r.eid;
    IF x_actor IS NOT NULL THEN
      INSERT INTO dfns.attribute (eid, name, namespace, type, value, started_at)
        SELECT x.eid, x.name, t.namespace, x.type, x.value, t.started_at
        FROM unnest(x_actor, x_eid, x_name, x_type, x_value) AS x(actor, eid, name, type, value)
        JOIN dfns.run t ON t.eid = x.eid WHERE v[x.actor] = 0;
    END IF;
  END IF;

  INSERT INTO dfns.journal SELECT a.eid, a.seq, p_commit, a.turn
    FROM unnest(a_eid, a_seq, a_turn) WITH ORDINALITY AS a(eid, seq, turn, i)
    WHERE a.seq IS NOT NULL AND v[a.i] = 0;

  IF s_actor IS NOT NULL THEN
    INSERT INTO dfns.snapshot AS t SELECT s.eid, s.first, s.last, p_commit, s.turns
      FROM unnest(s_actor, s_eid, s_first, s_last, s_turns) AS s(actor, eid, first, last, turns)
      WHERE v[s.actor] = 0
      ON CONFLICT (eid, first_seq) DO UPDATE
        SET last_seq = excluded.last_seq, commit_id = excluded.commit_id, turns = excluded.turns;
    DELETE FROM dfns.journal j
      USING unnest(s_actor, s_eid, s_first, s_last, s_folds) AS s(actor, eid, first, last, folds)
      WHERE s.folds AND v[s.actor] = 0 AND j.eid = s.eid AND j.seq BETWEEN s.first AND s.last;
  END IF;

  IF m_actor IS NOT NULL THEN
    -- Those taken without a turn may be gone.
    SELECT count(*) INTO expected FROM unnest(m_actor, m_kind) AS m(actor, kind)
      WHERE m.kind = 0 AND v[m.actor] = 0 AND a_seq[m.actor] IS NOT NULL;
    WITH taken AS (
      DELETE FROM dfns.inbox i
        USING unnest(m_actor, m_kind, m_shard, m_receiver, m_accepted, m_sender, m_number)
          AS m(actor, kind, shard, receiver, accepted, sender, number)
        WHERE m.kind = 0 AND v[m.actor] = 0 AND i.shard = m.shard AND i.receiver = m.receiver
          AND i.accepted = m.accepted AND i.sender = m.sender AND i.number = m.number
        RETURNING m.actor
    ) SELECT count(*) INTO n FROM taken WHERE a_seq[taken.actor] IS NOT NULL;
    IF n <> expected THEN RAISE EXCEPTION 'a message went meanwhile' USING ERRCODE = 'DF001'; END IF;

    INSERT INTO dfns.inbox SELECT m.shard, m.receiver, m.accepted, m.sender, m.number, m.message
      FROM unnest(m_actor, m_kind, m_shard, m_receiver, m_accepted, m_sender, m_number, m_message)
        AS m(actor, kind, shard, receiver, accepted, sender, number, message)
      WHERE m.kind = 1 AND v[m.actor] = 0;
    INSERT INTO dfns.inbox SELECT m.shard, m.receiver, m.accepted, m.sender, m.number, m.message
      FROM unnest(m_actor, m_kind, m_shard, m_receiver, m_accepted, m_sender, m_number, m_message)
        AS m(actor, kind, shard, receiver, accepted, sender, number, message)
      WHERE m.kind = 2 AND v[m.actor] = 0 ON CONFLICT DO NOTHING;
  END IF;

  IF k_actor IS NOT NULL THEN
    -- Two statements, since an upsert would look for the run of a row that it waited for in a view from before.
    DELETE FROM dfns.idempotency i USING unnest(k_actor, k_namespace, k_key, k_eid) AS k(actor, namespace, key, eid)
      WHERE v[k.actor] = 0 AND i.namespace = k.namespace AND i.key = k.key
        AND (i.expires_at <= dfns.clock_ms() OR i.eid = k.eid
          OR NOT EXISTS (SELECT FROM dfns.run t WHERE t.eid = i.eid));
    INSERT INTO dfns.idempotency SELECT k.namespace, k.key, k.hash, k.eid, k.expires_at
      FROM unnest(k_actor, k_namespace, k_key, k_hash, k_eid, k_expires_at)
        AS k(actor, namespace, key, hash, eid, expires_at)
      WHERE v[k.actor] = 0 ORDER BY k.namespace, k.key;
  END IF;

  IF 1 < ANY (v) THEN
    RETURN (SELECT json_agg(CASE
        WHEN code < 5 THEN json_build_array(code)
        ELSE json_build_array(code, told[i], coalesce(to_json(hashes[i]), to_json(statuses[i]))) END ORDER BY i)
      FROM unnest(v) WITH ORDINALITY AS a(code, i));
  END IF;
  RETURN NULL;
END
$$;
`;
