import { join } from 'node:path';
import test from 'ava';
import { StoreRefusedError } from '@dfnsjs/actor-core/ports';
import { Scene } from '../conformance/scene.ts';
import { openSqlite } from './open.ts';
import { clock, scratchDirectory } from './scratch.test.support.ts';

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
