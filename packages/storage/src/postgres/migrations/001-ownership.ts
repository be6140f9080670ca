/**
 * Who lives and who owns what. A lease that is over by the store's clock is over for good: whoever waits for a shard
 * marks its owner dead, and the owner's next renewal is refused.
 */
export const OWNERSHIP = `
CREATE FUNCTION dfns.join_1(
  p_incarnation text, p_address text, p_build text, p_lease_ms double precision, p_shards integer,
  p_workflows text, p_transport boolean, p_state text, p_residents bigint, p_loop_lag_ms double precision,
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
    INSERT INTO dfns.shard SELECT n, 0, NULL, NULL, true, NULL FROM generate_series(0, p_shards - 1) AS n;
    shards := p_shards;
  ELSIF shards <> p_shards THEN
    outcome := 'shards';
    RETURN;
  END IF;
  SELECT * INTO known FROM dfns.node WHERE incarnation = p_incarnation FOR UPDATE;
  IF FOUND AND (known.dead OR known.lease_until <= now) THEN
    UPDATE dfns.node SET dead = true WHERE incarnation = p_incarnation;
    IF NOT known.dead THEN UPDATE dfns.meta SET value = value + 1 WHERE key = 'membership'; END IF;
    outcome := 'ended';
    RETURN;
  END IF;
  INSERT INTO dfns.node VALUES (p_incarnation, ordinal, p_address, p_build, p_lease_ms, now + p_lease_ms, false,
      'serve', coalesce(p_workflows, known.workflows, '[]'), coalesce(p_transport, known.transport, true),
      coalesce(p_state, known.state, 'ready'), coalesce(p_residents, known.residents, 0),
      coalesce(p_loop_lag_ms, known.loop_lag_ms, 0))
    ON CONFLICT (incarnation) DO UPDATE SET address = excluded.address, build = excluded.build,
      lease_ms = excluded.lease_ms, lease_until = excluded.lease_until, workflows = excluded.workflows,
      transport = excluded.transport, state = excluded.state, residents = excluded.residents,
      loop_lag_ms = excluded.loop_lag_ms;
  INSERT INTO dfns.lane VALUES (p_incarnation, 0, 0) ON CONFLICT DO NOTHING;
  -- Nobody who ended a week ago comes back.
  WITH old AS (
    DELETE FROM dfns.node n WHERE n.lease_until < now - 604800000
      AND NOT EXISTS (SELECT FROM dfns.shard s WHERE s.owner = n.incarnation) RETURNING n.incarnation
  ) DELETE FROM dfns.lane l USING old WHERE l.incarnation = old.incarnation;
  UPDATE dfns.meta SET value = value + 1 WHERE key = 'membership';
  outcome := 'joined';
END
$$;

-- The row is locked before the clock is read: what was over while this waited is over. The report may be null.
CREATE FUNCTION dfns.renew_1(
  p_incarnation text, p_transport boolean, p_state text, p_residents bigint, p_loop_lag_ms double precision,
  OUT alive boolean, OUT now double precision, OUT version bigint, OUT owned json
) LANGUAGE plpgsql AS $$
DECLARE
  known dfns.node;
BEGIN
  SELECT * INTO known FROM dfns.node WHERE incarnation = p_incarnation AND NOT dead FOR UPDATE;
  alive := FOUND;
  now := dfns.clock_ms();
  IF alive AND known.lease_until <= now THEN
    alive := false;
    UPDATE dfns.node SET dead = true WHERE incarnation = p_incarnation;
    UPDATE dfns.meta SET value = value + 1 WHERE key = 'membership';
  ELSIF alive THEN
    UPDATE dfns.node SET lease_until = now + lease_ms, transport = coalesce(p_transport, transport),
        state = coalesce(p_state, state), residents = coalesce(p_residents, residents),
        loop_lag_ms = coalesce(p_loop_lag_ms, loop_lag_ms)
      WHERE incarnation = p_incarnation;
    IF p_transport <> known.transport OR p_state <> known.state THEN
      UPDATE dfns.meta SET value = value + 1 WHERE key = 'membership';
    END IF;
  END IF;
  SELECT value INTO version FROM dfns.meta WHERE key = 'membership';
  SELECT coalesce(json_agg(json_build_object('shard', shard, 'epoch', epoch)), '[]') INTO owned
    FROM dfns.shard WHERE owner = p_incarnation;
END
$$;

CREATE FUNCTION dfns.leave_1(p_incarnation text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  UPDATE dfns.node SET dead = true WHERE incarnation = p_incarnation AND NOT dead;
  IF FOUND THEN UPDATE dfns.meta SET value = value + 1 WHERE key = 'membership'; END IF;
END
$$;

CREATE FUNCTION dfns.bury_1(p_incarnation text, p_lock_ms integer) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('lock_timeout', p_lock_ms::text, true);
  UPDATE dfns.node SET dead = true
    WHERE incarnation = p_incarnation AND NOT dead AND lease_until <= dfns.clock_ms();
  IF FOUND THEN UPDATE dfns.meta SET value = value + 1 WHERE key = 'membership'; END IF;
  RETURN NOT EXISTS (SELECT FROM dfns.node WHERE incarnation = p_incarnation AND NOT dead);
END
$$;

CREATE FUNCTION dfns.set_duty_1(p_incarnation text, p_duty text, p_lock_ms integer) RETURNS boolean LANGUAGE plpgsql
AS $$
DECLARE
  known dfns.node;
BEGIN
  PERFORM set_config('lock_timeout', p_lock_ms::text, true);
  SELECT * INTO known FROM dfns.node WHERE incarnation = p_incarnation AND NOT dead FOR UPDATE;
  IF NOT FOUND OR known.lease_until <= dfns.clock_ms() THEN RETURN false; END IF;
  IF known.duty <> p_duty THEN
    UPDATE dfns.node SET duty = p_duty WHERE incarnation = p_incarnation;
    UPDATE dfns.meta SET value = value + 1 WHERE key = 'membership';
  END IF;
  RETURN true;
END
$$;

CREATE FUNCTION dfns.acquire_1(
  p_shard integer, p_expect bigint, p_incarnation text, p_build text, p_lock_ms integer
) RETURNS TABLE (
  epoch bigint, owner text, build text, clean boolean, highest double precision, hand_over bytea
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  seen dfns.shard;
  locked dfns.shard;
  died boolean := false;
BEGIN
  PERFORM set_config('lock_timeout', p_lock_ms::text, true);
  PERFORM FROM dfns.node WHERE incarnation = p_incarnation AND NOT dead AND lease_until > dfns.clock_ms();
  IF NOT FOUND THEN RETURN; END IF;
  SELECT * INTO seen FROM dfns.shard WHERE shard = p_shard;
  IF NOT FOUND THEN RETURN; END IF;
  IF seen.owner IS DISTINCT FROM p_incarnation OR seen.epoch <> p_expect + 1 THEN
    IF seen.epoch <> p_expect THEN RETURN; END IF;
    IF seen.owner IS NOT NULL THEN
      UPDATE dfns.node SET dead = true
        WHERE incarnation = seen.owner AND NOT dead AND lease_until <= dfns.clock_ms();
      died := FOUND;
      PERFORM FROM dfns.node WHERE incarnation = seen.owner AND NOT dead;
      IF FOUND THEN RETURN; END IF;
      -- A process that was stopped in the middle of a commit may hold the row for as long as it likes.
      PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE application_name = left('dfns ' || seen.owner, 63) AND datname = current_database()
          AND usename = session_user AND pid <> pg_backend_pid();
      -- Its commits come before this, or find the shard gone.
      UPDATE dfns.lane SET moves = moves + 1 WHERE incarnation = seen.owner;
    END IF;
    SELECT * INTO locked FROM dfns.shard WHERE shard = p_shard FOR UPDATE;
    IF died THEN UPDATE dfns.meta SET value = value + 1 WHERE key = 'membership'; END IF;
    IF locked.epoch <> p_expect OR locked.owner IS DISTINCT FROM seen.owner THEN RETURN; END IF;
    UPDATE dfns.shard SET epoch = p_expect + 1, owner = p_incarnation, build = p_build, clean = locked.owner IS NULL
      WHERE shard = p_shard;
  END IF;
  RETURN QUERY SELECT s.epoch, s.owner, s.build, s.clean,
    coalesce((SELECT max(i.accepted) FROM dfns.inbox i WHERE i.shard = p_shard), 0::double precision), s.hand_over
    FROM dfns.shard s WHERE s.shard = p_shard;
END
$$;

CREATE FUNCTION dfns.release_1(
  p_incarnation text, p_shard integer[], p_epoch bigint[], p_hand_over bytea[], p_lock_ms integer
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('lock_timeout', p_lock_ms::text, true);
  UPDATE dfns.lane SET moves = moves + 1 WHERE incarnation = p_incarnation;
  UPDATE dfns.shard s SET owner = NULL, hand_over = r.hand_over
    FROM unnest(p_shard, p_epoch, p_hand_over) AS r(shard, epoch, hand_over)
    WHERE s.shard = r.shard AND s.epoch = r.epoch AND s.owner = p_incarnation;
END
$$;

CREATE FUNCTION dfns.resync_1(p_shard integer, p_epoch bigint, p_incarnation text, p_lock_ms integer)
RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('lock_timeout', p_lock_ms::text, true);
  UPDATE dfns.lane SET moves = moves + 1 WHERE incarnation = p_incarnation;
  UPDATE dfns.shard SET epoch = p_epoch + 1 WHERE shard = p_shard AND owner = p_incarnation AND epoch = p_epoch;
  RETURN (SELECT epoch FROM dfns.shard WHERE shard = p_shard AND owner = p_incarnation AND epoch = p_epoch + 1);
END
$$;
`;
