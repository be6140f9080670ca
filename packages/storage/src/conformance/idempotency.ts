import { deepEqual, equal } from 'node:assert/strict';
import type { ActorCommit } from '@dfnsjs/actor-core/ports';
import type { ConformanceCase } from './opened-store.ts';
import { NAMESPACE, Scene } from './scene.ts';

function keyed(scene: Scene, n: number, hash: string, expiresAt: number, namespace = NAMESPACE): ActorCommit {
  return scene.start(
    n,
    { namespace },
    { idempotency: { namespace, key: 'start order k', hash, eid: scene.eid(n), expiresAt } },
  );
}

async function storeNow(scene: Scene): Promise<number> {
  return (await scene.store.renew(scene.incarnation)).now;
}

export const IDEMPOTENCY: readonly ConformanceCase[] = [
  {
    name: 'a key that was used is told with the first run and the hash of its body',
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      const expiresAt = (await storeNow(scene)) + 60_000;
      await scene.given(keyed(scene, 1, 'h1', expiresAt));
      const first = { kind: 'duplicate', eid: scene.eid(1), hash: 'h1' };
      deepEqual(await scene.commit(keyed(scene, 2, 'h1', expiresAt), keyed(scene, 3, 'h3', expiresAt)), [first, first]);
      deepEqual(await store.load([scene.eid(2), scene.eid(3)]), [undefined, undefined]);
    },
  },
  {
    name: 'keys of two namespaces have nothing to do with one another',
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      const expiresAt = (await storeNow(scene)) + 60_000;
      await scene.given(keyed(scene, 1, 'h', expiresAt), keyed(scene, 2, 'h', expiresAt, 'other'));
    },
  },
  {
    name: "an expired key is free, and is then the next one's",
    run: async ({ store, advance }) => {
      const scene = await Scene.join(store);
      const now = await storeNow(scene);
      await scene.given(keyed(scene, 1, 'h1', now + 1_000));
      deepEqual(await scene.commit(keyed(scene, 2, 'h2', now + 5_000)), [
        { kind: 'duplicate', eid: scene.eid(1), hash: 'h1' },
      ]);
      await advance(1_000);
      await scene.given(keyed(scene, 2, 'h2', now + 5_000));
      deepEqual(await scene.commit(keyed(scene, 3, 'h3', now + 9_000)), [
        { kind: 'duplicate', eid: scene.eid(2), hash: 'h2' },
      ]);
    },
  },
  {
    name: 'expired keys are deleted, so many at a time, and no others',
    run: async ({ store, advance }) => {
      const scene = await Scene.join(store);
      const now = await storeNow(scene);
      const idempotency = (n: number, expiresAt: number) => ({
        idempotency: { namespace: NAMESPACE, key: `k${n}`, hash: 'h', eid: scene.eid(n), expiresAt },
      });
      for (const n of [1, 2, 3]) await scene.given(scene.start(n, {}, idempotency(n, now + 1_000)));
      await scene.given(scene.start(4, {}, idempotency(4, now + 60_000)));
      equal(await store.expireKeys(10), 0);
      await advance(1_000);
      equal(await store.expireKeys(2), 2);
      equal(await store.expireKeys(2), 1);
      equal(await store.expireKeys(2), 0);
      const again = scene.start(
        5,
        {},
        { idempotency: { ...idempotency(4, now + 60_000).idempotency, eid: scene.eid(5) } },
      );
      deepEqual(await scene.commit(again), [{ kind: 'duplicate', eid: scene.eid(4), hash: 'h' }]);
    },
  },
  {
    name: 'two starts with one key in one batch: one lands',
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      const expiresAt = (await storeNow(scene)) + 60_000;
      deepEqual(await scene.commit(keyed(scene, 1, 'h', expiresAt), keyed(scene, 2, 'h', expiresAt)), [
        { kind: 'done' },
        { kind: 'duplicate', eid: scene.eid(1), hash: 'h' },
      ]);
    },
  },
  {
    name: 'a key whose start was refused is not used up',
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      const expiresAt = (await storeNow(scene)) + 60_000;
      await scene.given(scene.start(9, { id: 'run-1' }));
      deepEqual(await scene.commit(keyed(scene, 1, 'h', expiresAt)), [
        { kind: 'exists', eid: scene.eid(9), status: 'running' },
      ]);
      await scene.given(keyed(scene, 2, 'h', expiresAt));
    },
  },
];
