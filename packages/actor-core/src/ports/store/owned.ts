import type { Epoch, ShardId } from '../../ids/ids.ts';

/**
 * A short text that differs where the shards or their epochs do, whatever order they stand in: a node compares what the
 * store says it owns with what it believes it owns.
 */
export function ownedText(shards: Iterable<{ readonly shard: ShardId; readonly epoch: Epoch }>): string {
  let count = 0;
  let sum = 0;
  for (const { shard, epoch } of shards) {
    count++;
    sum += mix(mix(epoch) ^ shard);
  }
  return `${count}:${sum}`;
}

/** One 32-bit number for another, as different as can be: sums of plain numbers would be the same for {0, 3} and {1, 2}. */
function mix(number: number): number {
  let mixed = number >>> 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x45d9f3b);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x45d9f3b);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
