/** Deletes a whole execution. The row of its id is locked first: a commit that makes another run of it waits, and fails. */
export const REMOVAL = `
CREATE FUNCTION dfns.remove_1(p_namespace text, p_id text, p_first bigint, p_lock_ms integer)
RETURNS text LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  pointed record;
  chain bigint[];
BEGIN
  PERFORM set_config('lock_timeout', p_lock_ms::text, true);
  PERFORM FROM dfns.current WHERE namespace = p_namespace AND id = p_id FOR UPDATE;
  SELECT t.first, t.shard, t.status INTO pointed FROM dfns.current c JOIN dfns.run t ON t.eid = c.eid
    WHERE c.namespace = p_namespace AND c.id = p_id;
  IF NOT FOUND OR pointed.first <> p_first THEN RETURN 'absent'; END IF;
  IF pointed.status = 0 THEN RETURN 'open'; END IF;
  chain := ARRAY(SELECT eid FROM dfns.run WHERE eid = p_first
    UNION SELECT eid FROM dfns.run WHERE first = p_first AND first <> eid);
  DELETE FROM dfns.attribute WHERE eid = ANY (chain);
  DELETE FROM dfns.journal WHERE eid = ANY (chain);
  DELETE FROM dfns.snapshot WHERE eid = ANY (chain);
  DELETE FROM dfns.run WHERE eid = ANY (chain);
  DELETE FROM dfns.inbox WHERE shard = pointed.shard AND receiver = p_first;
  DELETE FROM dfns.current WHERE namespace = p_namespace AND id = p_id;
  RETURN 'removed';
END
$$;
`;
