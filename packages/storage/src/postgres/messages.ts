import type { InboxKey } from '@dfnsjs/actor-core/ports';
import { packArray } from './binary-array.ts';
import type { Query } from './query.ts';

/**
 * incarnation, shard, receiver, accepted, sender, number, message. No row is locked: one that is put while its receiver
 * ends is found by whoever owns that, and deleted.
 */
export const ACCEPT = `WITH living AS (
  SELECT FROM dfns.node WHERE incarnation = $1 AND NOT dead AND lease_until > dfns.clock_ms()
), open AS (
  SELECT t.held FROM dfns.run t WHERE t.eid = $3 AND t.first = $3 AND t.status = 0
  UNION ALL SELECT t.held FROM dfns.run t WHERE t.first = $3 AND t.first <> t.eid AND t.status = 0
), there AS (
  SELECT i.accepted FROM dfns.inbox i
  WHERE i.shard = $2 AND i.receiver = $3 AND i.accepted >= $4 AND i.sender = $5 AND i.number = $6
), put AS (
  INSERT INTO dfns.inbox SELECT $2::integer, $3::bigint, greatest($4::double precision, 1 + (
    SELECT max(i.accepted) FROM dfns.inbox i WHERE i.shard = $2 AND i.receiver = $3
  )), $5::bigint, $6::bigint, $7::bytea
  FROM living, open WHERE open.held IS NULL AND NOT EXISTS (SELECT FROM there)
  ON CONFLICT DO NOTHING RETURNING accepted
)
SELECT coalesce((SELECT accepted FROM put), (SELECT accepted FROM there)) AS accepted, CASE
  WHEN NOT EXISTS (SELECT FROM living) THEN 'ended'
  WHEN NOT EXISTS (SELECT FROM open) THEN 'closed'
  WHEN EXISTS (SELECT FROM open WHERE held IS NOT NULL) THEN 'held' END AS refusal`;

export function untakenQuery(keys: readonly InboxKey[]): Query {
  const numbers = (column: 'shard' | 'receiver' | 'accepted' | 'sender' | 'number') => keys.map(key => key[column]);
  return {
    sql: `SELECT i.shard, i.receiver, i.accepted, i.sender, i.number
FROM unnest($1::integer[], $2::bigint[], $3::double precision[], $4::bigint[], $5::bigint[])
  AS k(shard, receiver, accepted, sender, number)
JOIN dfns.inbox i USING (shard, receiver, accepted, sender, number)`,
    values: [
      packArray('integer', numbers('shard')),
      packArray('bigint', numbers('receiver')),
      packArray('double', numbers('accepted')),
      packArray('bigint', numbers('sender')),
      packArray('bigint', numbers('number')),
    ],
  };
}
