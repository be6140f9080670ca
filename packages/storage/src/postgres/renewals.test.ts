import { spawnSync } from 'node:child_process';
import type { NodeReport, Renewal, Renewals, Store } from '@dfnsjs/actor-core/ports';
import type { Incarnation } from '@dfnsjs/actor-core/records';
import test, { type ExecutionContext } from 'ava';
import { LEASE_MS, Scene } from '../conformance/scene.ts';
import { Databases } from './databases.test.support.ts';
import { openPostgres } from './open.ts';

const CHILD = new URL(import.meta.url.replace(/test\.(\w+)$/, 'test.child.$1'));
const READY: NodeReport = { transport: true, state: 'ready', residents: 0, loopLagMs: 0 };

const databases = Databases.start();
test.after.always(async () => (await databases).stop());

interface Place {
  readonly store: Store;
  readonly incarnation: Incarnation;
  readonly renewals: Renewals;
  report: NodeReport;
  /** The next answer of which this is true. */
  answer(isIt: (renewal: Renewal) => boolean): Promise<Renewal>;
  /** Stands still until a child that moves the store's clock has ended. */
  standStill(role: 'kept' | 'lost'): number | null;
  run(sql: string, values?: readonly unknown[]): Promise<Record<string, unknown>[]>;
}

async function place(t: ExecutionContext, maxStallMs = 60_000): Promise<Place> {
  const { server } = await databases;
  const database = await (await databases).create();
  const url = server.url(database);
  const store = await openPostgres(url);
  const { incarnation } = await Scene.join(store);
  const waiting = new Set<(renewal: Renewal) => void>();
  let report = READY;
  const renewals = store.renewals!(incarnation, { everyMs: 20, maxStallMs, report: () => report });
  renewals.onAnswer(renewal => waiting.forEach(tell => tell(renewal)));
  t.teardown(() => store.close());
  return {
    store,
    incarnation,
    renewals,
    set report(next: NodeReport) {
      report = next;
    },
    answer: isIt =>
      new Promise(resolve => {
        waiting.add(function tell(renewal) {
          if (!isIt(renewal)) return;
          waiting.delete(tell);
          resolve(renewal);
        });
      }),
    standStill: role =>
      spawnSync(process.execPath, [...process.execArgv, CHILD.pathname, url, incarnation, `${LEASE_MS}`, role], {
        stdio: 'inherit',
      }).status,
    run: (sql, values) => server.run(database, sql, values),
  };
}

test('a main loop that stands still for three leases keeps its lease, and sees so before its next turn', async t => {
  const given = await place(t);
  const { renewals } = given;
  t.true((await given.answer(() => true)).answer.alive);
  const stoodFrom = renewals.now();
  t.is(given.standStill('kept'), 0);
  const last = renewals.last()!;
  t.true(last.answer.alive);
  t.true(last.sentAt > stoodFrom, 'it was asked while the loop stood still');
  t.true(last.sentAt <= renewals.now());
  const told = await given.answer(({ sentAt }) => sentAt >= last.sentAt);
  t.is(told.sentAt, last.sentAt, 'listeners hear of what was read without them');
  t.is((await given.store.members()).members.length, 1);
});

test('one that stands still for longer than it may loses it', async t => {
  const given = await place(t, 300);
  t.true((await given.answer(() => true)).answer.alive);
  t.is(given.standStill('lost'), 0);
  const lost = await given.answer(({ answer }) => !answer.alive);
  t.deepEqual(given.renewals.last(), lost);
  t.deepEqual((await given.store.members()).members, []);
});

test('what the node tells of itself comes with the renewals', async t => {
  const given = await place(t);
  const { version } = (await given.answer(() => true)).answer;
  given.report = { transport: false, state: 'leaving', residents: 12, loopLagMs: 3.5 };
  await given.answer(({ answer }) => answer.version > version);
  const [member] = (await given.store.members()).members;
  t.like(member, { transport: false, state: 'leaving', residents: 12, loopLagMs: 3.5 });
  t.is((await given.answer(() => true)).answer.owned, (await given.store.renew(given.incarnation)).owned);
});

test('a connection that breaks is made anew', async t => {
  const given = await place(t);
  for (let i = 0; i < 3; i++) {
    await given.answer(() => true);
    await given.run(
      // Other tests have nodes of this name in databases of their own.
      'SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = $1 AND datname = current_database() AND pid <> pg_backend_pid()',
      [`dfns ${given.incarnation}`],
    );
    const endedAt = given.renewals.now();
    t.true((await given.answer(({ sentAt }) => sentAt > endedAt)).answer.alive);
  }
});

test('a renewal that fails is told, and tried again', async t => {
  const given = await place(t);
  await given.answer(() => true);
  const failed = new Promise<void>(resolve => given.renewals.onFailure(resolve));
  await given.run('ALTER FUNCTION dfns.renew_1 RENAME TO renew_none');
  await failed;
  const failedAt = given.renewals.now();
  await given.run('ALTER FUNCTION dfns.renew_none RENAME TO renew_1');
  t.true((await given.answer(({ sentAt }) => sentAt > failedAt)).answer.alive);
});

for (const how of ['stop', 'close'] as const) {
  test(`after ${how} nothing of it runs`, async t => {
    const given = await place(t);
    await given.answer(() => true);
    await (how === 'stop' ? given.renewals.stop() : given.store.close());
    const { answers } = { answers: given.renewals.last() };
    // Whoever renews has a session.
    await given.store.close();
    for (;;) {
      const sessions = await given.run(
        'SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
      );
      if (sessions.length === 0) break;
    }
    t.deepEqual(given.renewals.last(), answers);
    await given.renewals.stop();
  });
}
