import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { installations } from '@dfnsjs/postgres-server';
import { OutcomeUnknownError, type Store, StoreRefusedError } from '@dfnsjs/actor-core/ports';
import type { Epoch, ShardId } from '@dfnsjs/actor-core/records';
import test, { type ExecutionContext } from 'ava';
import { LEASE_MS, Scene } from '../conformance/scene.ts';
import { Databases } from './databases.test.support.ts';
import { openPostgres } from './open.ts';
import { Proxy } from './proxy.test.support.ts';

const DONE = [{ kind: 'done' }];
const FENCED = [{ kind: 'fenced' }];
const ZERO = 0 as ShardId;
/** What each commit locks first, and whoever takes a shard from its owner. */
const LANE = "SELECT 1 FROM dfns.lane WHERE incarnation = 'node-1'";

interface Place {
  readonly databases: Databases;
  readonly database: string;
  readonly proxy: Proxy;
  readonly scene: Scene;
  /** Statements of somebody else's. */
  run(sql: string, values?: readonly unknown[]): Promise<Record<string, unknown>[]>;
  open(deadlineMs?: number): Promise<Store>;
}

/** A store behind a proxy, whose calls are given up after `deadlineMs`. */
async function place(t: ExecutionContext, databases: Databases, deadlineMs: number): Promise<Place> {
  const database = await databases.create();
  const proxy = await Proxy.start(databases.server.port);
  const stores: Store[] = [];
  const open = async (url: string, ms: number) => {
    const store = await openPostgres(url, { deadlineMs: ms });
    stores.push(store);
    return store;
  };
  t.teardown(async () => {
    proxy.release();
    await Promise.all(stores.map(store => store.close()));
    await proxy.stop();
  });
  const url = databases.server.url(database);
  return {
    databases,
    database,
    proxy,
    scene: await Scene.join(await open(proxy.through(url), deadlineMs)),
    run: (sql, values) => databases.server.run(database, sql, values),
    open: (ms = 10_000) => open(url, ms),
  };
}

