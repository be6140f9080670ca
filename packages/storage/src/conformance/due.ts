import { deepEqual } from 'node:assert/strict';
import type { DueRow, Store } from '@dfnsjs/actor-core/ports';
import type { ShardId } from '@dfnsjs/actor-core/records';
import { allPages } from './pages.ts';
import type { ConformanceCase } from './opened-store.ts';
import { Scene } from './scene.ts';

const ZERO = 0 as ShardId;
const ONE = 1 as ShardId;
const TWO = 2 as ShardId;
const HELD = { code: 'UNKNOWN_WORKFLOW', message: 'm', build: 'b1', at: 1 };

function pages(store: Store, until: number, limit: number) {
  return allPages<DueRow>(limit, after => store.due([{ shard: ZERO, after }], until, limit));
}

export const DUE: readonly ConformanceCase[] = [
  {
    name: 'what is due comes ascending by (wakeAt, eid), 0 first, in pages of any size',
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      const wakes = [50, 0, 20, 0, 20, 51, null];
      await scene.given(...wakes.map((wakeAt, i) => scene.start(i + 1, { wakeAt })));
      await scene.given(scene.start(20, { wakeAt: 1, shard: ONE }));
      const expected = [
        [2, 0],
        [4, 0],
        [3, 20],
        [5, 20],
        [1, 50],
      ].map(([n, wakeAt]) => ({ shard: ZERO, eid: scene.eid(n!), wakeAt }));
      for (const limit of [1, 2, 3, 5, 100]) deepEqual(await pages(store, 50, limit), expected);
      deepEqual(await pages(store, 0, 10), expected.slice(0, 2));
      deepEqual(await store.due([{ shard: ZERO }], -1, 10), []);
    },
  },
  {
    name: 'paging skips and repeats nothing while runs are started and moved behind the cursor',
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      await scene.given(...[10, 20, 30, 40].map((wakeAt, i) => scene.start(i + 1, { wakeAt })));
      const first = await store.due([{ shard: ZERO }], 100, 2);
      await scene.given(scene.start(8, { wakeAt: 0 }), scene.start(9, { wakeAt: 35 }));
      await scene.given(scene.part(scene.eid(1), 1, { update: { wakeAt: null } }));
      const second = await store.due([{ shard: ZERO, after: first.at(-1) }], 100, 100);
      deepEqual(
        [...first, ...second].map(row => row.wakeAt),
        [10, 20, 30, 35, 40],
      );
    },
  },
  {
    name: 'a run is due as its last update says, and not once it is closed',
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      await scene.given(scene.start(1, { wakeAt: 0 }), scene.start(2, { wakeAt: 0 }));
      await scene.given(scene.part(scene.eid(1), 1, { update: { wakeAt: 70 } }));
      await scene.given(scene.turn(2, 1, { update: { status: 'completed' } }));
      deepEqual(await store.due([{ shard: ZERO }], 69, 10), []);
      deepEqual(await store.due([{ shard: ZERO }], 70, 10), [{ shard: ZERO, eid: scene.eid(1), wakeAt: 70 }]);
    },
  },
  {
    name: 'held runs are not due but told by held, ascending by eid, in pages; closed ones in neither',
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      await scene.given(...[1, 2, 3, 4].map(n => scene.start(n, { wakeAt: 0, held: n === 2 ? null : HELD })));
      await scene.given(scene.part(scene.eid(3), 1, { update: { status: 'terminated' } }));
      deepEqual(
        (await store.due([{ shard: ZERO }], 10, 10)).map(row => row.eid),
        [scene.eid(2)],
      );
      deepEqual(
        (await store.held([{ shard: ZERO }], 10)).map(run => [run.eid, run.held]),
        [
          [scene.eid(1), HELD],
          [scene.eid(4), HELD],
        ],
      );
      deepEqual(
        (await store.held([{ shard: ZERO }], 1)).map(run => run.eid),
        [scene.eid(1)],
      );
      deepEqual(
        (await store.held([{ shard: ZERO, after: scene.eid(1) }], 1)).map(run => run.eid),
        [scene.eid(4)],
      );
      deepEqual(await store.held([{ shard: ONE }], 10), []);
      await scene.given(scene.part(scene.eid(1), 1, { update: { held: null } }));
      deepEqual(
        (await store.due([{ shard: ZERO }], 10, 10)).map(row => row.eid),
        [scene.eid(1), scene.eid(2)],
      );
    },
  },
  {
    name: 'many shards are read at once, each from its own place, and a full one takes nothing from the others',
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      const start = (n: number, shard: ShardId, wakeAt: number, held: typeof HELD | null = null) =>
        scene.start(n, { shard, wakeAt, held });
      await scene.given(
        ...[10, 20, 30, 40, 50].map((wakeAt, i) => start(i + 1, ZERO, wakeAt)),
        start(11, ONE, 25),
        start(12, ONE, 35),
        start(21, TWO, 60),
        start(31, 3 as ShardId, 5),
        start(41, ZERO, 0, HELD),
        start(42, ONE, 0, HELD),
        start(43, ONE, 0, HELD),
      );
      const due = async (from: Parameters<Store['due']>[0], until: number, limit: number) =>
        (await store.due(from, until, limit)).map(({ shard, wakeAt }) => [shard, wakeAt]);
      deepEqual(await due([{ shard: TWO }, { shard: ONE }, { shard: ZERO }], 50, 2), [
        [ZERO, 10],
        [ZERO, 20],
        [ONE, 25],
        [ONE, 35],
      ]);
      const after = (wakeAt: number, n: number) => ({ wakeAt, eid: scene.eid(n) });
      deepEqual(
        await due(
          [
            { shard: ZERO, after: after(30, 3) },
            { shard: ONE, after: after(25, 10) },
            { shard: TWO, after: after(60, 21) },
          ],
          100,
          100,
        ),
        [
          [ONE, 25],
          [ONE, 35],
          [ZERO, 40],
          [ZERO, 50],
        ],
      );
      deepEqual(await store.due([], 100, 100), []);
      const held = async (from: Parameters<Store['held']>[0], limit: number) =>
        (await store.held(from, limit)).map(({ eid }) => eid);
      deepEqual(await held([{ shard: ONE }, { shard: ZERO }], 1), [scene.eid(41), scene.eid(42)]);
      deepEqual(await held([{ shard: ZERO }, { shard: ONE, after: scene.eid(42) }], 9), [scene.eid(41), scene.eid(43)]);
      deepEqual(await held([], 9), []);
    },
  },
];
