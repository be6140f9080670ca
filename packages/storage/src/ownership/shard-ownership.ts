import type { Released, ShardRow } from '@dfnsjs/actor-core/ports';
import type { Epoch, Incarnation, ShardId } from '@dfnsjs/actor-core/records';

/**
 * Who owns a shard, as a pure state machine: each step returns the row to store, or undefined where the caller's view
 * does not hold. A step that is repeated after an unknown outcome gets its first answer again.
 */
export interface StoredShard extends ShardRow {
  /** The owner got it from one that released it, not from one that died. */
  readonly clean: boolean;
  /** What the last release brought. */
  readonly handOver: Uint8Array | null;
}

export function unowned(shard: ShardId): StoredShard {
  return { shard, epoch: 0 as Epoch, owner: null, build: null, clean: true, handOver: null };
}

export function owns(row: StoredShard | undefined, epoch: Epoch, incarnation: Incarnation): boolean {
  return row !== undefined && row.epoch === epoch && row.owner === incarnation;
}

export function acquireShard(
  row: StoredShard,
  expect: Epoch,
  incarnation: Incarnation,
  build: string,
  isLive: (incarnation: Incarnation) => boolean,
): StoredShard | undefined {
  if (!isLive(incarnation)) return undefined;
  if (row.owner === incarnation && row.epoch === expect + 1) return row;
  if (row.epoch !== expect) return undefined;
  if (row.owner !== null && isLive(row.owner)) return undefined;
  return { ...row, epoch: (expect + 1) as Epoch, owner: incarnation, build, clean: row.owner === null };
}

export function releaseShard(
  row: StoredShard,
  { epoch, handOver }: Released,
  incarnation: Incarnation,
): StoredShard | undefined {
  return owns(row, epoch, incarnation) ? { ...row, owner: null, handOver } : undefined;
}

export function resyncShard(row: StoredShard, epoch: Epoch, incarnation: Incarnation): StoredShard | undefined {
  if (row.owner !== incarnation) return undefined;
  if (row.epoch === epoch + 1) return row;
  return row.epoch === epoch ? { ...row, epoch: (epoch + 1) as Epoch } : undefined;
}

/** The rows of a store, as they are told to whoever looks for owners. */
export function shardRows(rows: readonly StoredShard[]): ShardRow[] {
  return rows.map(({ shard, epoch, owner, build }) => ({ shard, epoch, owner, build }));
}
