import type { Counted, ListedRun } from '@dfnsjs/actor-core/ports';
import {
  matchesFilter,
  type Eid,
  type ExecutionFilter,
  type ListPage,
  type ListPlace,
  type RunRow,
} from '@dfnsjs/actor-core/records';
import { isHeld } from './tables.ts';

export function listRuns(runs: Iterable<RunRow>, page: ListPage): readonly ListedRun[] {
  const sign = page.order === 'oldest' ? 1 : -1;
  const { after } = page;
  const all = [...runs];
  const isOfInterest = unlessFollowed(all, page.filter);
  return all
    .filter(
      row =>
        matchesFilter(page.filter, row, isHeld(row)) &&
        isOfInterest(row) &&
        (after === undefined || compare(row, after) * sign > 0),
    )
    .sort((a, b) => compare(a, b) * sign)
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
    if (!matchesFilter(filter, row, isHeld(row)) || !isOfInterest(row)) continue;
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

function compare(a: ListPlace, b: ListPlace): number {
  return a.startedAt - b.startedAt || a.eid - b.eid;
}
