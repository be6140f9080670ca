import { DfnsError } from '@dfnsjs/actor-core';
import type { ShardId } from '@dfnsjs/actor-core/records';
import { type StoredShard, unowned } from './shard-ownership.ts';

/** The shard rows of a store that a node with `count` shards may join: made by the first join, fixed ever after. */
export function shardsFor(stored: readonly StoredShard[], count: number): StoredShard[] {
  checkShardCount(count, stored.length);
  if (stored.length === 0) return Array.from({ length: count }, (_, shard) => unowned(shard as ShardId));
  return [...stored];
}

/** VALIDATION where a store of `stored` shards, 0 for a new one, is none for a node that asks for `count`. */
export function checkShardCount(count: number, stored: number): void {
  if (!Number.isInteger(count) || count < 1) {
    throw new DfnsError('VALIDATION', `The number of shards must be a whole number from 1, got ${count}.`);
  }
  if (stored !== 0 && stored !== count) {
    throw new DfnsError(
      'VALIDATION',
      `This store was created with ${stored} shards, which is fixed; the node asks for ${count}. Set shards: ${stored}.`,
      { details: { stored, asked: count } },
    );
  }
}
