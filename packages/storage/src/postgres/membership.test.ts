import type { Incarnation } from '@dfnsjs/actor-core/records';
import test, { type ExecutionContext } from 'ava';
import { LEASE_MS, Scene } from '../conformance/scene.ts';
import { Databases } from './databases.test.support.ts';
import { openPostgres } from './open.ts';

const databases = Databases.start();
test.after.always(async () => (await databases).stop());

async function place(t: ExecutionContext) {
  const all = await databases;
  const database = await all.create();
  const store = await openPostgres(all.server.url(database));
  t.teardown(() => store.close());
  const scene = await Scene.join(store);
  return { all, database, scene, store, run: (sql: string) => all.server.run(database, sql) };
}

/** Until a session of dfns waits for a lock, with the lock held by somebody whose session `holding` made. */
const WAITS = `SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()
  AND application_name LIKE 'dfns%'`;

for (const call of ['renew', 'setDuty'] as const) {
  test(`a lease that runs out while ${call} waits for the row of the node is over`, async t => {
    const { scene, store, run } = await place(t);
    // Holds the row until a call waits for it, and lets the lease run out before it gives it up.
    const holder = run(
      `BEGIN; SELECT FROM dfns.node FOR UPDATE;
       DO $$ BEGIN
         WHILE NOT EXISTS (${WAITS}) LOOP PERFORM pg_sleep(0.005), pg_stat_clear_snapshot(); END LOOP;
       END $$;
       UPDATE dfns.test_clock SET ms = ms + ${LEASE_MS}; COMMIT`,
    );
    for (;;) {
      const [held] = await run(
        // A table has the same number in each database that was made from the same template.
        `SELECT 1 FROM pg_locks JOIN pg_database d ON d.oid = database AND d.datname = current_database()
         WHERE relation = 'dfns.node'::regclass AND mode = 'RowShareLock'`,
      );
      if (held) break;
    }
    const answer =
      call === 'renew' ? (await store.renew(scene.incarnation)).alive : await store.setDuty(scene.incarnation, 'drain');
    await holder;
    t.false(answer);
    t.true(await store.bury(scene.incarnation));
  });
}

test('a burial and a renewal that wait for one another end in one of the two, every time', async t => {
  const { all, database, store } = await place(t);
  const other = await openPostgres(all.server.url(database));
  t.teardown(() => other.close());
  for (let round = 0; round < 20; round++) {
    const incarnation = `racer-${round}` as Incarnation;
    await store.join({ incarnation, address: 'x', build: 'b', leaseMs: LEASE_MS, shards: 4 });
    await all.advance(database, LEASE_MS - 1);
    const [renewed, buried] = await Promise.all([
      store.renew(incarnation),
      other.bury(incarnation),
      all.advance(database, 1),
    ]);
    // A burial that came while the lease was not over yet, and a renewal that came too late: neither.
    t.false(renewed.alive && buried);
    t.is(await other.bury(incarnation), !renewed.alive);
    t.is(
      (await other.members()).members.some(member => member.incarnation === incarnation),
      renewed.alive,
    );
    t.is((await store.renew(incarnation)).alive, renewed.alive);
  }
});
