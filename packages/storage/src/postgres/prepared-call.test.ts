import { startPostgres } from '@dfnsjs/postgres-server';
import test, { type ExecutionContext } from 'ava';
import type { Scalar } from './call-messages.ts';
import { Connection } from './connection.ts';
import { Deadline } from './deadline.ts';

const started = startPostgres();
test.after.always(async () => (await started).stop());

async function connected(t: ExecutionContext, parameters = '') {
  const server = await started;
  const url = `${server.url(await server.createDatabase())}${parameters}`;
  const deadline = new Deadline(60_000);
  const connection = await Connection.open({ url, name: 'test', timeoutMs: 60_000 }, deadline);
  t.teardown(async () => {
    await connection.close();
    deadline.end();
  });
  const query = (text: string) => connection.query(text, [], deadline);
  const call = (name: string, text: string, ...values: Scalar[]) => connection.call({ name, text }, values, deadline);
  return { connection, query, call };
}

test('a call is answered with its text, or null, and is parsed once a session', async t => {
  const { query, call } = await connected(t);
  const both = 'SELECT $1::text || $2::int || $3::boolean';
  t.is(await call('both', both, 'a', 1, true), 'a1true');
  t.is(await call('both', both, 'b', 2, false), 'b2false');
  t.is(await call('both', both, null, 2, false), null);
  t.deepEqual(await query('SELECT count(*) AS known FROM pg_prepared_statements'), [{ known: 1 }]);
});

test('bytes go as they are, and text of any script', async t => {
  const { call } = await connected(t);
  const text = "SELECT encode($1::bytea, 'hex') || ' ' || $2::text || ' ' || length($2) || coalesce($3::text, ' none')";
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
  t.is(await call('bytes', text, bytes, 'grün 漢字 🙂', null), `${bytes.toString('hex')} grün 漢字 🙂 9 none`);
  const large = Buffer.alloc(200_000, 7);
  t.is(await call('bytes', text, large, '', '!'), `${large.toString('hex')}  0!`);
});

test('what fails when it is committed was not done, and the session goes on', async t => {
  const { query, call } = await connected(t);
  await query('CREATE TABLE one (n int UNIQUE DEFERRABLE INITIALLY DEFERRED)');
  const add = "INSERT INTO one VALUES ($1) RETURNING 'done'";
  t.is(await call('add', add, 1), 'done');
  // The row was told, and the end of the command, before it is looked whether it may stand.
  await t.throwsAsync(call('add', add, 1), { message: /duplicate key/ });
  t.is(await call('add', add, 2), 'done');
  t.deepEqual(await query('SELECT array_agg(n)::text AS all FROM one'), [{ all: '{1,2}' }]);
});

test('where the session has forgotten a statement, or has one of the name, the call is made all the same', async t => {
  const { query, call } = await connected(t);
  t.is(await call('mine', "SELECT 'mine'"), 'mine');
  await query('DISCARD ALL');
  t.is(await call('mine', "SELECT 'mine'"), 'mine');
  const other = await connected(t);
  await other.query("PREPARE mine AS SELECT 'theirs'");
  t.is(await other.call('mine', "SELECT 'mine'"), 'mine');
});

test('a query_timeout of the URL leaves no timer behind', async t => {
  const { call } = await connected(t, '?query_timeout=60000');
  const timers = () => process.getActiveResourcesInfo().filter(each => each === 'Timeout').length;
  const before = timers();
  for (let i = 0; i < 20; i++) await call('one', "SELECT 'one'");
  await t.throwsAsync(call('none', 'SELECT none'));
  t.true(timers() - before < 10);
});
