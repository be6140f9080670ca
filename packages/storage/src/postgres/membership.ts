import { DfnsError } from '@dfnsjs/actor-core';
import type { Joined, JoinRequest } from '@dfnsjs/actor-core/ports';
import { endedIncarnation } from '../ownership/leases.ts';
import { checkShardCount } from '../ownership/shard-count.ts';
import type { Row } from './connection.ts';

export const JOIN = 'SELECT * FROM dfns.join_1($1, $2, $3, $4, $5)';

/** What a renewal finds over is over for good, should the clock go back. */
export const RENEW = `WITH clock AS (SELECT dfns.clock_ms() AS now), renewed AS (
  UPDATE dfns.node n SET dead = n.lease_until <= clock.now,
    lease_until = CASE WHEN n.lease_until > clock.now THEN clock.now + n.lease_ms ELSE n.lease_until END
  FROM clock WHERE n.incarnation = $1 AND NOT n.dead RETURNING NOT n.dead AS alive
) SELECT clock.now, coalesce((SELECT alive FROM renewed), false) AS alive FROM clock`;

export const LEAVE = 'UPDATE dfns.node SET dead = true WHERE incarnation = $1';

/** VALIDATION where the store refuses the node for good. */
export function joinedAs(request: JoinRequest, row: Row | undefined): Joined {
  switch (row?.['outcome']) {
    case 'joined':
      return { ordinal: Number(row['ordinal']), now: Number(row['now']) };
    case 'shards':
      checkShardCount(request.shards, Number(row['shards']));
      break;
    case 'ended':
      throw endedIncarnation(request.incarnation);
  }
  throw new DfnsError('INTERNAL', `The store answered a join with "${String(row?.['outcome'])}".`);
}
