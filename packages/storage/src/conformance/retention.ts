import { deepEqual, equal } from 'node:assert/strict';
import type { RetentionRule, Store } from '@dfnsjs/actor-core/ports';
import type { Incarnation, RunRow, ShardId, Status } from '@dfnsjs/actor-core/records';
import type { ConformanceCase } from './opened-store.ts';
import { bytes, LEASE_MS, NAMESPACE, Scene, SHARDS } from './scene.ts';

const closed = (closedAt: number, more: Partial<RunRow> = {}, status: Status = 'completed') => ({
  status,
  closedAt,
  ...more,
});

/** Of all workflows, however they ended. */
const over = (closedBefore: number): RetentionRule[] =>
  (['completed', 'failed', 'cancelled', 'terminated', 'timed-out'] as const).map(status => ({
    ...{ workflow: null, status, closedBefore },
  }));

/** Goes on until nothing is left, so many at a time: the ids, in the order in which they went. */
async function retireAll({ store, incarnation }: Scene, closedBefore: number, limit = 100): Promise<string[]> {
  return retireBy(store, incarnation, over(closedBefore), limit);
}

async function retireBy(store: Store, incarnation: Incarnation, rules: readonly RetentionRule[], limit = 100) {
  const ids: string[] = [];
  for (;;) {
    const retired = await store.retire(incarnation, rules, limit);
    equal(retired.length <= limit, true);
    if (retired.length === 0) return ids;
    ids.push(...retired.map(({ id }) => id));
  }
}

const idsOf = async (store: Store) =>
  (await store.list({ filter: { namespace: NAMESPACE }, order: 'oldest', limit: 100 })).map(({ id }) => id);

