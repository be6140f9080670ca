import { deepEqual, equal } from 'node:assert/strict';
import type { Store } from '@dfnsjs/actor-core/ports';
import type { ConformanceCase } from './opened-store.ts';
import { bytes, NAMESPACE, Scene } from './scene.ts';

const ALL = { filter: { namespace: NAMESPACE }, order: 'oldest', limit: 100 } as const;

/** An execution of two runs, with all that may be kept of one; and another that it has nothing to do with. */
async function given(scene: Scene, status: 'running' | 'failed' = 'failed'): Promise<void> {
  const attributes = new Map([['customer', 'x']]);
  const expiresAt = (await scene.store.renew(scene.incarnation)).now + 60_000;
  const idempotency = { namespace: NAMESPACE, key: 'k', hash: 'h', eid: scene.eid(1), expiresAt };
  await scene.given(scene.start(1, { id: 'a', attributes }, { idempotency }), scene.start(9, { id: 'b', attributes }));
  await scene.given(scene.part(scene.eid(1), 1, { snapshot: { from: 1, to: 1, turns: bytes('1') } }));
  await scene.given(
    scene.turn(1, 1, {
      update: { status: 'continued-as-new' },
      insert: scene.run(2, {
        id: 'a',
        first: scene.eid(1),
        attributes,
        wakeAt: status === 'running' ? 5 : null,
        status,
      }),
      current: { expect: scene.eid(1) },
      accepts: [scene.message(1, 10)],
    }),
    scene.part(scene.eid(9), 1, { accepts: [scene.message(9, 11)] }),
  );
  await scene.given(scene.turn(2, 0));
}

export const REMOVAL: readonly ConformanceCase[] = [
  {
    name: 'an execution that has ended goes with all its runs and rows, and no other',
    run: async ({ store, reopen }) => {
      const scene = await Scene.join(store);
      await given(scene);
      equal(await store.remove(NAMESPACE, 'a', scene.eid(1)), 'removed');
      const isGone = async (each: Store) => {
        equal(await each.current(NAMESPACE, 'a'), undefined);
        deepEqual(await each.load([scene.eid(1), scene.eid(2)]), [undefined, undefined]);
        deepEqual(await each.chain(scene.eid(1)), []);
        deepEqual(
          (await each.list(ALL)).map(run => run.id),
          ['b'],
        );
        const found = await each.count({ namespace: NAMESPACE, attributes: new Map([['customer', 'x']]) }, 100);
        equal(found.count, 1);
        deepEqual(
          (await each.inbox([{ shard: scene.run(1).shard }], 10)).map(row => row.receiver),
          [scene.eid(9)],
        );
        equal((await each.load([scene.eid(9)]))[0]?.journal.length, 1);
      };
      await isGone(store);
      await isGone(await reopen());
    },
  },
  {
    name: 'a message that comes to it afterwards can be taken away',
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      await given(scene);
      equal(await store.remove(NAMESPACE, 'a', scene.eid(1)), 'removed');
      const message = scene.message(1, 20);
      await scene.given(scene.turn(9, 1, { sends: [message] }));
      await scene.given(scene.part(scene.eid(1), 0, { takes: [message] }));
      deepEqual(
        (await store.inbox([{ shard: scene.run(1).shard }], 10)).map(row => row.receiver),
        [scene.eid(9)],
      );
    },
  },
  {
    name: 'its id and its idempotency key are free',
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      await given(scene);
      const expiresAt = (await store.renew(scene.incarnation)).now + 60_000;
      const again = (n: number) =>
        scene.start(
          n,
          { id: 'a' },
          { idempotency: { namespace: NAMESPACE, key: 'k', hash: 'h', eid: scene.eid(n), expiresAt } },
        );
      deepEqual(await scene.commit(again(3)), [{ kind: 'duplicate', eid: scene.eid(1), hash: 'h' }]);
      equal(await store.remove(NAMESPACE, 'a', scene.eid(1)), 'removed');
      await scene.given(again(3));
      equal((await store.current(NAMESPACE, 'a'))?.eid, scene.eid(3));
      deepEqual(await scene.commit(again(4)), [{ kind: 'duplicate', eid: scene.eid(3), hash: 'h' }]);
    },
  },
  {
    name: 'one that is open stays whole',
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      await given(scene, 'running');
      equal(await store.remove(NAMESPACE, 'a', scene.eid(1)), 'open');
      equal((await store.chain(scene.eid(1))).length, 2);
      equal((await store.load([scene.eid(2)]))[0]?.inbox.length, 1);
      await scene.given(scene.turn(2, 1));
    },
  },
  {
    name: 'asked for again, or of an id that another execution has now, nothing goes',
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      equal(await store.remove(NAMESPACE, 'a', scene.eid(1)), 'absent');
      await given(scene);
      equal(await store.remove('other', 'a', scene.eid(1)), 'absent');
      equal(await store.remove(NAMESPACE, 'a', scene.eid(2)), 'absent');
      equal(await store.remove(NAMESPACE, 'a', scene.eid(1)), 'removed');
      equal(await store.remove(NAMESPACE, 'a', scene.eid(1)), 'absent');
      await scene.given(scene.start(5, { id: 'a', status: 'completed' }));
      equal(await store.remove(NAMESPACE, 'a', scene.eid(1)), 'absent');
      equal((await store.current(NAMESPACE, 'a'))?.eid, scene.eid(5));
    },
  },
  {
    name: 'what is written for one that is gone is refused',
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      await given(scene);
      equal(await store.remove(NAMESPACE, 'a', scene.eid(1)), 'removed');
      deepEqual(
        await scene.commit(
          scene.turn(2, 1),
          scene.part(scene.eid(1), 2, {
            insert: scene.run(6, { id: 'a', first: scene.eid(1) }),
            current: { expect: scene.eid(2) },
          }),
        ),
        [{ kind: 'conflict' }, { kind: 'conflict' }],
      );
      equal(await store.current(NAMESPACE, 'a'), undefined);
    },
  },
];
