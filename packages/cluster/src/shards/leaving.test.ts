import type { ShardRow, Store } from '@dfnsjs/actor-core/ports';
import type { Incarnation } from '@dfnsjs/actor-core/records';
import test from 'ava';
import { leaveStore } from './leaving.ts';

const [ME, OTHER] = ['me', 'other'] as [Incarnation, Incarnation];

/** A store that fails so many times, for each of its calls together. */
function scene(failures: number) {
  let time = 0;
  const done: string[] = [];
  const fail = () => {
    if (failures-- > 0) throw new Error('The store is silent.');
  };
  const row = (shard: number, owner: Incarnation | null) => ({ shard, owner, epoch: 3 }) as unknown as ShardRow;
  const store: Pick<Store, 'shards' | 'release' | 'leave'> = {
    async shards() {
      fail();
      return [row(1, ME), row(2, OTHER), row(3, null), row(4, ME)];
    },
    async release(incarnation, shards) {
      fail();
      done.push(`${incarnation} releases ${shards.map(({ shard, epoch }) => `${shard}@${epoch}`).join(' ')}`);
      return [] as unknown as Awaited<ReturnType<Store['release']>>;
    },
    async leave(incarnation) {
      fail();
      done.push(`${incarnation} leaves`);
    },
  };
  const leave = (patienceMs: number) =>
    leaveStore(
      { store, clock: { elapsed: () => time }, persistence: { wait: async ms => void (time += ms) } },
      ME,
      patienceMs,
    );
  return { leave, done };
}

test('what the node owns is released, and then the node is gone', async t => {
  const { leave, done } = scene(0);
  t.true(await leave(1_000));
  t.deepEqual(done, ['me releases 1@3 4@3', 'me leaves']);
});

test('a store that refuses is asked again', async t => {
  const { leave, done } = scene(4);
  t.true(await leave(1_000));
  t.deepEqual(done, ['me releases 1@3 4@3', 'me leaves']);
});

test('a store that goes on refusing is left after a while', async t => {
  const { leave, done } = scene(Infinity);
  t.false(await leave(1_000));
  t.deepEqual(done, []);
});