for (const installation of installations()) {
  const databases = Databases.start(installation);
  test.after.always(async () => (await databases).stop());
  const name = (title: string) => `${title} (${installation.version})`;
  const journalOf = async ({ scene: { store, eid }, scene }: Place) =>
    (await store.load([eid.call(scene, 1)]))[0]?.journal.map(row => row.seq);

  test.serial(name('a try that arrives after the next one has been made changes nothing'), async t => {
    const given = await place(t, await databases, 1_500);
    const { scene, proxy } = given;
    await scene.given(scene.start(1));
    const late = scene.batch(scene.part(scene.eid(1), 1, { update: { details: 'first' } }));
    proxy.mode = 'keep';
    await t.throwsAsync(scene.store.commit(late), { instanceOf: OutcomeUnknownError });
    t.true(proxy.isKeeping);
    proxy.mode = 'pass';
    t.deepEqual(await scene.store.commit(late), DONE);
    await scene.given(scene.part(scene.eid(1), 1, { update: { details: 'second' } }));
    proxy.release();
    // It has come to an end once nothing of it runs.
    for (;;) {
      const sessions = "SELECT 1 FROM pg_stat_activity WHERE datname = $1 AND application_name LIKE 'dfns %'";
      const active = await given.run(`${sessions} AND state <> 'idle'`, [given.database]);
      if (active.length === 0) break;
    }
    t.is((await scene.store.load([scene.eid(1)]))[0]?.run.details, 'second');
  });

  test.serial(
    name('what landed without a word is not done again, though its rows were folded and taken since'),
    async t => {
      const { scene, proxy, open } = await place(t, await databases, 1_500);
      await scene.given(scene.start(1), scene.start(2));
      const message = scene.message(2, 7, 1);
      const turns = new Uint8Array([1, 2]);
      const batch = scene.batch(scene.turn(1, 1, { sends: [message], snapshot: { from: 1, to: 2, turns } }));
      proxy.mode = 'mute';
      await t.throwsAsync(scene.store.commit(batch), { instanceOf: OutcomeUnknownError });
      proxy.mode = 'pass';
      const reader = await open();
      const inbox = async () => (await reader.load([scene.eid(2)]))[0]?.inbox.length;
      t.is(await inbox(), 1);
      await scene.given(scene.turn(2, 1, { takes: [message] }));
      t.deepEqual(await scene.store.commit(batch), DONE);
      t.is(await inbox(), 0);
      t.deepEqual((await reader.load([scene.eid(1)]))[0]?.journal, []);
    },
  );

  test.serial(
    name('a server that came back without a turn that was acknowledged is not written to behind it'),
    async t => {
      // As a standby that is promoted, or a backup.
      const own = await Databases.start(installation);
      t.teardown(() => own.stop());
      const given = await place(t, own, 5_000);
      const { scene } = given;
      await scene.given(scene.start(1));
      await scene.given(scene.turn(1, 1));
      await given.run('DELETE FROM dfns.journal WHERE seq = 2');
      await own.server.kill();
      await own.server.restart();
      const batch = scene.batch(scene.turn(1, 2));
      const verdicts = await scene.store.commit(batch).catch((error: unknown) => {
        if (!(error instanceof OutcomeUnknownError) && !(error instanceof StoreRefusedError)) throw error;
        return scene.store.commit(batch);
      });
      t.deepEqual(verdicts, [{ kind: 'conflict' }]);
      t.deepEqual(await journalOf(given), [1]);
    },
  );

  test.serial(name('an epoch that is raised while the commit waits for the shard fences it'), async t => {
    const given = await place(t, await databases, 10_000);
    const { scene } = given;
    const takeover = given.run(
      `BEGIN; UPDATE dfns.lane SET moves = moves + 1 WHERE incarnation = 'node-1';
       UPDATE dfns.shard SET epoch = epoch + 1, owner = 'other' WHERE shard = 0;
       DO $$ BEGIN
         WHILE NOT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'
           AND application_name = 'dfns node-1' AND datname = current_database()) LOOP
           PERFORM pg_sleep(0.005), pg_stat_clear_snapshot();
         END LOOP;
       END $$; COMMIT`,
    );
    const commit = async () => {
      // The takeover has the lane once its session waits in it.
      for (;;) {
        const [row] = await given.run(
          `SELECT 1 FROM pg_locks JOIN pg_database d ON d.oid = database AND d.datname = current_database()
           WHERE relation = 'dfns.shard'::regclass AND mode = 'RowExclusiveLock'`,
        );
        if (row) return scene.commit(scene.start(1));
      }
    };
    const [, verdicts] = await Promise.all([takeover, commit()]);
    t.deepEqual(verdicts, FENCED);
    t.deepEqual(await scene.store.load([scene.eid(1)]), [undefined]);
  });

  test.serial(name('an owner that stops in the middle of a commit does not hold up who takes its shard'), async t => {
    const given = await place(t, await databases, 10_000);
    const { scene, proxy } = given;
    await scene.given(scene.start(1));
    proxy.mode = 'withhold-end';
    const stopped = scene.commit(scene.turn(1, 1));
    stopped.catch(() => undefined);
    // Done but for its end: the owner's lane is locked.
    for (;;) {
      if ((await given.run(`${LANE} FOR UPDATE SKIP LOCKED`)).length === 0) break;
    }
    await given.databases.advance(given.database, LEASE_MS);
    const next = await Scene.join(await given.open(), 'next');
    t.is(next.epochs.get(0), (scene.epochs.get(0)! + 1) as Epoch);
    await t.throwsAsync(stopped, { instanceOf: OutcomeUnknownError });
    proxy.release();
    t.deepEqual(await journalOf(given), [1]);
    t.deepEqual(await scene.commit(scene.turn(1, 1)), FENCED);
  });

  test.serial(name('a lock that is not given up is a refusal, before the deadline, and nothing lands'), async t => {
    const given = await place(t, await databases, 2_000);
    const { scene } = given;
    await scene.given(scene.start(1));
    const batch = scene.batch(scene.turn(1, 1));
    const holder = given.run(`BEGIN; ${LANE} FOR UPDATE; SELECT pg_sleep(60)`);
    holder.catch(() => undefined);
    for (;;) {
      if ((await given.run(`${LANE} FOR UPDATE SKIP LOCKED`)).length === 0) break;
    }
    const refusal = await t.throwsAsync(scene.store.commit(batch), { instanceOf: StoreRefusedError });
    t.true(refusal.isOutage);
    t.deepEqual(await journalOf(given), [1]);
    await given.run(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)' AND pid <> pg_backend_pid()",
    );
    await t.throwsAsync(holder);
    t.deepEqual(await scene.store.commit(batch), DONE);
  });

  test.serial(
    name('a session that is ended in a commit leaves its outcome unknown, and the same batch lands once'),
    async t => {
      const given = await place(t, await databases, 10_000);
      const { scene } = given;
      await scene.given(scene.start(1));
      const batch = scene.batch(scene.turn(1, 1));
      const holder = given.run(
        `BEGIN; ${LANE} FOR UPDATE;
       DO $$ BEGIN
         WHILE NOT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'
           AND application_name = 'dfns node-1' AND datname = current_database()) LOOP
           PERFORM pg_sleep(0.005), pg_stat_clear_snapshot();
         END LOOP;
       END $$;
       SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
         WHERE application_name = 'dfns node-1' AND wait_event_type = 'Lock' AND datname = current_database();
       COMMIT`,
      );
      for (;;) {
        if ((await given.run(`${LANE} FOR UPDATE SKIP LOCKED`)).length === 0) break;
      }
      await t.throwsAsync(scene.store.commit(batch), { instanceOf: OutcomeUnknownError });
      await holder;
      t.deepEqual(await scene.store.commit(batch), DONE);
      t.deepEqual(await scene.store.commit(batch), DONE);
      t.deepEqual(await journalOf(given), [1, 2]);
    },
  );

  test.serial(name('sessions that are ended while nothing is asked are opened again'), async t => {
    const given = await place(t, await databases, 10_000);
    const { scene } = given;
    await scene.given(scene.start(1));
    for (let seq = 1; seq <= 3; seq++) {
      await given.run(
        'SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()',
        [given.database],
      );
      const batch = scene.batch(scene.turn(1, seq));
      const verdicts = await scene.store.commit(batch).catch((error: unknown) => {
        if (!(error instanceof OutcomeUnknownError)) throw error;
        return scene.store.commit(batch);
      });
      t.deepEqual(verdicts, DONE);
      const alive = await scene.store.renew(scene.incarnation).catch(() => scene.store.renew(scene.incarnation));
      t.true(alive.alive);
    }
  });

  test.serial(name('a server that takes everything in and answers nothing'), async t => {
    const given = await place(t, await databases, 1_000);
    const { scene, proxy } = given;
    await scene.given(scene.start(1));
    proxy.mode = 'keep';
    await t.throwsAsync(scene.commit(scene.turn(1, 1)), { instanceOf: OutcomeUnknownError });
    const unsent = await t.throwsAsync(scene.commit(scene.turn(1, 1)), { instanceOf: StoreRefusedError });
    t.true(unsent.isOutage, 'no new session opens, so that one was not sent');
    const read = await t.throwsAsync(scene.store.load([scene.eid(1)]), { instanceOf: StoreRefusedError });
    t.true(read.isOutage);
    await t.throwsAsync(scene.store.resync(ZERO, scene.epochs.get(0)!, scene.incarnation), {
      instanceOf: OutcomeUnknownError,
    });
  });

  test.serial(name('a server that is ended in mid-load and started again has all that was acknowledged'), async t => {
    const { server } = await databases;
    const given = await place(t, await databases, 10_000);
    const { scene } = given;
    await scene.given(scene.start(1));
    const from = scene.incarnation;
    let seq = 1;
    let kill: Promise<void> | undefined;
    while (seq < 60) {
      const batch = scene.batch(scene.turn(1, seq));
      for (;;) {
        try {
          t.deepEqual(await scene.store.commit(batch), DONE);
          break;
        } catch (error) {
          if (!(error instanceof OutcomeUnknownError || error instanceof StoreRefusedError)) throw error;
          await kill;
        }
      }
      seq++;
      if (seq === 20) kill = server.kill('SIGQUIT').then(() => server.restart());
    }
    await kill;
    t.deepEqual(
      await journalOf(given),
      Array.from({ length: 60 }, (_, i) => i + 1),
    );
    t.is(scene.incarnation, from);
  });

  test.serial(name('one of two nodes that use a key at once has it, and the other is told'), async t => {
    const given = await place(t, await databases, 10_000);
    const { scene } = given;
    await scene.store.release(scene.incarnation, [
      { shard: 1 as ShardId, epoch: scene.epochs.get(1)!, handOver: null },
    ]);
    const other = await Scene.join(await given.open(), 'other');
    for (let n = 1; n <= 20; n++) {
      const keyed = (each: Scene, shard: number) =>
        each.commit(
          each.start(
            n,
            { id: `${each.incarnation}-${n}`, shard: shard as ShardId },
            {
              idempotency: { namespace: 'default', key: `k${n}`, hash: 'h', eid: each.eid(n), expiresAt: 1e15 },
            },
          ),
        );
      const kinds = (await Promise.all([keyed(scene, 0), keyed(other, 1)])).map(([verdict]) => verdict?.kind);
      t.true(kinds.includes('done') && kinds.includes('duplicate'), kinds.join());
    }
  });

  test.serial(
    name('a commit is durable where the role asks for less, and refused where the server takes no writes'),
    async t => {
      const given = await place(t, await databases, 10_000);
      const { scene } = given;
      const places = Array.from(
        { length: 43 },
        (_, i) => ["'nobody'", '1', 'NULL', 'NULL', 'false', "'c'", '1000'][i] ?? 'NULL',
      );
      const client = given.run(
        `BEGIN; SET LOCAL synchronous_commit = off; SELECT dfns.commit_1(${places.join(', ')});
       CREATE TABLE seen AS SELECT current_setting('synchronous_commit') AS value; COMMIT`,
      );
      await client;
      t.deepEqual(await given.run('SELECT value FROM seen'), [{ value: 'on' }]);

      await given.run(`ALTER DATABASE ${given.database} SET default_transaction_read_only = on`);
      await given.run(
        'SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()',
        [given.database],
      );
      const batch = scene.batch(scene.start(1));
      const refusal = await t.throwsAsync(
        scene.store.commit(batch).catch((error: unknown) => {
          if (!(error instanceof OutcomeUnknownError)) throw error;
          return scene.store.commit(batch);
        }),
        { instanceOf: StoreRefusedError },
      );
      t.true(refusal.isOutage);
    },
  );
}

test('opening ends where a server accepts and never speaks', async t => {
  const silent = createServer(() => undefined).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  await t.throwsAsync(openPostgres(`postgres://u:p@127.0.0.1:${port}/d`, { deadlineMs: 300 }), { code: 'UNAVAILABLE' });
  silent.close();
});
