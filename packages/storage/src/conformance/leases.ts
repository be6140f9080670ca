import { deepEqual, equal, rejects } from 'node:assert/strict';
import type { Store } from '@dfnsjs/actor-core/ports';
import type { Epoch, Incarnation, ShardId } from '@dfnsjs/actor-core/records';
import type { ConformanceCase } from './opened-store.ts';
import { LEASE_MS, Scene, SHARDS } from './scene.ts';

const ZERO = 0 as ShardId;
const A = 'a' as Incarnation;
const B = 'b' as Incarnation;

function join(store: Store, incarnation: Incarnation, shards = SHARDS) {
  return store.join({ incarnation, address: 'here', build: 'b1', leaseMs: LEASE_MS, shards });
}

export const LEASES: readonly ConformanceCase[] = [
  {
    name: 'ordinals are whole numbers from 1 and never given twice, over joins and openings',
    run: async ({ store, reopen }) => {
      const ordinals = [(await join(store, A)).ordinal, (await join(store, B)).ordinal, (await join(store, A)).ordinal];
      ordinals.push((await join(await reopen(), 'c' as Incarnation)).ordinal);
      equal(new Set(ordinals).size, 4);
      equal(
        ordinals.every(ordinal => Number.isInteger(ordinal) && ordinal >= 1),
        true,
      );
    },
  },
  {
    name: 'the number of shards is fixed by the first join',
    run: async ({ store, reopen }) => {
      deepEqual(await store.shards(), []);
      await join(store, A);
      const fresh = Array.from({ length: SHARDS }, (_, shard) => ({ shard, epoch: 0, owner: null, build: null }));
      deepEqual(await store.shards(), fresh);
      await rejects(join(store, B, SHARDS + 1), { code: 'VALIDATION', message: new RegExp(`${SHARDS} shards`) });
      const again = await reopen();
      await rejects(join(again, B, SHARDS - 1), { code: 'VALIDATION' });
      deepEqual(await again.shards(), fresh);
    },
  },
  {
    name: 'a free shard is acquired under the next epoch, by one only',
    run: async ({ store }) => {
      await join(store, A);
      await join(store, B);
      const acquired = await store.acquire(ZERO, 0 as Epoch, A, 'build-a');
      deepEqual(acquired, {
        shard: 0,
        epoch: 1,
        owner: 'a',
        build: 'build-a',
        clean: true,
        highestAccepted: 0,
        handOver: null,
      });
      equal(await store.acquire(ZERO, 0 as Epoch, B, 'build-b'), undefined);
      equal(await store.acquire(ZERO, 1 as Epoch, B, 'build-b'), undefined);
      deepEqual((await store.shards())[0], { shard: 0, epoch: 1, owner: 'a', build: 'build-a' });
    },
  },
  {
    name: 'whoever joins and leaves again, for a number, takes nothing from an owner',
    run: async ({ store }) => {
      const { ordinal } = await join(store, A);
      await store.acquire(ZERO, 0 as Epoch, A, 'b1');
      const drawn = (await join(store, B)).ordinal;
      await store.leave(B);
      equal(drawn > ordinal, true);
      deepEqual((await store.shards())[0], { shard: 0, epoch: 1, owner: 'a', build: 'b1' });
      equal(await store.resync(ZERO, 1 as Epoch, A), 2);
    },
  },
  {
    name: 'an epoch other than the one seen acquires nothing',
    run: async ({ store }) => {
      await join(store, A);
      equal(await store.acquire(ZERO, 1 as Epoch, A, 'b1'), undefined);
      equal(await store.acquire(99 as ShardId, 0 as Epoch, A, 'b1'), undefined);
      deepEqual((await store.shards())[0], { shard: 0, epoch: 0, owner: null, build: null });
    },
  },
  {
    name: 'who has not joined, has left or has lapsed acquires nothing',
    run: async ({ store, advance }) => {
      await join(store, A);
      equal(await store.acquire(ZERO, 0 as Epoch, B, 'b1'), undefined);
      await join(store, B);
      await store.leave(B);
      equal(await store.acquire(ZERO, 0 as Epoch, B, 'b1'), undefined);
      await advance(LEASE_MS);
      equal(await store.acquire(ZERO, 0 as Epoch, A, 'b1'), undefined);
    },
  },
  {
    name: 'acquire, resync and release sent again get their first answer',
    run: async ({ store }) => {
      await join(store, A);
      const first = await store.acquire(ZERO, 0 as Epoch, A, 'b1');
      deepEqual(await store.acquire(ZERO, 0 as Epoch, A, 'b1'), first);
      equal(await store.resync(ZERO, 1 as Epoch, A), 2);
      equal(await store.resync(ZERO, 1 as Epoch, A), 2);
      await store.release(A, [{ shard: ZERO, epoch: 2 as Epoch, handOver: null }]);
      await store.release(A, [{ shard: ZERO, epoch: 2 as Epoch, handOver: null }]);
      deepEqual((await store.shards())[0], { shard: 0, epoch: 2, owner: null, build: 'b1' });
    },
  },
  {
    name: 'release gives up only what (incarnation, epoch) owns',
    run: async ({ store }) => {
      const scene = await Scene.join(store, 'a');
      await join(store, B);
      const epoch = scene.epochs.get(0)!;
      await store.release(B, [{ shard: ZERO, epoch, handOver: null }]);
      await store.release(A, [
        { shard: ZERO, epoch: (epoch + 1) as Epoch, handOver: null },
        { shard: 1 as ShardId, epoch: scene.epochs.get(1)!, handOver: null },
      ]);
      deepEqual(
        (await store.shards()).map(row => row.owner),
        ['a', null, 'a', 'a'],
      );
    },
  },
  {
    name: "resync is the owner's alone",
    run: async ({ store }) => {
      const scene = await Scene.join(store, 'a');
      const epoch = scene.epochs.get(0)!;
      equal(await store.resync(ZERO, epoch, B), undefined);
      equal(await store.resync(ZERO, (epoch + 1) as Epoch, A), undefined);
      equal(await store.resync(ZERO, (epoch - 1) as Epoch, A), epoch);
      equal((await store.shards())[0]?.epoch, epoch);
    },
  },
  {
    name: 'a released shard is taken over clean, one whose owner left without a release is not',
    run: async ({ store }) => {
      await join(store, A);
      await join(store, B);
      await store.acquire(ZERO, 0 as Epoch, A, 'b1');
      await store.release(A, [{ shard: ZERO, epoch: 1 as Epoch, handOver: null }]);
      equal((await store.acquire(ZERO, 1 as Epoch, A, 'b1'))?.clean, true);
      await store.leave(A);
      const taken = await store.acquire(ZERO, 2 as Epoch, B, 'b2');
      deepEqual([taken?.clean, taken?.epoch, taken?.owner, taken?.build], [false, 3, 'b', 'b2']);
    },
  },
  {
    name: 'the shards of a dead owner may be taken when its lease is over, not before',
    run: async ({ store, advance }) => {
      await join(store, A);
      await store.acquire(ZERO, 0 as Epoch, A, 'b1');
      await advance(LEASE_MS - 1);
      await join(store, B);
      equal(await store.acquire(ZERO, 1 as Epoch, B, 'b1'), undefined);
      await advance(1);
      equal((await store.acquire(ZERO, 1 as Epoch, B, 'b1'))?.clean, false);
    },
  },
  {
    name: "renewing extends the lease and tells the store's time",
    run: async ({ store, advance }) => {
      const joined = await join(store, A);
      await store.acquire(ZERO, 0 as Epoch, A, 'b1');
      for (let i = 1; i <= 3; i++) {
        await advance(LEASE_MS - 1);
        const renewed = await store.renew(A);
        equal(renewed.alive, true);
        equal(renewed.now >= joined.now + i * (LEASE_MS - 1), true);
      }
      await join(store, B);
      equal(await store.acquire(ZERO, 1 as Epoch, B, 'b1'), undefined);
    },
  },
  {
    name: 'an incarnation that lapsed, left or never joined cannot renew, nor join again',
    run: async ({ store, advance }) => {
      await join(store, A);
      await advance(LEASE_MS);
      equal((await store.renew(A)).alive, false);
      equal((await store.renew(A)).alive, false);
      await rejects(join(store, A), { code: 'VALIDATION' });
      await join(store, B);
      await store.leave(B);
      equal((await store.renew(B)).alive, false);
      equal((await store.renew('c' as Incarnation)).alive, false);
    },
  },
  {
    name: "a new owner is told the highest accepted number of the shard's inbox",
    run: async ({ store, advance }) => {
      const scene = await Scene.join(store, 'a');
      await scene.given(scene.start(1), scene.start(2, { shard: 1 as ShardId }));
      const elsewhere = scene.message(2, 900, 0, 1, { shard: 1 as ShardId });
      await scene.given(
        scene.part(scene.eid(1), 1, { accepts: [scene.message(1, 70), scene.message(1, 30), elsewhere] }),
      );
      await advance(LEASE_MS);
      await join(store, B);
      equal((await store.acquire(ZERO, scene.epochs.get(0)!, B, 'b1'))?.highestAccepted, 70);
      equal((await store.acquire(2 as ShardId, scene.epochs.get(2)!, B, 'b1'))?.highestAccepted, 0);
    },
  },
];
