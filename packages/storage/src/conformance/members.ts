import { deepEqual, equal } from 'node:assert/strict';
import { type NodeReport, ownedText, type Store } from '@dfnsjs/actor-core/ports';
import type { Epoch, Incarnation, ShardId } from '@dfnsjs/actor-core/records';
import type { ConformanceCase } from './opened-store.ts';
import { LEASE_MS, Scene, SHARDS } from './scene.ts';

const A = 'a' as Incarnation;
const B = 'b' as Incarnation;
const NOBODY = 'nobody' as Incarnation;
const ZERO = 0 as ShardId;
const READY: NodeReport = { transport: true, state: 'ready', residents: 3, loopLagMs: 1.5 };

const join = (store: Store, incarnation: Incarnation) =>
  store.join({ incarnation, address: 'here', build: 'b1', leaseMs: LEASE_MS, shards: SHARDS });

const names = async (store: Store) => (await store.members()).members.map(({ incarnation }) => incarnation);

/** Whether the version of the members rises with what is done, and a renewal says the same version. */
async function raises(store: Store, work: () => Promise<unknown>): Promise<boolean> {
  const before = (await store.members()).version;
  await work();
  const after = (await store.members()).version;
  equal((await store.renew(NOBODY)).version, after);
  equal(after >= before, true);
  return after > before;
}

