import { startPgBouncer } from '@dfnsjs/postgres-server';
import test from 'ava';
import { CASES } from '../conformance/index.ts';
import { Databases } from './databases.test.support.ts';
import { migratePostgres, openPostgres } from './open.ts';

/** Those in which a session that changes from statement to statement could be seen. */
const THEMES = /^(commit|fencing|unknown outcome|leases):/;

test('a store behind PgBouncer in transaction mode is migrated and conforms', async t => {
  const databases = await Databases.start();
  t.teardown(() => databases.stop());
  const pooler = await startPgBouncer(databases.server);
  if (!pooler) {
    t.pass('PgBouncer is not installed here');
    return;
  }
  t.teardown(() => pooler.stop());

  const fresh = await databases.server.createDatabase();
  t.is((await migratePostgres(pooler.url(fresh), { check: false })).steps.length, 1);
  await (await openPostgres(pooler.url(fresh))).close();

  const database = await databases.create();
  for (const { name, run } of CASES.filter(each => THEMES.test(each.name))) {
    await databases.empty(database);
    const open = () => openPostgres(pooler.url(database));
    let store = await open();
    const reopen = async () => {
      await store.close();
      return (store = await open());
    };
    try {
      await run({ store, advance: ms => databases.advance(database, ms), reopen, dispose: () => store.close() });
    } catch (error) {
      t.fail(`${name}: ${String(error)}`);
    } finally {
      await store.close();
    }
  }
});
