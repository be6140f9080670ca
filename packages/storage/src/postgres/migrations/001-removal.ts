/** Deletes whole executions. The row of its id is locked first: a commit that makes another run of it waits, and fails. */
export const REMOVAL = `
CREATE FUNCTION dfns.remove_chain_1(p_first bigint, p_shard integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  chain bigint[] := ARRAY(SELECT eid FROM dfns.run WHERE eid = p_first
    UNION SELECT eid FROM dfns.run WHERE first = p_first AND first <> eid);
BEGIN
  DELETE FROM dfns.attribute WHERE eid = ANY (chain);
  DELETE FROM dfns.journal WHERE eid = ANY (chain);
  DELETE FROM dfns.snapshot WHERE eid = ANY (chain);
  DELETE FROM dfns.run WHERE eid = ANY (chain);
  DELETE FROM dfns.inbox WHERE shard = p_shard AND receiver = p_first;
END
$$;

CREATE FUNCTION dfns.remove_1(p_namespace text, p_id text, p_first bigint, p_lock_ms integer)
RETURNS text LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  pointed record;
BEGIN
  PERFORM set_config('lock_timeout', p_lock_ms::text, true);
  PERFORM FROM dfns.current WHERE namespace = p_namespace AND id = p_id FOR UPDATE;
  SELECT t.first, t.shard, t.status INTO pointed FROM dfns.current c JOIN dfns.run t ON t.eid = c.eid
    WHERE c.namespace = p_namespace AND c.id = p_id;
  IF NOT FOUND OR pointed.first <> p_first THEN RETURN 'absent'; END IF;
  IF pointed.status = 0 THEN RETURN 'open'; END IF;
  PERFORM dfns.remove_chain_1(p_first, pointed.shard);
  DELETE FROM dfns.current WHERE namespace = p_namespace AND id = p_id;
  RETURN 'removed';
END
$$;

-- No run of the chain is open, and none closed after this one.
CREATE FUNCTION dfns.is_last_1(p_first bigint, p_eid bigint, p_closed double precision) RETURNS boolean
LANGUAGE sql VOLATILE AS $$
  SELECT NOT EXISTS (SELECT FROM dfns.run WHERE eid = p_first AND eid <> p_eid
      AND (closed_at IS NULL OR (closed_at, eid) > (p_closed, p_eid)))
    AND NOT EXISTS (SELECT FROM dfns.run WHERE first = p_first AND first <> eid AND eid <> p_eid
      AND (closed_at IS NULL OR (closed_at, eid) > (p_closed, p_eid)))
$$;

-- A rule without a workflow is for those that no other one names. Workflows are looked for one behind the other: there
-- are few, and many runs of each. The row of an id that somebody else has locked is left for another time. What is found
-- is looked at again once the row is locked: a retry may have come between.
CREATE FUNCTION dfns.retire_1(p_incarnation text, p_workflow text[], p_status integer[], p_before double precision[],
  p_limit integer, p_lock_ms integer)
RETURNS TABLE (eid bigint, first bigint, namespace text, id text, run_id text, workflow text, version integer,
  started_at double precision, turns bigint, status integer, attributes text) LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
DECLARE
  own integer[] := ARRAY(SELECT s.shard FROM dfns.shard s WHERE s.owner = p_incarnation);
  named text[] := array_remove(p_workflow, NULL);
  hit record;
BEGIN
  PERFORM set_config('lock_timeout', p_lock_ms::text, true);
  FOR hit IN WITH RECURSIVE names AS (
      (SELECT t.workflow FROM dfns.run t WHERE t.status NOT IN (0, 6) ORDER BY t.workflow LIMIT 1)
      UNION ALL
      SELECT (SELECT t.workflow FROM dfns.run t WHERE t.status NOT IN (0, 6) AND t.workflow > n.workflow
        ORDER BY t.workflow LIMIT 1)
      FROM names n WHERE n.workflow IS NOT NULL
    ), rules AS MATERIALIZED (
      SELECT n.workflow, r.status, r.before FROM names n
      JOIN unnest(p_workflow, p_status, p_before) AS r(workflow, status, before)
        ON r.workflow = n.workflow OR (r.workflow IS NULL AND n.workflow <> ALL (named))
    )
    SELECT d.* FROM rules r CROSS JOIN LATERAL (
      SELECT t.* FROM dfns.run t
      WHERE t.workflow = r.workflow AND t.status = r.status AND t.status NOT IN (0, 6) AND t.closed_at < r.before
        AND t.shard = ANY (own) AND dfns.is_last_1(t.first, t.eid, t.closed_at)
      ORDER BY t.closed_at LIMIT p_limit) AS d
    ORDER BY d.closed_at LIMIT p_limit LOOP
    PERFORM FROM dfns.current c WHERE c.namespace = hit.namespace AND c.id = hit.id FOR UPDATE SKIP LOCKED;
    CONTINUE WHEN NOT FOUND
      AND EXISTS (SELECT FROM dfns.current c WHERE c.namespace = hit.namespace AND c.id = hit.id);
    CONTINUE WHEN NOT EXISTS (SELECT FROM dfns.run t WHERE t.eid = hit.eid)
      OR NOT dfns.is_last_1(hit.first, hit.eid, hit.closed_at);
    DELETE FROM dfns.current c USING dfns.run t
      WHERE c.namespace = hit.namespace AND c.id = hit.id AND t.eid = c.eid AND t.first = hit.first;
    PERFORM dfns.remove_chain_1(hit.first, hit.shard);
    RETURN QUERY SELECT hit.eid, hit.first, hit.namespace, hit.id, hit.run_id, hit.workflow, hit.version,
      hit.started_at, hit.turns, hit.status, hit.attributes;
  END LOOP;
END
$$;
`;
