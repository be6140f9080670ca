import test from 'ava';
import type { Epoch, ShardId } from '../../ids/ids.ts';
import { ownedText } from './owned.ts';

const owned = (...pairs: readonly (readonly [shard: number, epoch: number])[]) =>
  ownedText(pairs.map(([shard, epoch]) => ({ shard: shard as ShardId, epoch: epoch as Epoch })));

test('the order of shards makes no difference, one shard or epoch does', t => {
  t.is(owned(), '0:0');
  t.is(owned([1, 5], [2, 6]), owned([2, 6], [1, 5]));
  t.not(owned([1, 5], [2, 6]), owned([1, 6], [2, 5]));
  t.not(owned([0, 1], [3, 1]), owned([1, 1], [2, 1]));
  t.not(owned([0, 1]), owned([1, 0]));
  t.not(owned([0, 1]), owned([0, 1], [0, 1]));
});

test('all pairs out of sixteen shards under three epochs have texts of their own', t => {
  const texts = new Set<string>();
  let pairs = 0;
  for (let first = 0; first < 16; first++) {
    for (let second = first + 1; second < 16; second++) {
      for (const epochs of [
        [1, 1],
        [1, 2],
        [2, 1],
        [2, 2],
        [3, 3],
      ] as const) {
        texts.add(owned([first, epochs[0]], [second, epochs[1]]));
        pairs++;
      }
    }
  }
  t.is(texts.size, pairs);
});
