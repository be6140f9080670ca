import { deepEqual, equal } from 'node:assert/strict';
import type { Epoch, Incarnation, ShardId } from '@dfnsjs/actor-core/records';
import type { ConformanceCase } from './opened-store.ts';
import { LEASE_MS, Scene } from './scene.ts';

const FENCED = { kind: 'fenced' };
const DONE = { kind: 'done' };
const ZERO = 0 as ShardId;

export const FENCING: readonly ConformanceCase[] = [
  {
    name: 'a shard that nobody owns takes no commits',
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      await store.release(scene.incarnation, [{ shard: ZERO, epoch: scene.epochs.get(0)!, handOver: null }]);
      deepEqual(await scene.commit(scene.start(1)), [FENCED]);
    },
  },
  {
    name: 'a shard that the store does not have takes no commits',
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      deepEqual(await scene.commit(scene.start(1, { shard: 99 as ShardId }, { epoch: 1 as Epoch })), [FENCED]);
    },
  },
  {
    name: "the epoch must be the owner's, neither older nor newer",
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      const epoch = scene.epochs.get(0)!;
      const under = (n: number) => scene.start(1, {}, { epoch: (epoch + n) as Epoch });
      deepEqual(await scene.commit(under(-1), under(1)), [FENCED, FENCED]);
      deepEqual(await scene.commit(under(0)), [DONE]);
    },
  },
  {
    name: 'the incarnation must be the owner',
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      const other = { ...scene.batch(scene.start(1)), incarnation: 'somebody' as Incarnation };
      deepEqual(await store.commit(other), [FENCED]);
    },
  },
  {
    name: "fences are a shard's own: the rest of the batch lands",
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      await store.release(scene.incarnation, [{ shard: ZERO, epoch: scene.epochs.get(0)!, handOver: null }]);
      const verdicts = await scene.commit(scene.start(1), scene.start(2, { shard: 1 as ShardId }), scene.start(3));
      deepEqual(verdicts, [FENCED, DONE, FENCED]);
    },
  },
  {
    name: 'after a takeover the old owner writes nothing, and the new one goes on where it ended',
    run: async ({ store, advance }) => {
      const old = await Scene.join(store, 'old');
      await old.given(old.start(1));
      await advance(LEASE_MS);
      const next = await Scene.join(store, 'next');
      equal(next.epochs.get(0), old.epochs.get(0)! + 1);
      deepEqual(await old.commit(old.turn(1, 1)), [FENCED]);
      const turn = next.part(old.eid(1), 1, { journal: { seq: 2, turn: new Uint8Array(3) } });
      deepEqual(await next.commit(turn), [DONE]);
      deepEqual(await old.commit(old.turn(1, 1)), [FENCED]);
    },
  },
  {
    name: 'an owner whose lease ran out may write until somebody takes the shard',
    run: async ({ store, advance }) => {
      const scene = await Scene.join(store);
      await advance(LEASE_MS * 2);
      deepEqual(await scene.commit(scene.start(1)), [DONE]);
    },
  },
  {
    name: 'resync fences what was sent under the epoch before',
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      const before = scene.start(1);
      const epoch = await store.resync(ZERO, scene.epochs.get(0)!, scene.incarnation);
      equal(epoch, scene.epochs.get(0)! + 1);
      deepEqual(await scene.commit(before, { ...before, epoch }), [FENCED, DONE]);
    },
  },
  {
    name: 'an epoch that has served is worth nothing once the shard went, and others go on',
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      const one = { shard: 1 as ShardId };
      await scene.given(scene.start(1), scene.start(2, one));
      await scene.given(scene.turn(1, 1), scene.turn(2, 1, one));
      const old = scene.turn(1, 2);
      await store.release(scene.incarnation, [{ shard: ZERO, epoch: scene.epochs.get(0)!, handOver: null }]);
      deepEqual(await scene.commit(old, scene.turn(2, 2, one)), [FENCED, DONE]);
      const again = await store.acquire(ZERO, scene.epochs.get(0)!, scene.incarnation, 'build');
      deepEqual(await scene.commit(old), [FENCED]);
      deepEqual(await scene.commit({ ...old, epoch: again!.epoch }), [DONE]);
      const epoch = await store.resync(ZERO, again!.epoch, scene.incarnation);
      const next = { ...scene.turn(1, 3), epoch: again!.epoch };
      deepEqual(await scene.commit(next, scene.turn(2, 3, one)), [FENCED, DONE]);
      deepEqual(await scene.commit({ ...next, epoch: epoch! }), [DONE]);
    },
  },
];
