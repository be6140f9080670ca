import { deepEqual, equal, rejects } from 'node:assert/strict';
import type { AtRest, Store } from '@dfnsjs/actor-core/ports';
import type { ShardId } from '@dfnsjs/actor-core/records';
import type { ConformanceCase } from './opened-store.ts';
import { Scene } from './scene.ts';

const [ZERO, ONE, TWO] = [0, 1, 2] as ShardId[] as [ShardId, ShardId, ShardId];
const HELD = { code: 'UNKNOWN_WORKFLOW', message: 'm', build: 'b1', at: 1 };
const AT_ONCE: AtRest = moment => moment();

async function open(store: Store, shards: readonly ShardId[], atRest = AT_ONCE): Promise<string[]> {
  const counts = await store.countOpen(shards, atRest);
  return counts.map(({ shard, namespace, runs }) => `${shard} ${namespace} ${runs}`).sort();
}

export const OPEN_COUNT: readonly ConformanceCase[] = [
  {
    name: 'open runs are counted by namespace, of the shards that were asked for',
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      await scene.given(
        ...[1, 2, 3].map(n => scene.start(n)),
        scene.start(4, { workflow: 'mail', version: 7 }),
        scene.start(5, { namespace: 'Ärger 🎉' }),
        scene.start(6, { namespace: 'Ärger 🎉', wakeAt: 5 }),
        scene.start(7, { shard: ONE }),
      );
      deepEqual(await open(store, [ZERO]), ['0 default 4', '0 Ärger 🎉 2']);
      deepEqual(await open(store, [TWO, ONE]), ['1 default 1']);
      deepEqual(await open(store, [ONE, ZERO]), ['0 default 4', '0 Ärger 🎉 2', '1 default 1']);
      deepEqual(await open(store, [TWO]), []);
      deepEqual(await open(store, []), []);
    },
  },
  {
    name: 'held runs are open; those that ended, earlier ones of a chain among them, are not',
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      await scene.given(scene.start(1, { held: HELD }), scene.start(2), scene.start(3), scene.start(4));
      await scene.given(
        scene.part(scene.eid(2), 1, { update: { status: 'completed', closedAt: 5 } }),
        scene.part(scene.eid(4), 1, { update: { held: HELD } }),
        scene.start(5, { status: 'failed', closedAt: 5 }),
      );
      equal(await open(store, [ZERO]).then(String), '0 default 3');
      const next = scene.run(6, { id: 'run-3', first: scene.eid(3) });
      const update = { status: 'continued-as-new', closedAt: 6 } as const;
      await scene.given(scene.turn(3, 1, { update, insert: next, current: { expect: scene.eid(3) } }));
      equal(await open(store, [ZERO]).then(String), '0 default 3');
      await scene.given(scene.part(scene.eid(6), 0, { update: { status: 'terminated', closedAt: 7 } }));
      await store.remove('default', 'run-2', scene.eid(2));
      equal(await open(store, [ZERO]).then(String), '0 default 2');
    },
  },
  {
    name: 'runs are counted as they were at the moment, however much is committed before and after it',
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      await scene.given(...[1, 2, 3].map(n => scene.start(n)));
      const close = (n: number) => scene.part(scene.eid(n), 1, { update: { status: 'completed', closedAt: 5 } });
      let moments = 0;
      const counts = await open(store, [ZERO, ONE], async moment => {
        await scene.given(scene.start(4), close(1));
        await moment();
        moments++;
        await scene.given(scene.start(5), scene.start(6, { shard: ONE }), close(2), close(3));
      });
      deepEqual(counts, ['0 default 3']);
      equal(moments, 1);
      deepEqual(await open(store, [ZERO, ONE]), ['0 default 2', '1 default 1']);
    },
  },
  {
    name: 'where the moment does not come, nothing is counted, and the store goes on',
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      const never: AtRest = () => Promise.reject(new Error('It does not come.'));
      for (let i = 0; i < 5; i++) await rejects(store.countOpen([ZERO], never), Error);
      await scene.given(scene.start(1));
      deepEqual(await open(store, [ZERO]), ['0 default 1']);
      equal((await store.load([scene.eid(1)])).length, 1);
    },
  },
];
