import { deepEqual, equal } from 'node:assert/strict';
import type { Store } from '@dfnsjs/actor-core/ports';
import type { RunRow, Status } from '@dfnsjs/actor-core/records';
import type { ConformanceCase } from './opened-store.ts';
import { bytes, NAMESPACE, Scene } from './scene.ts';

const closed = (closedAt: number, more: Partial<RunRow> = {}, status: Status = 'completed') => ({
  status,
  closedAt,
  ...more,
});

/** Goes on until nothing is left, so many at a time: the ids, in the order in which they went. */
async function retireAll(store: Store, closedBefore: number, limit = 100): Promise<string[]> {
  const ids: string[] = [];
  for (;;) {
    const retired = await store.retire({ closedBefore }, limit);
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
        scene.start(2, closed(20, { id: 'b', shard: 1 as never }, 'failed')),
        scene.start(3, closed(100, { id: 'c' })),
        scene.start(4, { id: 'd' }),
        scene.start(5, closed(30, { id: 'e', namespace: 'other' }, 'cancelled')),
      );
      await scene.given(scene.part(scene.eid(1), 1, { accepts: [scene.message(1, 10)] }));
      deepEqual(await store.retire({ closedBefore: 100 }, 1), [{ namespace: NAMESPACE, id: 'b', first: scene.eid(2) }]);
      deepEqual(await retireAll(store, 100, 1), ['e', 'a']);
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
      deepEqual(await retireAll(store, 50), ['old']);
      deepEqual(await store.load([scene.eid(5), scene.eid(6)]), [undefined, undefined]);
      deepEqual(await idsOf(store), ['open', 'open', 'recent', 'recent']);
      deepEqual(await retireAll(store, 91), ['recent']);
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
      deepEqual(await retireAll(store, 50), []);
      await scene.given(scene.part(scene.eid(2), 0, { update: { status: 'completed', closedAt: 60 } }));
      deepEqual(await retireAll(store, 60), []);
      deepEqual(await retireAll(store, 61), ['a']);
      deepEqual(await idsOf(store), []);
    },
  },
  {
    name: 'an execution whose id another one has now goes, and the id stays with the other',
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      await scene.given(scene.start(1, closed(10, { id: 'a' })));
      await scene.given(scene.start(2, closed(80, { id: 'a' }), { current: { expect: scene.eid(1) } }));
      deepEqual(await store.retire({ closedBefore: 50 }, 10), [{ namespace: NAMESPACE, id: 'a', first: scene.eid(1) }]);
      equal((await store.current(NAMESPACE, 'a'))?.eid, scene.eid(2));
      deepEqual(await idsOf(store), ['a']);
      deepEqual(await store.retire({ closedBefore: 81 }, 10), [{ namespace: NAMESPACE, id: 'a', first: scene.eid(2) }]);
      equal(await store.current(NAMESPACE, 'a'), undefined);
    },
  },
];
