import { RUN_COLUMNS } from '../rows/run-row.ts';

/** What a new owner of a shard reads, page by page. */

/** shard, until, wakeAt and eid of the cursor, limit */
export const DUE = `SELECT eid, wake_at AS "wakeAt" FROM dfns.run
WHERE shard = $1 AND wake_at IS NOT NULL AND status = 0 AND held IS NULL
  AND wake_at <= $2 AND (wake_at, eid) > ($3::double precision, $4::bigint)
ORDER BY wake_at, eid LIMIT $5`;

/** shard, receiver, accepted, sender and number of the cursor, limit */
export const INBOX = `SELECT shard, receiver, accepted, sender, number, message FROM dfns.inbox
WHERE shard = $1 AND (receiver, accepted, sender, number) > ($2::bigint, $3::double precision, $4::bigint, $5::bigint)
  AND receiver NOT IN (SELECT first FROM dfns.run WHERE shard = $1 AND held IS NOT NULL AND status = 0)
ORDER BY receiver, accepted, sender, number LIMIT $6`;

/** shard, eid of the cursor, limit */
export const HELD = `SELECT ${RUN_COLUMNS.join(', ')} FROM dfns.run
WHERE shard = $1 AND held IS NOT NULL AND status = 0 AND eid > $2 ORDER BY eid LIMIT $3`;
