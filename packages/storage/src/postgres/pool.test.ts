import test from 'ava';
import { startPostgres } from '@dfnsjs/postgres-server';
import { Pool } from './pool.ts';

const started = startPostgres();
test.after.always(async () => (await started).stop());

test('a pool tells how many connections are busy, and how many calls wait for one', async t => {
  const url = (await started).url('postgres');
  const pool = new Pool(2, () => ({ url, name: 'test', timeoutMs: 60_000 }));
  t.teardown(() => pool.close());
  t.deepEqual([pool.busy, pool.waiting], [0, 0]);
  const asked = [1, 2, 3].map(() => pool.query(60_000, 'SELECT pg_sleep(0)'));
  t.deepEqual([pool.busy, pool.waiting], [2, 1]);
  await Promise.all(asked);
  t.deepEqual([pool.busy, pool.waiting], [0, 0]);
  await t.throwsAsync(pool.query(60_000, 'SELECT 1 / 0'));
  t.deepEqual([pool.busy, pool.waiting], [0, 0]);
});
