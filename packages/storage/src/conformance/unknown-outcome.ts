import { deepEqual, equal, rejects } from 'node:assert/strict';
import { OutcomeUnknownError } from '@dfnsjs/actor-core/ports';
import type { Epoch, Incarnation, ShardId } from '@dfnsjs/actor-core/records';
import { FaultyStore } from './faulty-store.ts';
import type { ConformanceCase, OpenedStore } from './opened-store.ts';
import { NAMESPACE, Scene } from './scene.ts';
import { traceOf } from './trace.ts';

const DONE = { kind: 'done' };
const ZERO = 0 as ShardId;

/** A node whose first commit after the set-up has an unknown outcome. */
async function given(opened: OpenedStore, lands: 'now' | 'never' | 'later') {
  const faulty = new FaultyStore(opened.store, (call, number) =>
    call === 'commit' && number === 2 ? { kind: 'unknown', lands } : undefined,
  );
  const scene = await Scene.join(faulty);
  await scene.given(scene.start(1), scene.part(scene.eid(1), 1, { accepts: [scene.message(1, 5)] }));
  const batch = scene.batch(
    scene.turn(1, 1, { takes: [scene.message(1, 5)], sends: [scene.message(2, 6, 1)], update: { details: 'told' } }),
    scene.start(
      2,
      {},
      { idempotency: { namespace: NAMESPACE, key: 'k', hash: 'h', eid: scene.eid(2), expiresAt: 1e15 } },
    ),
    scene.start(3, { id: 'run-1' }),
  );
  await rejects(faulty.commit(batch), OutcomeUnknownError);
  const trace = () =>
    traceOf(
      faulty,
      [1, 2, 3].map(n => scene.eid(n)),
      ['run-1', 'run-2'],
    );
  return { faulty, scene, batch, trace };
}

export const UNKNOWN_OUTCOME: readonly ConformanceCase[] = [
  ...(['now', 'never'] as const).map(lands => ({
    name: `the batch sent again is answered as if it had been sent once (it landed: ${lands})`,
    run: async (opened: OpenedStore) => {
      const { faulty, scene, batch, trace } = await given(opened, lands);
      const verdicts = [DONE, DONE, { kind: 'exists', eid: scene.eid(1), status: 'running' }];
      deepEqual(await faulty.commit(batch), verdicts);
      const once = await trace();
      deepEqual(await faulty.commit(batch), verdicts);
      deepEqual(await trace(), once);
      equal((await faulty.load([scene.eid(1)]))[0]?.journal.length, 2);
    },
  })),
  {
    name: 'a batch that lands after it was sent again changes nothing more',
    run: async opened => {
      const { faulty, batch, trace, scene } = await given(opened, 'later');
      deepEqual(
        (await faulty.commit(batch)).map(verdict => verdict.kind),
        ['done', 'done', 'exists'],
      );
      await scene.given(scene.turn(1, 2), scene.turn(2, 1));
      const before = await trace();
      equal(await faulty.land(), true);
      deepEqual(await trace(), before);
    },
  },
  {
    name: 'a batch that lands late, then is sent again, is there once',
    run: async opened => {
      const { faulty, batch, trace } = await given(opened, 'later');
      await faulty.land();
      const before = await trace();
      deepEqual(
        (await faulty.commit(batch)).map(verdict => verdict.kind),
        ['done', 'done', 'exists'],
      );
      deepEqual(await trace(), before);
    },
  },
  {
    name: 'sent again, what landed is done and what did not is committed',
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      const batch = scene.batch(scene.start(1), scene.start(2), scene.start(3));
      deepEqual(await store.commit({ ...batch, actors: [batch.actors[1]!] }), [DONE]);
      deepEqual(await store.commit(batch), [DONE, DONE, DONE]);
      deepEqual(
        (await store.load([1, 2, 3].map(n => scene.eid(n)))).map(one => one?.journal.length),
        [1, 1, 1],
      );
    },
  },
  {
    name: 'a start without a turn, sent again, is done',
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      const insert = scene.run(1);
      const idempotency = { namespace: NAMESPACE, key: 'k', hash: 'h', eid: insert.eid, expiresAt: 1e15 };
      const batch = scene.batch(scene.part(insert.eid, 0, { insert, current: { expect: null }, idempotency }));
      deepEqual(await store.commit(batch), [DONE]);
      deepEqual(await store.commit(batch), [DONE]);
    },
  },
  {
    name: 'the same turn under another commit is a conflict',
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      await scene.given(scene.start(1));
      await scene.given(scene.turn(1, 1));
      deepEqual(await scene.commit(scene.turn(1, 1)), [{ kind: 'conflict' }]);
    },
  },
  {
    name: 'a landed start is told from the same start under another commit, after the store is opened again too',
    run: async ({ store, reopen }) => {
      const scene = await Scene.join(store);
      const idempotency = { namespace: NAMESPACE, key: 'k', hash: 'h', eid: scene.eid(1), expiresAt: 1e15 };
      const batch = scene.batch(scene.start(1, {}, { idempotency }), scene.start(2));
      deepEqual(await store.commit(batch), [DONE, DONE]);
      const again = await reopen();
      const other = scene.batch(...batch.actors);
      deepEqual(await again.commit(other), [{ kind: 'conflict' }, { kind: 'conflict' }]);
      deepEqual(await again.commit(batch), [DONE, DONE]);
    },
  },
  {
    name: 'a batch that is sent again behind a later one is answered, and what is written by its seq is not',
    run: async ({ store }) => {
      const scene = await Scene.join(store);
      await scene.given(scene.start(1));
      const batch = scene.batch(scene.turn(1, 1));
      deepEqual(await store.commit(batch), [DONE]);
      await scene.given(scene.turn(1, 2));
      deepEqual(await store.commit(batch), [DONE]);
      deepEqual(await scene.commit(scene.part(scene.eid(1), 2, { update: { details: 'stale' } })), [
        { kind: 'conflict' },
      ]);
      equal((await store.load([scene.eid(1)]))[0]?.run.details, null);
    },
  },
  {
    name: 'after the shard has changed hands the batch sent again is fenced, landed or not',
    run: async opened => {
      const { faulty, batch, scene } = await given(opened, 'now');
      const other = 'other' as Incarnation;
      await faulty.join({ incarnation: other, address: 'x', build: 'b', leaseMs: 1_000, shards: 4 });
      await faulty.release(scene.incarnation, [{ shard: ZERO, epoch: scene.epochs.get(0)!, handOver: null }]);
      equal((await faulty.acquire(ZERO, scene.epochs.get(0)!, other, 'b'))?.epoch, (scene.epochs.get(0)! + 1) as Epoch);
      deepEqual(
        (await faulty.commit(batch)).map(verdict => verdict.kind),
        ['fenced', 'fenced', 'fenced'],
      );
    },
  },
  {
    name: 'a late batch of the former owner lands as nothing',
    run: async opened => {
      const { faulty, scene, trace } = await given(opened, 'later');
      await faulty.resync(ZERO, scene.epochs.get(0)!, scene.incarnation);
      const before = await trace();
      equal(await faulty.land(), true);
      deepEqual(await trace(), before);
    },
  },
];