export const MEMBERS: readonly ConformanceCase[] = [
  {
    name: 'a new store has none',
    run: async ({ store }) => {
      const { members, now } = await store.members();
      deepEqual(members, []);
      equal(now > 0, true);
    },
  },
  {
    name: 'they are told with all that they said, in the order in which they came',
    run: async ({ store, advance }) => {
      const workflows = [
        { name: 'order', version: 2 },
        { name: '€ "x" \0', version: 1 },
      ];
      const { ordinal } = await store.join({
        incarnation: A,
        address: 'nats:7',
        build: 'b7',
        leaseMs: LEASE_MS,
        shards: SHARDS,
        workflows,
        report: { transport: false, state: 'leaving', residents: 4, loopLagMs: 0.25 },
      });
      await advance(1_000);
      const second = await join(store, B);
      const { members, now } = await store.members();
      equal(now >= second.now, true);
      const [first, other] = members;
      deepEqual(first, {
        leaseLeftMs: LEASE_MS - 1_000,
        incarnation: 'a',
        ordinal,
        address: 'nats:7',
        build: 'b7',
        workflows,
        duty: 'serve',
        transport: false,
        state: 'leaving',
        residents: 4,
        loopLagMs: 0.25,
      });
      deepEqual(other, {
        leaseLeftMs: LEASE_MS,
        incarnation: 'b',
        ordinal: second.ordinal,
        address: 'here',
        build: 'b1',
        workflows: [],
        duty: 'serve',
        transport: true,
        state: 'ready',
        residents: 0,
        loopLagMs: 0,
      });
    },
  },
  {
    name: 'one that joins again keeps its place, its duty and what it does not say anew',
    run: async ({ store }) => {
      const workflows = [{ name: 'order', version: 2 }];
      const request = { incarnation: A, address: 'x', build: 'b1', leaseMs: LEASE_MS, shards: SHARDS };
      const { ordinal } = await store.join({ ...request, workflows, report: READY });
      await join(store, B);
      await store.setDuty(A, 'cordon');
      const again = await store.join({ ...request, address: 'y' });
      equal(again.ordinal > ordinal, true);
      const [first] = (await store.members()).members;
      const same = { incarnation: 'a', ordinal, build: 'b1', workflows, duty: 'cordon', leaseLeftMs: LEASE_MS };
      deepEqual(first, { ...same, address: 'y', ...READY });
    },
  },
  {
    name: 'what is left of a lease is told, and one that is over stays until somebody buries it',
    run: async ({ store, advance }) => {
      await join(store, A);
      await advance(1_000);
      await join(store, B);
      const left = async () => (await store.members()).members.map(({ leaseLeftMs }) => leaseLeftMs);
      deepEqual(await left(), [LEASE_MS - 1_000, LEASE_MS]);
      await advance(LEASE_MS - 1_000);
      deepEqual(await left(), [0, 1_000]);
      deepEqual(await names(store), ['a', 'b']);
      equal(await store.bury(A), true);
      deepEqual(await names(store), ['b']);
    },
  },
  {
    name: 'a renewal keeps its report; only another transport or state is a change of the members',
    run: async ({ store }) => {
      await join(store, A);
      const renewed = (report?: NodeReport) =>
        raises(store, async () => equal((await store.renew(A, report)).alive, true));
      equal(await renewed(READY), false);
      equal(await renewed(), false);
      const told = async () => {
        const { transport, state, residents, loopLagMs } = (await store.members()).members[0]!;
        return { transport, state, residents, loopLagMs };
      };
      deepEqual(await told(), READY);
      equal(await renewed({ ...READY, residents: 9, loopLagMs: 70 }), false);
      equal(await renewed({ ...READY, transport: false }), true);
      equal(await renewed({ ...READY, transport: false, state: 'leaving' }), true);
      equal(await renewed({ ...READY, transport: false, state: 'leaving' }), false);
      deepEqual(await told(), { ...READY, transport: false, state: 'leaving' });
    },
  },
  {
    name: 'a join, a leave and a death are changes of the members, each once',
    run: async ({ store, advance }) => {
      equal(await raises(store, () => join(store, A)), true);
      equal(await raises(store, () => join(store, B)), true);
      equal(await raises(store, () => store.leave(B)), true);
      equal(await raises(store, () => store.leave(B)), false);
      equal(await raises(store, () => store.bury(A)), false);
      await advance(LEASE_MS);
      equal(await raises(store, () => store.bury(A)), true);
      equal(await raises(store, () => store.bury(A)), false);
      equal(await raises(store, () => store.leave(A)), false);
    },
  },
  {
    name: 'a lapsed one that renews, or whose shard is taken, has died with that',
    run: async ({ store, advance }) => {
      await join(store, A);
      await store.acquire(ZERO, 0 as Epoch, A, 'b1');
      await join(store, B);
      await advance(LEASE_MS - 1);
      await store.renew(A);
      await advance(1);
      equal(await raises(store, async () => equal((await store.renew(B)).alive, false)), true);
      deepEqual(await names(store), ['a']);
      await advance(LEASE_MS);
      await join(store, 'c' as Incarnation);
      const take = () => store.acquire(ZERO, 1 as Epoch, 'c' as Incarnation, 'b1');
      equal(await raises(store, async () => equal((await take())?.epoch, 2)), true);
      deepEqual(await names(store), ['c']);
      equal((await store.renew(A)).alive, false);
    },
  },
  {
    name: 'only a lease that is over is buried, and who is buried does not come back',
    run: async ({ store, advance }) => {
      await join(store, A);
      await advance(LEASE_MS - 1);
      equal(await store.bury(A), false);
      equal((await store.renew(A)).alive, true);
      await advance(LEASE_MS - 1);
      equal(await store.bury(A), false);
      await advance(1);
      equal(await store.bury(A), true);
      equal(await store.bury(A), true);
      equal((await store.renew(A, READY)).alive, false);
      deepEqual(await names(store), []);
      equal(await store.bury(NOBODY), true);
      equal((await join(store, NOBODY)).ordinal > 0, true);
    },
  },
  {
    name: 'of a burial and a renewal at once one counts, and the other is told so',
    run: async ({ store, advance }) => {
      for (let round = 0; round < 10; round++) {
        const incarnation = `node-${round}` as Incarnation;
        await join(store, incarnation);
        await advance(round % 2 === 0 ? LEASE_MS : LEASE_MS - 1);
        const [buried, renewed] = await Promise.all([store.bury(incarnation), store.renew(incarnation)]);
        equal(buried, !renewed.alive);
        equal((await names(store)).includes(incarnation), renewed.alive);
      }
    },
  },
  {
    name: 'a duty is set on the living, and is a change where it is another',
    run: async ({ store, advance }) => {
      await join(store, A);
      await join(store, B);
      await store.leave(B);
      equal(await raises(store, async () => equal(await store.setDuty(A, 'drain'), true)), true);
      equal(await raises(store, async () => equal(await store.setDuty(A, 'drain'), true)), false);
      deepEqual(
        (await store.members()).members.map(({ duty }) => duty),
        ['drain'],
      );
      equal(await store.setDuty(B, 'drain'), false);
      equal(await store.setDuty(NOBODY, 'serve'), false);
      await store.renew(A, READY);
      equal((await store.members()).members[0]?.duty, 'drain');
      await advance(LEASE_MS);
      equal(await store.setDuty(A, 'serve'), false);
    },
  },
  {
    name: 'a renewal tells which shards it owns, under which epochs',
    run: async ({ store }) => {
      const scene = await Scene.join(store, 'a');
      const owned = async () => (await store.renew(A)).owned;
      const own = () => [...scene.epochs].map(([shard, epoch]) => ({ shard: shard as ShardId, epoch }));
      equal(await owned(), ownedText(own()));
      scene.epochs.set(1, (await store.resync(1 as ShardId, scene.epochs.get(1)!, A))!);
      equal(await owned(), ownedText(own()));
      await store.release(A, [{ shard: ZERO, epoch: scene.epochs.get(0)!, handOver: null }]);
      scene.epochs.delete(0);
      equal(await owned(), ownedText(own()));
      equal((await store.renew(NOBODY)).owned, ownedText([]));
    },
  },
  {
    name: 'the version rises over openings, and who joins then is there',
    run: async ({ store, reopen }) => {
      await join(store, A);
      const { version } = await store.members();
      const again = await reopen();
      await join(again, B);
      equal((await again.members()).version > version, true);
      equal((await names(again)).includes(B), true);
    },
  },
];
