import type { Counted, ListedRun } from '@dfnsjs/actor-core/ports';
import type { ExecutionFilter, ListPage } from '@dfnsjs/actor-core/records';
import { LISTED_COLUMNS, type SqlValue, statusOf, unpackListed } from '../rows/run-row.ts';
import type { Row } from './connection.ts';
import { selectRuns } from './list-query.ts';
import type { Query } from './query.ts';

type Read = (query: Query) => Promise<Row[]>;

export async function listRuns(page: ListPage, read: Read): Promise<readonly ListedRun[]> {
  if (page.filter.status?.length === 0) return [];
  const rows = await read(selectRuns(LISTED_COLUMNS, page.filter, page));
  return rows.map(row => unpackListed(row as Record<string, SqlValue>));
}

export async function countRuns(filter: ExecutionFilter, cap: number, read: Read): Promise<Counted> {
  const byStatus = new Map<string, number>();
  const byWorkflow = new Map<string, number>();
  let count = 0;
  if (filter.status?.length === 0) return { count, byStatus, byWorkflow, capped: false };
  for (const row of await read(countQuery(filter, cap))) {
    if (row['beyond']) return { count, byStatus, byWorkflow, capped: true };
    const runs = Number(row['runs']);
    const status = statusOf(Number(row['status'])) ?? String(row['status']);
    const workflow = String(row['workflow']);
    byStatus.set(status, (byStatus.get(status) ?? 0) + runs);
    byWorkflow.set(workflow, (byWorkflow.get(workflow) ?? 0) + runs);
    count += runs;
  }
  return { count, byStatus, byWorkflow, capped: false };
}

/** One row above the cap says that there is more; it counts for nothing. */
function countQuery(filter: ExecutionFilter, cap: number): Query {
  const { sql, values } = selectRuns(['status', 'workflow'], filter);
  const place = `$${values.length + 1}::bigint`;
  return {
    sql: `SELECT status, workflow, n > ${place} AS beyond, count(*) AS runs
FROM (SELECT status, workflow, row_number() OVER () AS n FROM (${sql}) AS found LIMIT ${place} + 1) AS counted
GROUP BY 1, 2, 3 ORDER BY beyond`,
    values: [...values, cap],
  };
}
