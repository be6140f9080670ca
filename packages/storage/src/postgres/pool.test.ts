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

test('connections that are opened ahead are the ones that are used', async t => {
  const url = (await started).url('postgres');
  const pool = new Pool(2, () => ({ url, name: 'ahead', timeoutMs: 60_000 }));
  t.teardown(() => pool.close());
  pool.open(60_000);
  const sessions = () => pool.query(60_000, "SELECT pid FROM pg_stat_activity WHERE application_name = 'ahead'");
  let opened = await sessions();
  while (opened.length < 2) opened = await sessions();
  t.is(new Set([...opened, ...(await sessions())].map(({ pid }) => pid)).size, 2);
});

test('where none can be opened ahead, whoever asks is told why', async t => {
  const pool = new Pool(2, () => ({ url: 'postgres://127.0.0.1:1/none', name: 'ahead', timeoutMs: 60_000 }));
  t.teardown(() => pool.close());
  pool.open(60_000);
  await t.throwsAsync(pool.query(60_000, 'SELECT 1'), { message: /ECONNREFUSED/ });
});

test('a moment that does not come until the deadline is given up, and what comes of it later reaches no session', async t => {
  const url = (await started).url('postgres');
  const pool = new Pool(1, () => ({ url, name: 'moment', timeoutMs: 60_000 }));
  t.teardown(() => pool.close());
  let late: (() => Promise<void>) | undefined;
  const asked = pool.queryAsOf(
    200,
    moment => {
      late = moment;
      return new Promise(() => undefined);
    },
    'SELECT 1',
    [],
  );
  await t.throwsAsync(asked, { name: 'ConnectionLost', message: /moment/ });
  await t.throwsAsync(late!(), { name: 'ConnectionLost' });
  t.deepEqual(await pool.query(60_000, 'SELECT transaction_timestamp() = statement_timestamp() AS alone'), [
    { alone: true },
  ]);
  t.is(pool.busy, 0);
});
