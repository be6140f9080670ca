/**
 * Who lives and who owns what. A lease that is over by the store's clock is over for good: whoever waits for a shard
 * marks its owner dead, and the owner's next renewal is refused.
 */
export const OWNERSHIP = `
CREATE FUNCTION dfns.join_1(
  p_incarnation text, p_address text, p_build text, p_lease_ms double precision, p_shards integer,
  OUT outcome text, OUT ordinal bigint, OUT now double precision, OUT shards bigint
) LANGUAGE plpgsql AS $$
DECLARE
  known dfns.node;
BEGIN
  -- One joins at a time, so that the shards are made once.
  UPDATE dfns.meta SET value = value + 1 WHERE key = 'ordinal' RETURNING value INTO ordinal;
  now := dfns.clock_ms();
  SELECT count(*) INTO shards FROM dfns.shard;
  IF shards = 0 THEN
    INSERT INTO dfns.shard SELECT n, 0, NULL, NULL, true FROM generate_series(0, p_shards - 1) AS n;
    shards := p_shards;
  ELSIF shards <> p_shards THEN
    outcome := 'shards';
    RETURN;
  END IF;
  SELECT * INTO known FROM dfns.node WHERE incarnation = p_incarnation FOR UPDATE;
  IF FOUND AND (known.dead OR known.lease_until <= now) THEN
    UPDATE dfns.node SET dead = true WHERE incarnation = p_incarnation;
    outcome := 'ended';
    RETURN;
  END IF;
  INSERT INTO dfns.node VALUES (p_incarnation, ordinal, p_address, p_build, p_lease_ms, now + p_lease_ms, false)
    ON CONFLICT (incarnation) DO UPDATE SET ordinal = excluded.ordinal, address = excluded.address,
      build = excluded.build, lease_ms = excluded.lease_ms, lease_until = excluded.lease_until;
  INSERT INTO dfns.lane VALUES (p_incarnation, 0) ON CONFLICT DO NOTHING;
  -- Nobody who ended a week ago comes back.
  WITH old AS (
    DELETE FROM dfns.node n WHERE n.lease_until < now - 604800000
      AND NOT EXISTS (SELECT FROM dfns.shard s WHERE s.owner = n.incarnation) RETURNING n.incarnation
  ) DELETE FROM dfns.lane l USING old WHERE l.incarnation = old.incarnation;
  outcome := 'joined';
END
$$;

CREATE FUNCTION dfns.acquire_1(
  p_shard integer, p_expect bigint, p_incarnation text, p_build text, p_lock_ms integer
) RETURNS TABLE (epoch bigint, owner text, build text, clean boolean, highest double precision) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  seen dfns.shard;
  locked dfns.shard;
BEGIN
  PERFORM set_config('lock_timeout', p_lock_ms::text, true);
  PERFORM FROM dfns.node WHERE incarnation = p_incarnation AND NOT dead AND lease_until > dfns.clock_ms();
  IF NOT FOUND THEN RETURN; END IF;
  SELECT * INTO seen FROM dfns.shard WHERE shard = p_shard;
  IF NOT FOUND THEN RETURN; END IF;
  IF seen.owner IS DISTINCT FROM p_incarnation OR seen.epoch <> p_expect + 1 THEN
    IF seen.epoch <> p_expect THEN RETURN; END IF;
    IF seen.owner IS NOT NULL THEN
      UPDATE dfns.node SET dead = true WHERE incarnation = seen.owner AND lease_until <= dfns.clock_ms();
      PERFORM FROM dfns.node WHERE incarnation = seen.owner AND NOT dead;
      IF FOUND THEN RETURN; END IF;
      -- A process that was stopped in the middle of a commit may hold the row for as long as it likes.
      PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE application_name = left('dfns ' || seen.owner, 63) AND datname = current_database()
          AND usename = session_user AND pid <> pg_backend_pid();
    END IF;
    SELECT * INTO locked FROM dfns.shard WHERE shard = p_shard FOR UPDATE;
    IF locked.epoch <> p_expect OR locked.owner IS DISTINCT FROM seen.owner THEN RETURN; END IF;
    UPDATE dfns.shard SET epoch = p_expect + 1, owner = p_incarnation, build = p_build, clean = locked.owner IS NULL
      WHERE shard = p_shard;
  END IF;
  RETURN QUERY SELECT s.epoch, s.owner, s.build, s.clean,
    coalesce((SELECT max(i.accepted) FROM dfns.inbox i WHERE i.shard = p_shard), 0::double precision)
    FROM dfns.shard s WHERE s.shard = p_shard;
END
$$;

CREATE FUNCTION dfns.resync_1(p_shard integer, p_epoch bigint, p_incarnation text, p_lock_ms integer)
RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('lock_timeout', p_lock_ms::text, true);
  UPDATE dfns.shard SET epoch = p_epoch + 1 WHERE shard = p_shard AND owner = p_incarnation AND epoch = p_epoch;
  RETURN (SELECT epoch FROM dfns.shard WHERE shard = p_shard AND owner = p_incarnation AND epoch = p_epoch + 1);
END
$$;
`;
