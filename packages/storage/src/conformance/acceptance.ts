import { deepEqual, equal } from 'node:assert/strict';
import { inboxKeyOf } from '@dfnsjs/actor-core/ports';
import type { Incarnation, ShardId } from '@dfnsjs/actor-core/records';
import type { ConformanceCase } from './opened-store.ts';
import { LEASE_MS, Scene } from './scene.ts';
import { readable } from './trace.ts';

const ZERO = 0 as ShardId;
const HELD = { code: 'NON_DETERMINISM', message: 'm', build: 'b1', at: 1 };
/** As a sender a node is below all runs. */
const DOOR = -7;

/** Of stores that nodes share: one puts a client's message into the inbox of another one's execution. */
export const ACCEPTANCE: readonly ConformanceCase[] = [
  {
    name: 'a message of a node that does not own the shard is there until it is taken',
    run: async ({ store }) => {
      if (!store.accept || !store.untaken) return;
      const owner = await Scene.join(store);
      const other = await Scene.join(store, 'node-2');
      await owner.given(owner.start(1));
      const one = owner.message(1, 5, 0, 1, { sender: DOOR as never });
      const second = { ...one, number: 2 };
      // Behind what waits; asked for again it stands where it stood.
      const two = { ...second, accepted: 6 };
      equal(await store.accept(other.incarnation, one), 5);
      equal(await store.accept(other.incarnation, second), 6);
      equal(await store.accept(other.incarnation, second), 6);
      equal(await store.accept(other.incarnation, one), 5);
      const at = { ...one, accepted: 4 };
      deepEqual(await store.untaken([one, at, two].map(inboxKeyOf)), [one, two].map(inboxKeyOf));
      deepEqual(readable(await store.inbox([{ shard: ZERO }], 10)), readable([one, two]));
      await owner.given(owner.turn(1, 1, { takes: [inboxKeyOf(one)] }));
      deepEqual(await store.untaken([one, two].map(inboxKeyOf)), [inboxKeyOf(two)]);
      deepEqual(await store.untaken([]), []);
    },
  },
  {
    name: 'nothing is put for what is not open, or held; held ones keep what they have',
    run: async ({ store }) => {
      if (!store.accept || !store.untaken) return;
      const scene = await Scene.join(store);
      await scene.given(scene.start(1), scene.start(2));
      await scene.given(scene.turn(1, 1, { update: { status: 'completed', closedAt: 5 } }));
      const before = scene.message(2, 5);
      equal(await store.accept(scene.incarnation, before), 5);
      await scene.given(scene.part(scene.eid(2), 1, { update: { held: HELD } }));
      equal(await store.accept(scene.incarnation, scene.message(1, 5)), 'closed');
      equal(await store.accept(scene.incarnation, scene.message(2, 6)), 'held');
      equal(await store.accept(scene.incarnation, scene.message(3, 5)), 'closed');
      deepEqual(await store.untaken([before].map(inboxKeyOf)), [inboxKeyOf(before)]);
      await scene.given(scene.part(scene.eid(2), 1, { update: { held: null } }));
      deepEqual(readable(await store.inbox([{ shard: ZERO }], 10)), readable([before]));
    },
  },
  {
    name: 'the receiver is the execution: a later run of it takes the message, and may be held',
    run: async ({ store }) => {
      if (!store.accept) return;
      const scene = await Scene.join(store);
      await scene.given(scene.start(1));
      const next = scene.run(2, { id: 'run-1', first: scene.eid(1) });
      const change = {
        update: { status: 'continued-as-new' },
        insert: next,
        current: { expect: scene.eid(1) },
      } as const;
      await scene.given(scene.turn(1, 1, change));
      equal(await store.accept(scene.incarnation, scene.message(1, 5)), 5);
      equal(await store.accept(scene.incarnation, scene.message(2, 5)), 'closed');
      deepEqual((await store.load([next.eid]))[0]?.inbox.length, 1);
      await scene.given(scene.part(next.eid, 0, { update: { held: HELD } }));
      equal(await store.accept(scene.incarnation, scene.message(1, 6)), 'held');
    },
  },
  {
    name: 'whoever has no lease any more, or never had one, puts nothing',
    run: async ({ store, advance }) => {
      if (!store.accept) return;
      const scene = await Scene.join(store);
      await scene.given(scene.start(1));
      const row = scene.message(1, 5);
      equal(await store.accept('nobody' as Incarnation, row), 'ended');
      await advance(LEASE_MS);
      equal(await store.accept(scene.incarnation, row), 'ended');
      await Scene.join(store, 'node-2');
      deepEqual(await store.inbox([{ shard: ZERO }], 10), []);
    },
  },
];
