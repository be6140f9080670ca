import { startPgBouncer } from '@dfnsjs/postgres-server';
import test from 'ava';
import { CASES } from '../conformance/index.ts';
import { Databases } from './databases.test.support.ts';
import { migratePostgres, openPostgres } from './open.ts';

/** Those in which a session that changes from statement to statement could be seen. */
const THEMES = /^(commit|fencing|unknown outcome|leases|open count):/;

/** What a pooler does with settings of a session that it cannot keep. */
const POOLERS = {
  refuses: {},
  ignores: { ignore_startup_parameters: 'statement_timeout,lock_timeout,idle_in_transaction_session_timeout' },
};

for (const [does, settings] of Object.entries(POOLERS)) {
  test(`a store behind PgBouncer in transaction mode, which ${does} settings of a session, is migrated and conforms`, async t => {
    const databases = await Databases.start();
    t.teardown(() => databases.stop());
    const pooler = await startPgBouncer(databases.server, settings);
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
}
