import type { Eid, ExecutionFilter, ShardId } from '@dfnsjs/actor-core/records';
import test from 'ava';
import { LISTED_COLUMNS } from '../rows/run-row.ts';
import { Databases } from './databases.test.support.ts';
import { CHAIN, CURRENT, LOAD } from './load.ts';
import { selectRuns } from './list-query.ts';
import { dueQuery, heldQuery, inboxQuery } from './scans.ts';

const RUNS = 20_000;
const FILTERS: readonly Partial<ExecutionFilter>[] = [
  {},
  { newest: true },
  { newest: true, attributes: new Map([['k', 'v7']]) },
  { workflow: 'order' },
  { status: ['running', 'failed'] },
  { workflow: 'order', status: ['failed'] },
  { workflow: 'order', status: ['failed'], idPrefix: 'run-77' },
  { idPrefix: 'run-1999' },
  { attributes: new Map([['k', 'v7']]), status: ['running'] },
  { held: true },
  { held: false, startedAfter: 5_000 },
  { newest: true, startedAfter: 5_000, startedBefore: 5_200 },
  { status: ['completed'], startedBefore: 1_000 },
  { newest: true, startedAfter: 100, startedBefore: 19_900 },
  { newest: true, startedAfter: 100, attributes: new Map([['k', 'v7']]) },
];

test('lists, scans and loads read what they show from an index, and no whole table', async t => {
  const databases = await Databases.start();
  t.teardown(() => databases.stop());
  const database = await databases.create();
  const run = (sql: string, values: readonly unknown[] = []) => databases.server.run(database, sql, values);
  await run(`INSERT INTO dfns.run (eid, first, namespace, id, run_id, workflow, version, build, shard, status, started_at, wake_at, held, seed, turns, bytes)
    SELECT n, n, 'default', 'run-' || n, 'r' || n, CASE n % 3 WHEN 0 THEN 'order' ELSE 'mail' END, 1, 'b', n % 16,
      CASE WHEN n % 50 = 0 THEN 0 WHEN n % 70 = 0 THEN 2 ELSE 1 END, n, CASE WHEN n % 50 = 0 THEN n END,
      CASE WHEN n % 5000 = 0 THEN '{}' END, 1, 1, 1 FROM generate_series(1, ${RUNS}) AS n`);
  await run(`INSERT INTO dfns.current SELECT namespace, id, eid FROM dfns.run`);
  await run(`INSERT INTO dfns.journal SELECT eid, 1, 'c', '\\x00' FROM dfns.run`);
  await run(`INSERT INTO dfns.inbox SELECT shard, eid, 1, 0, 1, '\\x00' FROM dfns.run`);
  await run(`INSERT INTO dfns.snapshot SELECT eid, 1, 1, 'c', '\\x00' FROM dfns.run`);
  await run(`INSERT INTO dfns.attribute SELECT eid, 'k', namespace, 0, 'v' || (eid % 500), started_at FROM dfns.run`);
  // As autovacuum leaves a table: what an index tells alone is not looked for in the table.
  await run('VACUUM ANALYZE');

  const explain = async (sql: string, values: readonly unknown[]) => {
    const plan = await run(`EXPLAIN (ANALYZE, TIMING OFF, SUMMARY OFF, BUFFERS OFF) ${sql}`, values);
    return plan.map(row => String(row['QUERY PLAN'])).join('\n');
  };
  for (const filter of FILTERS) {
    for (const order of ['newest', 'oldest'] as const) {
      for (const after of [undefined, { startedAt: RUNS / 2, eid: (RUNS / 2) as Eid }]) {
        const cut = { order, limit: 50, ...(after && { after }) };
        const query = selectRuns(LISTED_COLUMNS, { namespace: 'default', ...filter }, cut);
        const plan = await explain(query.sql, query.values);
        const title = `${JSON.stringify(filter)} ${order} ${after?.eid}\n${plan}`;
        t.notRegex(plan, /Seq Scan/, title);
        // A page of 50 looks at its rows, those of its neighbours in each status, and no more.
        for (const [, rows] of plan.matchAll(/actual rows=(\d+)/g)) t.true(Number(rows) <= 1_000, title);
      }
    }
  }
  const all = Array.from({ length: 16 }, (_, shard) => ({ shard: shard as ShardId }));
  for (const { sql, values } of [dueQuery(all, 1e9, 20), inboxQuery(all, 20), heldQuery(all, 20)]) {
    const plan = await explain(sql, values);
    t.notRegex(plan, /Seq Scan/, plan);
    // Of each shard it looks at as many rows as it may tell.
    for (const [, rows] of plan.matchAll(/actual rows=(\d+)/g)) t.true(Number(rows) <= 16 * 20, plan);
  }
  const reads: readonly (readonly [string, readonly unknown[]])[] = [
    [LOAD, [[5, 6]]],
    [CURRENT, ['default', 'run-5']],
    [CHAIN, [5]],
  ];
  for (const [sql, values] of reads) t.notRegex(await explain(sql, values), /Seq Scan/, sql);
});
