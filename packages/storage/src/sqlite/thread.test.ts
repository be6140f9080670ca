import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { OutcomeUnknownError, StoreRefusedError } from '@dfnsjs/actor-core/ports';
import { Scene } from '../conformance/scene.ts';
import { openSqlite } from './open.ts';
import { clock, scratchDirectory } from './scratch.test.support.ts';
import { ThreadStore } from './thread.ts';

const HANGING = import.meta.url.replace(/thread\.test(\.\w+)$/, 'hanging-thread.test.child$1');

test('calls made before close are answered, later ones refused', async t => {
  const path = join(scratchDirectory(t), 'store.db');
  const store = await openSqlite(path, { clock, mode: 'worker' });
  const scene = await Scene.join(store);
  const commits = Promise.all([scene.commit(scene.start(1)), scene.commit(scene.start(2))]);
  await store.close();
  t.deepEqual(await commits, [[{ kind: 'done' }], [{ kind: 'done' }]]);
  await t.throwsAsync(scene.commit(scene.start(3)), { instanceOf: StoreRefusedError });
  await store.close();
});

test('a view into a large buffer takes only its own bytes to the thread', async t => {
  const path = join(scratchDirectory(t), 'store.db');
  const store = await openSqlite(path, { clock, mode: 'worker' });
  const scene = await Scene.join(store);
  const pool = new Uint8Array(1024).fill(7);
  await scene.given(scene.start(1, {}, { journal: { seq: 1, turn: pool.subarray(100, 103) } }));
  t.is(pool.byteLength, 1024);
  t.deepEqual([...(await store.load([scene.eid(1)]))[0]!.journal[0]!.turn], [7, 7, 7]);
  await store.close();
});

test('errors of the thread keep their kind, code and details', async t => {
  const directory = scratchDirectory(t);
  const store = await openSqlite(join(directory, 'store.db'), { clock, mode: 'worker' });
  await Scene.join(store);
  const asked = { incarnation: 'b' as never, address: 'x', build: 'b', leaseMs: 1, shards: 99 };
  t.like(await t.throwsAsync(store.join(asked), { code: 'VALIDATION' }), { details: { stored: 4, asked: 99 } });
  await store.close();
});

test('of a thread that hangs a commit is unknown and a read refused; sent again, the batch is there once', async t => {
  const path = join(scratchDirectory(t), 'store.db');
  const deadlines = new Set<() => void>();
  const setDeadline = (giveUp: () => void) => {
    deadlines.add(giveUp);
    return () => deadlines.delete(giveUp);
  };
  const store = await ThreadStore.open(path, clock, { setDeadline, worker: HANGING });
  const scene = await Scene.join(store);
  await scene.given(scene.start(1));
  t.is(deadlines.size, 0, 'no call is open');
  writeFileSync(`${path}-hangs`, '');
  const batch = scene.batch(scene.turn(1, 1));
  const calls = Promise.allSettled([store.commit(batch), store.load([scene.eid(1)]), store.renew(scene.incarnation)]);
  t.is(deadlines.size, 3);
  for (const giveUp of [...deadlines]) giveUp();
  const [commit, ...others] = await calls;
  const told = (call: PromiseSettledResult<unknown>) => call.status === 'rejected' && call.reason;
  t.true(told(commit) instanceof OutcomeUnknownError);
  for (const other of others) t.true(told(other) instanceof StoreRefusedError);
  rmSync(`${path}-hangs`);
  t.deepEqual(await store.commit(batch), [{ kind: 'done' }]);
  const [loaded] = await store.load([scene.eid(1)]);
  t.deepEqual(
    loaded?.journal.map(row => row.seq),
    [1, 2],
  );
  await store.close();
});

test('a store that does not open within the deadline is given up, and does not take the lock later', async t => {
  const path = join(scratchDirectory(t), 'store.db');
  writeFileSync(`${path}-hangs`, '');
  const setDeadline = (giveUp: () => void) => {
    setImmediate(giveUp);
    return () => undefined;
  };
  await t.throwsAsync(ThreadStore.open(path, clock, { setDeadline, worker: HANGING }), {
    instanceOf: StoreRefusedError,
  });
  rmSync(`${path}-hangs`);
  await (await openSqlite(path, { clock })).close();
});

test('a thread that dies is replaced: what was in hand is unknown, sent again it is there once', async t => {
  const path = join(scratchDirectory(t), 'store.db');
  const store = await ThreadStore.open(path, clock, { worker: HANGING });
  const scene = await Scene.join(store);
  await scene.given(scene.start(1));
  writeFileSync(`${path}-dies`, '');
  const batch = scene.batch(scene.turn(1, 1));
  const [commit, load] = await Promise.allSettled([store.commit(batch), store.load([scene.eid(1)])]);
  t.true(commit.status === 'rejected' && commit.reason instanceof OutcomeUnknownError);
  t.true(load.status === 'rejected' && load.reason instanceof StoreRefusedError && load.reason.isOutage);
  const again = await answered(() => store.commit(batch));
  t.deepEqual(again, [{ kind: 'done' }]);
  t.deepEqual(
    (await store.load([scene.eid(1)]))[0]?.journal.map(row => row.seq),
    [1, 2],
  );
  await store.close();
});

test('a store whose thread died can be closed before it is open again', async t => {
  const path = join(scratchDirectory(t), 'store.db');
  const store = await ThreadStore.open(path, clock, { worker: HANGING });
  writeFileSync(`${path}-dies`, '');
  await t.throwsAsync(store.shards(), { instanceOf: StoreRefusedError });
  await store.close();
  await t.throwsAsync(store.shards(), { instanceOf: StoreRefusedError, message: /closed/ });
  await (await openSqlite(path, { clock })).close();
});

/** Asks again for as long as the store refuses. */
async function answered<T>(call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof StoreRefusedError)) throw error;
      await new Promise(resolve => setImmediate(resolve));
    }
  }
}
