import { DfnsError } from '@dfnsjs/actor-core';
import type { ShardId } from '@dfnsjs/actor-core/records';
import { type StoredShard, unowned } from './shard-ownership.ts';

/** The shard rows of a store that a node with `count` shards may join: made by the first join, fixed ever after. */
export function shardsFor(stored: readonly StoredShard[], count: number): StoredShard[] {
  if (!Number.isInteger(count) || count < 1) {
    throw new DfnsError('VALIDATION', `The number of shards must be a whole number from 1, got ${count}.`);
  }
  if (stored.length === 0) return Array.from({ length: count }, (_, shard) => unowned(shard as ShardId));
  if (stored.length !== count) {
    throw new DfnsError(
      'VALIDATION',
      `This store was created with ${stored.length} shards, which is fixed; the node asks for ${count}. Set shards: ${stored.length}.`,
      { details: { stored: stored.length, asked: count } },
    );
  }
  return [...stored];
}