export const RETENTION: readonly ConformanceCase[] = [
  {
    name: 'what closed before goes, earliest first and a few at a time; what is open or closed later stays',
    run: async ({ store, reopen }) => {
      const scene = await Scene.join(store);
      await scene.given(
        scene.start(1, closed(50, { id: 'a', attributes: new Map([['customer', 'x']]) })),
        scene.start(
          2,
          closed(20, { id: 'b', shard: 1 as ShardId, turns: 4, attributes: new Map([['customer', 'y']]) }, 'failed'),
        ),
        scene.start(3, closed(100, { id: 'c' })),
        scene.start(4, { id: 'd' }),
        scene.start(5, closed(30, { id: 'e', namespace: 'other' }, 'cancelled')),
      );
      await scene.given(scene.part(scene.eid(1), 1, { accepts: [scene.message(1, 10)] }));
      deepEqual(await store.retire(scene.incarnation, over(100), 1), [
        {
          ...{ first: scene.eid(2), namespace: NAMESPACE, id: 'b', runId: 'run-id-2', workflow: 'order', version: 1 },
          ...{ startedAt: 1_002, attributes: new Map([['customer', 'y']]), status: 'failed', turns: 4 },
        },
      ]);
      deepEqual(await retireAll(scene, 100, 1), ['e', 'a']);
      const again = await reopen();
      deepEqual(await idsOf(again), ['c', 'd']);
      deepEqual(await again.load([1, 2, 5].map(n => scene.eid(n))), [undefined, undefined, undefined]);
      equal(await again.current(NAMESPACE, 'a'), undefined);
      deepEqual(await again.inbox([{ shard: scene.run(1).shard }], 10), []);
      const filter = { namespace: NAMESPACE, attributes: new Map([['customer', 'x']]) };
      equal((await again.count(filter, 10)).count, 0);
    },
  },
  {
    name: 'an execution of several runs goes whole, once the last of them has been closed for long enough',
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      const chain = async (n: number, id: string, last: Partial<RunRow>) => {
        await scene.given(scene.start(n, { id }));
        await scene.given(
          scene.turn(n, 1, {
            update: { status: 'continued-as-new', closedAt: 10 },
            insert: scene.run(n + 1, { id, first: scene.eid(n), ...last }),
            current: { expect: scene.eid(n) },
          }),
        );
      };
      await chain(1, 'open', {});
      await chain(3, 'recent', closed(90));
      await chain(5, 'old', closed(40));
      await scene.given(scene.part(scene.eid(5), 2, { snapshot: { from: 1, to: 2, turns: bytes('12') } }));
      deepEqual(await retireAll(scene, 50), ['old']);
      deepEqual(await store.load([scene.eid(5), scene.eid(6)]), [undefined, undefined]);
      deepEqual(await idsOf(store), ['open', 'open', 'recent', 'recent']);
      deepEqual(await retireAll(scene, 91), ['recent']);
      deepEqual(await idsOf(store), ['open', 'open']);
    },
  },
  {
    name: 'a run that failed stays as long as the retry of it, and both go as one',
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      await scene.given(scene.start(1, closed(10, { id: 'a' }, 'failed')));
      await scene.given(
        scene.part(scene.eid(1), 1, {
          insert: scene.run(2, { id: 'a', first: scene.eid(1) }),
          current: { expect: scene.eid(1) },
        }),
      );
      deepEqual(await retireAll(scene, 50), []);
      await scene.given(scene.part(scene.eid(2), 0, { update: { status: 'completed', closedAt: 60 } }));
      deepEqual(await retireAll(scene, 60), []);
      deepEqual(await retireAll(scene, 61), ['a']);
      deepEqual(await idsOf(store), []);
    },
  },
  {
    name: 'an execution whose id another one has now goes, and the id stays with the other',
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      await scene.given(scene.start(1, closed(10, { id: 'a' })));
      await scene.given(scene.start(2, closed(80, { id: 'a' }), { current: { expect: scene.eid(1) } }));
      deepEqual(await retireAll(scene, 50), ['a']);
      equal((await store.current(NAMESPACE, 'a'))?.eid, scene.eid(2));
      deepEqual(await idsOf(store), ['a']);
      deepEqual(await retireAll(scene, 81), ['a']);
      equal(await store.current(NAMESPACE, 'a'), undefined);
    },
  },
  {
    name: 'each workflow and each way to end has a rule of its own; what no rule speaks of stays',
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      const workflows = ['alpha', 'beta', 'gamma'];
      const statuses = ['completed', 'failed', 'terminated'] as const;
      let n = 0;
      for (const workflow of workflows) {
        for (const status of statuses) {
          for (const closedAt of [10, 20]) {
            const id = `${workflow}-${status}-${closedAt}`;
            await scene.given(scene.start(++n, closed(closedAt, { id, workflow }, status)));
          }
        }
      }
      const rules: RetentionRule[] = [
        { workflow: 'beta', status: 'failed', closedBefore: 15 },
        { workflow: 'gamma', status: 'completed', closedBefore: 25 },
        { workflow: 'gamma', status: 'terminated', closedBefore: 5 },
        { workflow: null, status: 'completed', closedBefore: 20 },
        { workflow: 'unknown', status: 'completed', closedBefore: 99 },
      ];
      deepEqual((await retireBy(store, scene.incarnation, rules)).sort(), [
        'alpha-completed-10',
        'beta-failed-10',
        'gamma-completed-10',
        'gamma-completed-20',
      ]);
      deepEqual(await store.retire(scene.incarnation, [], 10), []);
      equal((await idsOf(store)).length, 14);
    },
  },
  {
    name: 'how an execution ended is how its last run did, and when',
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      await scene.given(scene.start(1, closed(10, { id: 'a' }, 'failed')));
      const retried = scene.run(2, { id: 'a', first: scene.eid(1), ...closed(30) });
      await scene.given(scene.part(scene.eid(1), 1, { insert: retried, current: { expect: scene.eid(1) } }));
      const failed = { workflow: null, status: 'failed', closedBefore: 99 } as const;
      const completed = { workflow: null, status: 'completed', closedBefore: 30 } as const;
      deepEqual(await retireBy(store, scene.incarnation, [failed, completed]), []);
      deepEqual(await retireBy(store, scene.incarnation, [{ ...completed, closedBefore: 31 }]), ['a']);
      deepEqual(await idsOf(store), []);
    },
  },
  {
    name: 'nothing goes of shards that another node owns, or nobody',
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      await scene.given(
        scene.start(1, closed(10, { id: 'kept' })),
        scene.start(2, closed(20, { id: 'other', shard: 1 as ShardId })),
        scene.start(3, closed(30, { id: 'free', shard: 2 as ShardId })),
      );
      for (const shard of [1, 2]) {
        const released = { shard: shard as ShardId, epoch: scene.epochs.get(shard)!, handOver: null };
        await store.release(scene.incarnation, [released]);
      }
      const other = 'node-2' as Incarnation;
      await store.join({ incarnation: other, address: 'there', build: 'b1', leaseMs: LEASE_MS, shards: SHARDS });
      await store.acquire(1 as ShardId, scene.epochs.get(1)!, other, 'b1');
      deepEqual(await retireBy(store, other, over(99), 1), ['other']);
      deepEqual(await retireBy(store, scene.incarnation, over(99), 1), ['kept']);
      deepEqual(await retireBy(store, other, over(99)), []);
      deepEqual(await idsOf(store), ['free']);
    },
  },
];
