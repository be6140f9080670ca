import type { Acquired, ShardRow } from '@dfnsjs/actor-core/ports';
import type { ShardId } from '@dfnsjs/actor-core/records';
import type { Row } from './connection.ts';

export const SHARDS = 'SELECT shard, epoch, owner, build FROM dfns.shard ORDER BY shard';

/** shard, epoch seen, incarnation, build, wait for locks */
export const ACQUIRE = 'SELECT * FROM dfns.acquire_1($1, $2, $3, $4, $5)';

/** incarnation, shards, epochs, hand-overs, wait for locks */
export const RELEASE = 'SELECT dfns.release_1($1, $2, $3, $4, $5)';

/** shard, epoch, incarnation, wait for locks */
export const RESYNC = 'SELECT dfns.resync_1($1, $2, $3, $4) AS epoch';

export function unpackShard(row: Row): ShardRow {
  const { shard, epoch, owner, build } = row as unknown as ShardRow;
  return { shard, epoch, owner, build };
}

export function unpackAcquired(shard: ShardId, row: Row): Acquired {
  const { epoch, owner, build, clean, highest, hand_over } = row as unknown as Acquired & {
    readonly highest: number;
    readonly hand_over: Uint8Array | null;
  };
  return { shard, epoch, owner, build, clean, highestAccepted: highest, handOver: hand_over };
}
