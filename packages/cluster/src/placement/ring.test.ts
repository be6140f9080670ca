import type { Incarnation, ShardId } from '@dfnsjs/actor-core/records';
import test from 'ava';
import { placeShards, type RingMember } from './ring.ts';

const SHARDS = 256;
const member = (place: string): RingMember => ({ incarnation: `run-of-${place}` as Incarnation, place });
const cluster = (size: number) => Array.from({ length: size }, (_, i) => member(`10.0.0.${i + 1}:3367`));

function loads(placed: ReadonlyMap<ShardId, Incarnation>): Map<Incarnation, number> {
  const counts = new Map<Incarnation, number>();
  for (const owner of placed.values()) counts.set(owner, (counts.get(owner) ?? 0) + 1);
  return counts;
}

function moved(before: ReadonlyMap<ShardId, Incarnation>, after: ReadonlyMap<ShardId, Incarnation>): number {
  return [...before].filter(([shard, owner]) => after.get(shard) !== owner).length;
}

test('nobody is placed where nobody is', t => {
  t.is(placeShards(SHARDS, []).size, 0);
});

for (const size of [1, 2, 3, 5, 8, 20]) {
  test(`each of ${size} members has a share, and none more than 1.1 times the mean`, t => {
    const placed = placeShards(SHARDS, cluster(size));
    t.is(placed.size, SHARDS);
    const most = Math.ceil((SHARDS / size) * 1.1);
    const counts = loads(placed);
    for (const count of counts.values()) t.true(count <= most);
    t.is(counts.size, size);
  });
}

test('everybody comes to the same answer, however members are listed', t => {
  const members = cluster(7);
  t.is(moved(placeShards(SHARDS, members), placeShards(SHARDS, members.toReversed())), 0);
});

for (const size of [2, 3, 5, 9]) {
  test(`one who joins ${size} moves little more than its own share, and one who leaves what it had`, t => {
    const members = cluster(size + 1);
    const without = placeShards(SHARDS, members.slice(0, size));
    const withIt = placeShards(SHARDS, members);
    const share = loads(withIt).get(members[size]!.incarnation)!;
    // Shares shrink and grow for the others too, at the bound: not more than the newcomer's share again.
    t.true(moved(without, withIt) >= share);
    t.true(moved(without, withIt) <= 2 * share, `${moved(without, withIt)} moved for a share of ${share}`);
  });
}

test('a place that comes back under another incarnation has its shards again', t => {
  const members = cluster(4);
  const before = placeShards(SHARDS, members);
  const [first, ...others] = members;
  const again = { ...first!, incarnation: 'the next run' as Incarnation };
  const after = placeShards(SHARDS, [...others, again]);
  for (const [shard, owner] of before) {
    t.is(after.get(shard), owner === first!.incarnation ? again.incarnation : owner);
  }
});

test('two incarnations of one place share what there is', t => {
  const twins = ['a', 'b'].map(name => ({ incarnation: name as Incarnation, place: '10.0.0.1:3367' }));
  const counts = loads(placeShards(SHARDS, twins));
  t.is(counts.size, 2);
  t.is(
    [...counts.values()].reduce((sum, each) => sum + each, 0),
    SHARDS,
  );
});
