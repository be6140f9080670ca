import type { Counted, ListedRun } from '@dfnsjs/actor-core/ports';
import type { AttributeValue, Eid, ExecutionFilter, ListPage, RunRow } from '@dfnsjs/actor-core/records';
import { isHeld } from './tables.ts';

export function listRuns(runs: Iterable<RunRow>, page: ListPage): readonly ListedRun[] {
  const sign = page.order === 'oldest' ? 1 : -1;
  const { after } = page;
  const all = [...runs];
  const isOfInterest = unlessFollowed(all, page.filter);
  return all
    .filter(
      row => matches(row, page.filter) && isOfInterest(row) && (after === undefined || (row.eid - after) * sign > 0),
    )
    .sort((a, b) => (a.eid - b.eid) * sign)
    .slice(0, page.limit)
    .map(({ input: _input, output: _output, carry: _carry, headers: _headers, ...listed }) => listed);
}

export function countRuns(runs: Iterable<RunRow>, filter: ExecutionFilter, cap: number): Counted {
  const byStatus = new Map<string, number>();
  const byWorkflow = new Map<string, number>();
  let count = 0;
  const all = [...runs];
  const isOfInterest = unlessFollowed(all, filter);
  for (const row of all) {
    if (!matches(row, filter) || !isOfInterest(row)) continue;
    if (count === cap) return { count, byStatus, byWorkflow, capped: true };
    count++;
    byStatus.set(row.status, (byStatus.get(row.status) ?? 0) + 1);
    byWorkflow.set(row.workflow, (byWorkflow.get(row.workflow) ?? 0) + 1);
  }
  return { count, byStatus, byWorkflow, capped: false };
}

function unlessFollowed(runs: readonly RunRow[], { newest }: ExecutionFilter): (row: RunRow) => boolean {
  if (!newest) return () => true;
  const latest = new Map<Eid, number>();
  for (const { first, startedAt } of runs) latest.set(first, Math.max(startedAt, latest.get(first) ?? startedAt));
  return ({ first, startedAt }) => startedAt === latest.get(first);
}

function matches(row: RunRow, filter: ExecutionFilter): boolean {
  return (
    row.namespace === filter.namespace &&
    (filter.workflow === undefined || row.workflow === filter.workflow) &&
    (filter.status === undefined || filter.status.includes(row.status)) &&
    (filter.held === undefined || isHeld(row) === filter.held) &&
    (filter.idPrefix === undefined || row.id.startsWith(filter.idPrefix)) &&
    (filter.startedAfter === undefined || row.startedAt > filter.startedAfter) &&
    (filter.startedBefore === undefined || row.startedAt < filter.startedBefore) &&
    [...(filter.attributes ?? [])].every(([name, value]) => sameValue(row.attributes?.get(name), value))
  );
}

function sameValue(stored: AttributeValue | undefined, wanted: AttributeValue): boolean {
  if (stored instanceof Date && wanted instanceof Date) return stored.getTime() === wanted.getTime();
  return stored === wanted;
}
