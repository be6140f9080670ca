import { join } from 'node:path';
import test from 'ava';
import type { Eid, ExecutionFilter } from '@dfnsjs/actor-core/records';
import { selectRuns } from './list-query.ts';
import { openDatabase } from './open-database.ts';
import { LISTED_COLUMNS } from '../rows/run-row.ts';
import { clock, scratchDirectory } from './scratch.test.support.ts';

const FILTERS: readonly Partial<ExecutionFilter>[] = [
  {},
  { newest: true },
  { newest: true, attributes: new Map([['k', 'v']]) },
  { workflow: 'order' },
  { status: ['running', 'failed'] },
  { workflow: 'order', status: ['failed'], idPrefix: 'a' },
  { attributes: new Map([['k', 'v']]), status: ['running'] },
  { held: false, startedAfter: clock() },
  { newest: true, startedAfter: 5, startedBefore: 9 },
];

test('every list is read in its order from an index, so that a page ends where it is full', t => {
  const database = openDatabase(join(scratchDirectory(t), 'store.db'));
  for (const filter of FILTERS) {
    for (const order of ['newest', 'oldest'] as const) {
      const query = selectRuns(
        LISTED_COLUMNS,
        { namespace: 'default', ...filter },
        { order, after: { startedAt: 7, eid: 5 as Eid } },
      );
      const plan = database
        .prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${query.sql} LIMIT 5`)
        .all(...query.values);
      const steps = plan.map(({ detail }) => detail).join('\n');
      t.notRegex(steps, /TEMP B-TREE|SCAN/, JSON.stringify(filter));
    }
  }
  database.close();
});
