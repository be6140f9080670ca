import { NOBODY, type DeathRow, type ShardRow } from '@dfnsjs/actor-core/ports';
import type { Eid, Epoch, Incarnation, ShardId } from '@dfnsjs/actor-core/records';
import test from 'ava';
import { SharedDeaths } from './shared-deaths.ts';

const SELF = 'self' as Incarnation;

const death = (incarnation: string, more: Partial<DeathRow> = {}): DeathRow => ({
  ...{ incarnation: incarnation as Incarnation, at: 1, build: 'b', eid: 7 as Eid, command: 0, isBody: false },
  address: null,
  ...more,
});

const row = (shard: number, owner: string | null): ShardRow => ({
  ...{ shard: shard as ShardId, owner: owner as Incarnation | null, epoch: 1 as Epoch, build: 'b' },
});

function known(rows: DeathRow[]) {
  return new SharedDeaths({ deaths: () => Promise.resolve([...rows]) }, SELF, 'b');
}

test('deaths are known from the moment before shards are taken, and those since then with the next', async t => {
  const rows = [death('a')];
  const deaths = known(rows);
  t.deepEqual(deaths.of(7 as Eid), []);
  await deaths.learn([row(0, 'a')]);
  rows.push(death('b', { at: 2 }));
  t.deepEqual(deaths.of(7 as Eid), [1]);
  await deaths.learn([row(1, 'b')]);
  t.deepEqual(deaths.of(7 as Eid), [1, 2]);
  t.deepEqual(deaths.of(8 as Eid), []);
});

test('whose code the last owner died of is known of each shard by itself', async t => {
  const deaths = known([death('named')]);
  await deaths.learn([row(0, 'named'), row(1, 'other'), row(2, null)]);
  t.deepEqual(
    [0, 1, 2, 3].map(shard => deaths.lastIsNamed(shard as ShardId)),
    [true, false, false, false],
  );
  // A taking whose answer was lost, and shards that came back in order.
  await deaths.learn([row(0, SELF)]);
  t.true(deaths.lastIsNamed(0 as ShardId));
  await deaths.learn([row(0, null)]);
  t.false(deaths.lastIsNamed(0 as ShardId));
});

test('of a node that says that it lives on nobody is blamed, before its shards are taken or after', async t => {
  const rows = [death('early', { eid: NOBODY })];
  const deaths = known(rows);
  await deaths.learn([row(0, 'early'), row(1, 'late'), row(2, null)]);
  t.true(deaths.lastIsNamed(0 as ShardId));
  t.deepEqual(
    [0, 1, 2].map(shard => deaths.lastOwner(shard as ShardId)),
    ['early', 'late', undefined] as Incarnation[],
  );
  t.false(deaths.livedOn('late' as Incarnation));
  rows.push(death('late', { eid: NOBODY }), death('named'));
  await deaths.learn([]);
  t.deepEqual(
    ['early', 'late', 'named'].map(node => deaths.livedOn(node as Incarnation)),
    [true, true, false],
  );
});

test('a first turn is known by its address, to the same build', async t => {
  const address = { namespace: 'default', id: 'x' };
  const deaths = known([death('a', { address }), death('b', { address, build: 'other', at: 2 })]);
  await deaths.learn([row(0, 'a')]);
  t.deepEqual(deaths.ofStart('default', 'x'), [1]);
  t.deepEqual(deaths.ofStart('other', 'x'), []);
});
