import { equal } from 'node:assert/strict';
import type { Store } from '@dfnsjs/actor-core/ports';
import type { Epoch, Incarnation, ShardId } from '@dfnsjs/actor-core/records';
import type { ConformanceCase } from './opened-store.ts';
import { bytes, LEASE_MS, Scene, SHARDS } from './scene.ts';

const ZERO = 0 as ShardId;
const ONE = 1 as ShardId;

const text = (handOver: Uint8Array | null | undefined) => handOver && new TextDecoder().decode(handOver);

/** A node that takes the shard, free or its owner dead: its name, the epoch, and what was handed over. */
async function take(store: Store, shard: ShardId, name: string) {
  const incarnation = name as Incarnation;
  await store.join({ incarnation, address: 'here', build: 'b1', leaseMs: LEASE_MS, shards: SHARDS });
  const { epoch } = (await store.shards()).find(row => row.shard === shard)!;
  const acquired = await store.acquire(shard, epoch, incarnation, 'b1');
  return { incarnation, epoch: acquired?.epoch ?? (0 as Epoch), handOver: text(acquired?.handOver) };
}

export const HAND_OVER: readonly ConformanceCase[] = [
  {
    name: 'what a release brings is told to the next owner, each shard its own',
    run: async ({ store }) => {
      const scene = await Scene.join(store, 'a');
      await store.release(scene.incarnation, [
        { shard: ZERO, epoch: scene.epochs.get(0)!, handOver: bytes('of zero') },
        { shard: ONE, epoch: scene.epochs.get(1)!, handOver: null },
        { shard: 2 as ShardId, epoch: scene.epochs.get(2)!, handOver: new Uint8Array() },
      ]);
      equal((await take(store, ZERO, 'b')).handOver, 'of zero');
      equal((await take(store, ONE, 'b')).handOver, null);
      equal((await take(store, 2 as ShardId, 'b')).handOver, '');
    },
  },
  {
    name: 'it survives takeovers, resyncs and openings, until the next release',
    run: async ({ store, advance, reopen }) => {
      const scene = await Scene.join(store, 'a');
      const release = (handOver: Uint8Array | null, incarnation: Incarnation, epoch: Epoch, from = store) =>
        from.release(incarnation, [{ shard: ZERO, epoch, handOver }]);
      await release(bytes('first'), scene.incarnation, scene.epochs.get(0)!);
      const b = await take(store, ZERO, 'b');
      await store.resync(ZERO, b.epoch, b.incarnation);
      await advance(LEASE_MS);
      const c = await take(store, ZERO, 'c');
      equal(c.handOver, 'first');
      const again = await reopen();
      await advance(LEASE_MS);
      const d = await take(again, ZERO, 'd');
      equal(d.handOver, 'first');
      await release(bytes('second'), d.incarnation, d.epoch, again);
      const e = await take(again, ZERO, 'e');
      equal(e.handOver, 'second');
      await release(null, e.incarnation, e.epoch, again);
      equal((await take(again, ZERO, 'f')).handOver, null);
    },
  },
  {
    name: 'a release sent again, and one of who owns it no more, changes nothing',
    run: async ({ store }) => {
      const scene = await Scene.join(store, 'a');
      const epoch = scene.epochs.get(0)!;
      const release = (handOver: string) =>
        store.release(scene.incarnation, [{ shard: ZERO, epoch, handOver: bytes(handOver) }]);
      await release('first');
      await release('again');
      const b = await take(store, ZERO, 'b');
      equal(b.handOver, 'first');
      await release('late');
      equal((await store.shards())[0]?.owner, 'b');
      const asked = await store.acquire(ZERO, epoch, b.incarnation, 'b1');
      equal(text(asked?.handOver), 'first');
    },
  },
];
