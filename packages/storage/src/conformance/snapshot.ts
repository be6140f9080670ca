import { deepEqual } from 'node:assert/strict';
import type { ConformanceCase } from './opened-store.ts';
import { bytes, Scene } from './scene.ts';
import { readable } from './trace.ts';

/** A run of four turns. */
async function given(scene: Scene): Promise<void> {
  await scene.given(scene.start(1));
  for (const prevSeq of [1, 2, 3]) await scene.given(scene.turn(1, prevSeq));
}

async function stored(scene: Scene): Promise<unknown> {
  const [one] = await scene.store.load([scene.eid(1)]);
  return [one?.snapshots.map(({ from, to, turns }) => [from, to, readable(turns)]), one?.journal.map(row => row.seq)];
}

export const SNAPSHOT: readonly ConformanceCase[] = [
  {
    name: 'folded rows go in the commit that stores their snapshot',
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      await given(scene);
      await scene.given(scene.turn(1, 4, { snapshot: { from: 1, to: 3, turns: bytes('1-3') } }));
      deepEqual(await stored(scene), [[[1, 3, 'bytes:1-3']], [4, 5]]);
      await scene.given(scene.part(scene.eid(1), 5, { snapshot: { from: 4, to: 4, turns: bytes('4') } }));
      deepEqual(await stored(scene), [
        [
          [1, 3, 'bytes:1-3'],
          [4, 4, 'bytes:4'],
        ],
        [5],
      ]);
    },
  },
  {
    name: 'the last seq counts on when the whole journal is folded',
    run: async ({ store, reopen }) => {
      const scene = await Scene.join(store);
      await given(scene);
      await scene.given(scene.part(scene.eid(1), 4, { snapshot: { from: 1, to: 4, turns: bytes('1-4') } }));
      deepEqual(await stored(scene), [[[1, 4, 'bytes:1-4']], []]);
      deepEqual(await scene.commit(scene.turn(1, 0), scene.turn(1, 3)), [{ kind: 'conflict' }, { kind: 'conflict' }]);
      const next = await Scene.join(await reopen(), 'node-2');
      for (const { shard, epoch } of await next.store.shards()) next.epochs.set(shard, epoch);
      const owner = (await next.store.shards())[0]?.owner;
      const batch = {
        ...next.batch({ ...next.part(scene.eid(1), 4), journal: { seq: 5, turn: bytes('5') } }),
        incarnation: owner!,
      };
      deepEqual(await next.store.commit(batch), [{ kind: 'done' }]);
    },
  },
  {
    name: 'a turn may fold itself, and is known by its commit when sent again',
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      await given(scene);
      const batch = scene.batch(scene.turn(1, 4, { snapshot: { from: 1, to: 5, turns: bytes('1-5') } }));
      deepEqual(await store.commit(batch), [{ kind: 'done' }]);
      deepEqual(await store.commit(batch), [{ kind: 'done' }]);
      deepEqual(await stored(scene), [[[1, 5, 'bytes:1-5']], []]);
      deepEqual(await scene.commit(...batch.actors), [{ kind: 'conflict' }]);
    },
  },
  {
    name: 'a snapshot of a refused turn folds nothing',
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      await given(scene);
      deepEqual(await scene.commit(scene.turn(1, 3, { snapshot: { from: 1, to: 3, turns: bytes('1-3') } })), [
        { kind: 'conflict' },
      ]);
      deepEqual(await stored(scene), [[], [1, 2, 3, 4]]);
    },
  },
  {
    name: 'a run may begin with a journal, and goes on where that ends',
    run: async ({ store, reopen }) => {
      const scene = await Scene.join(store);
      await given(scene);
      const prefix = [
        { from: 1, to: 2, turns: bytes('1-2') },
        { from: 3, to: 3, turns: bytes('3') },
      ];
      const insert = scene.run(2, { id: 'run-1', first: scene.eid(1) });
      const batch = scene.batch(
        scene.part(scene.eid(1), 4, {
          insert,
          prefix,
          current: { expect: scene.eid(1) },
          accepts: [scene.message(1, 10)],
        }),
      );
      deepEqual(await store.commit(batch), [{ kind: 'done' }]);
      deepEqual(await store.commit(batch), [{ kind: 'done' }], 'sent again');
      deepEqual(await scene.commit(scene.turn(2, 0)), [{ kind: 'conflict' }]);
      await scene.given(scene.turn(2, 3, { takes: [scene.message(1, 10)] }));
      const [two] = await (await reopen()).load([scene.eid(2)]);
      deepEqual(
        two?.snapshots.map(({ from, to, turns }) => [from, to, readable(turns)]),
        [
          [1, 2, 'bytes:1-2'],
          [3, 3, 'bytes:3'],
        ],
      );
      deepEqual([two?.journal.map(row => row.seq), two?.inbox], [[4], []]);
    },
  },
  {
    name: 'the beginning of a refused run is not there',
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      await given(scene);
      const insert = scene.run(2, { id: 'run-1', first: scene.eid(1) });
      const prefix = [{ from: 1, to: 2, turns: bytes('1-2') }];
      const current = { expect: scene.eid(1) };
      const refused = [
        scene.part(scene.eid(1), 3, { insert, prefix, current }),
        scene.part(scene.eid(1), 4, { insert, prefix, current: { expect: scene.eid(7) } }),
      ];
      for (const part of refused) {
        const [verdict] = await scene.commit(part);
        if (verdict?.kind === 'done') throw new Error('it must be refused');
      }
      deepEqual(await store.load([scene.eid(2)]), [undefined]);
      await scene.given(scene.part(scene.eid(1), 4, { insert, current }));
      deepEqual((await store.load([scene.eid(2)]))[0]?.snapshots, []);
    },
  },
  {
    name: 'a snapshot written again with more stands in place of the first',
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      await given(scene);
      await scene.given(scene.part(scene.eid(1), 4, { snapshot: { from: 1, to: 2, turns: bytes('1-2') } }));
      await scene.given(scene.part(scene.eid(1), 4, { snapshot: { from: 1, to: 3, turns: bytes('1-3') } }));
      deepEqual(await stored(scene), [[[1, 3, 'bytes:1-3']], [4]]);
    },
  },
];
