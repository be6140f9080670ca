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

-- No run of the chain is open, or closed later.
CREATE FUNCTION dfns.is_over_1(p_first bigint, p_before double precision) RETURNS boolean LANGUAGE sql VOLATILE AS $$
  SELECT NOT EXISTS (SELECT FROM dfns.run WHERE eid = p_first AND (closed_at IS NULL OR closed_at >= p_before))
    AND NOT EXISTS (SELECT FROM dfns.run WHERE first = p_first AND first <> eid
      AND (closed_at IS NULL OR closed_at >= p_before))
$$;

-- The row of an id that somebody else has locked is left for another time. What is found is looked at again once the
-- row is locked: a retry may have come between.
CREATE FUNCTION dfns.retire_1(p_before double precision, p_limit integer, p_lock_ms integer)
RETURNS TABLE (namespace text, id text, first bigint) LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
DECLARE
  hit record;
BEGIN
  PERFORM set_config('lock_timeout', p_lock_ms::text, true);
  FOR hit IN SELECT t.first, t.namespace, t.id, t.shard FROM dfns.run t
    WHERE t.status NOT IN (0, 6) AND t.closed_at < p_before AND dfns.is_over_1(t.first, p_before)
    ORDER BY t.closed_at LIMIT p_limit LOOP
    PERFORM FROM dfns.current c WHERE c.namespace = hit.namespace AND c.id = hit.id FOR UPDATE SKIP LOCKED;
    CONTINUE WHEN NOT FOUND
      AND EXISTS (SELECT FROM dfns.current c WHERE c.namespace = hit.namespace AND c.id = hit.id);
    -- Of an execution that was retried two runs may be found.
    CONTINUE WHEN NOT EXISTS (SELECT FROM dfns.run t WHERE t.eid = hit.first)
      OR NOT dfns.is_over_1(hit.first, p_before);
    DELETE FROM dfns.current c USING dfns.run t
      WHERE c.namespace = hit.namespace AND c.id = hit.id AND t.eid = c.eid AND t.first = hit.first;
    PERFORM dfns.remove_chain_1(hit.first, hit.shard);
    namespace := hit.namespace;
    id := hit.id;
    first := hit.first;
    RETURN NEXT;
  END LOOP;
END
$$;
`;
