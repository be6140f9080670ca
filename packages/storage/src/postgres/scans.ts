import type { DuePlace, InboxKey, ScanFrom } from '@dfnsjs/actor-core/ports';
import type { Eid } from '@dfnsjs/actor-core/records';
import { RUN_COLUMNS } from '../rows/run-row.ts';
import { packArray } from './binary-array.ts';
import type { Query } from './query.ts';

/**
 * What the owner of shards reads, page by page, many shards in one statement: a search in an index for each, from its own
 * place and with a limit of its own.
 */

export function dueQuery(from: readonly ScanFrom<DuePlace>[], until: number, limit: number): Query {
  return {
    sql: `SELECT f.shard, d.eid, d.wake_at AS "wakeAt"
FROM unnest($1::integer[], $2::double precision[], $3::bigint[]) AS f(shard, wake_at, eid)
CROSS JOIN LATERAL (
  SELECT t.eid, t.wake_at FROM dfns.run t
  WHERE t.shard = f.shard AND t.wake_at IS NOT NULL AND t.status = 0 AND t.held IS NULL
    AND t.wake_at <= $4 AND (t.wake_at, t.eid) > (f.wake_at, f.eid)
  ORDER BY t.wake_at, t.eid LIMIT $5
) AS d ORDER BY d.wake_at, d.eid`,
    values: [
      shardsOf(from),
      packArray(
        'double',
        from.map(({ after }) => after?.wakeAt ?? -Infinity),
      ),
      packArray(
        'bigint',
        from.map(({ after }) => after?.eid ?? 0),
      ),
      until,
      limit,
    ],
  };
}

/**
 * Range by range between receivers that are held: of these no row is read, since one may have a great many. The ranges
 * stand in the order of their receivers, and no more of them are searched than fill the page.
 */
export function inboxQuery(from: readonly ScanFrom<InboxKey>[], limit: number): Query {
  return {
    sql: `SELECT i.*
FROM unnest($1::integer[], $2::bigint[], $3::double precision[], $4::bigint[], $5::bigint[])
  AS f(shard, receiver, accepted, sender, number)
CROSS JOIN LATERAL (
  SELECT r.* FROM (
    SELECT p.*, lead(p.receiver, 1, 9223372036854775807) OVER (ORDER BY p.receiver, p.accepted) AS until FROM (
      SELECT f.receiver, f.accepted, f.sender, f.number
      UNION ALL
      SELECT t.first, 'Infinity', 0, 0 FROM dfns.run t
      WHERE t.shard = f.shard AND t.held IS NOT NULL AND t.status = 0 AND t.first >= f.receiver
    ) AS p ORDER BY p.receiver, p.accepted
  ) AS p
  CROSS JOIN LATERAL (
    SELECT m.shard, m.receiver, m.accepted, m.sender, m.number, m.message FROM dfns.inbox m
    WHERE m.shard = f.shard AND (m.receiver, m.accepted, m.sender, m.number) > (p.receiver, p.accepted, p.sender, p.number)
      AND m.receiver < p.until
    ORDER BY m.receiver, m.accepted, m.sender, m.number LIMIT $6
  ) AS r LIMIT $6
) AS i ORDER BY i.shard, i.receiver, i.accepted, i.sender, i.number`,
    values: [
      shardsOf(from),
      packArray(
        'bigint',
        from.map(({ after }) => after?.receiver ?? -1),
      ),
      packArray(
        'double',
        from.map(({ after }) => after?.accepted ?? 0),
      ),
      packArray(
        'bigint',
        from.map(({ after }) => after?.sender ?? 0),
      ),
      packArray(
        'bigint',
        from.map(({ after }) => after?.number ?? 0),
      ),
      limit,
    ],
  };
}

export function heldQuery(from: readonly ScanFrom<Eid>[], limit: number): Query {
  return {
    sql: `SELECT h.* FROM unnest($1::integer[], $2::bigint[]) AS f(shard, eid)
CROSS JOIN LATERAL (
  SELECT ${RUN_COLUMNS.map(column => `t.${column}`).join(', ')} FROM dfns.run t
  WHERE t.shard = f.shard AND t.held IS NOT NULL AND t.status = 0 AND t.eid > f.eid ORDER BY t.eid LIMIT $3
) AS h ORDER BY h.eid`,
    values: [
      shardsOf(from),
      packArray(
        'bigint',
        from.map(({ after }) => after ?? -1),
      ),
      limit,
    ],
  };
}

/** From each workflow to the next one in an index, however many executions there are of it. */
export const OPEN_WORKFLOWS = `SELECT f.shard, o.workflow AS name, o.version
FROM unnest($1::integer[]) AS f(shard)
CROSS JOIN LATERAL (
  WITH RECURSIVE each AS (
    (SELECT t.workflow, t.version FROM dfns.run t WHERE t.shard = f.shard AND t.status = 0
     ORDER BY t.workflow, t.version LIMIT 1)
    UNION ALL
    SELECT n.* FROM each e CROSS JOIN LATERAL (
      SELECT t.workflow, t.version FROM dfns.run t
      WHERE t.shard = f.shard AND t.status = 0 AND (t.workflow, t.version) > (e.workflow, e.version)
      ORDER BY t.workflow, t.version LIMIT 1
    ) AS n
  ) SELECT * FROM each
) AS o`;

/** In the index alone. */
export const COUNT_OPEN = `SELECT t.shard, t.namespace, count(*) AS runs FROM dfns.run t
WHERE t.shard = ANY ($1::integer[]) AND t.status = 0 GROUP BY t.shard, t.namespace`;

function shardsOf(from: readonly ScanFrom<unknown>[]) {
  return packArray(
    'integer',
    from.map(({ shard }) => shard),
  );
}
